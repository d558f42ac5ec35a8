"""Levels are earned: up at once, down after the grace, taken back by refunds, proven from the books."""

from datetime import date, timedelta

import pytest

from members.actions import level_schemes, leveling, merges
from members.actions.level_schemes import (
    AlreadyPublished,
    AnotherAdjustment,
    BadAdjustment,
    SchemeChanged,
    StartsInPast,
)
from members.models import GrowthAdjustment, LevelMove, LevelScheme, LevelStanding, Member, SchemeStart
from newretail.kernel import books
from newretail.kernel.actions import jobs
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from tests import sights, world
from tests.members.levels import ladder
from tests.members.levels.ladder import heard, level

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    ladder.steps()


def buy(number, amount, paid_at="2026-06-15T10:00:00", member="V1"):
    world.buy(world.order(number, amount, paid_at, member_no=member))


def assess(day=sights.TODAY):
    return leveling.assess_all(as_of=day, at=world.NOW)


def moves(number="V1"):
    found = LevelMove.objects.filter(member__member_no=number).order_by("id")
    return [(move.from_level and move.from_level.code, move.to_level.code, move.reason) for move in found]


def test_everybody_has_a_level_after_the_first_night():
    buy("A", "120")
    ladder.publish()
    assert assess() == leveling.Assessed(changed=2, up=2, down=0)
    assert (level("V1"), level("V2")) == ("S", "C")
    assert moves() == [(None, "S", "first")]


def test_an_order_lifts_her_at_once():
    ladder.publish()
    assess()
    buy("A", "300")
    heard()
    assert moves() == [(None, "C", "first"), ("C", "G", "reached")]


@pytest.mark.parametrize(
    ("amount", "reached"), [("99.99", "C"), ("100", "S"), ("299.99", "S"), ("300", "G"), ("1000", "B")]
)
def test_a_level_begins_exactly_at_its_growth(amount, reached):
    ladder.publish()
    buy("A", amount)
    heard()
    assert level() == reached


def test_a_refund_takes_growth_back_and_the_level_goes_when_the_grace_has_ended():
    ladder.publish()
    buy("A", "300")
    heard()
    world.refund({"order_no": "A", "refund_no": "R", "amount": "201", "refunded_at": "2026-06-15"})
    heard()
    stands = LevelStanding.objects.get(member__member_no="V1")
    assert (stands.growth, stands.grace_until, level()) == (99, sights.TODAY + timedelta(days=30), "G")
    assert assess(sights.TODAY + timedelta(days=29)).down == 0
    assert level() == "G"
    assert assess(sights.TODAY + timedelta(days=30)).down == 1
    assert moves()[-1] == ("G", "C", "grace_ended")


def test_who_reaches_her_level_again_within_the_grace_keeps_it():
    ladder.publish()
    buy("A", "300")
    heard()
    world.refund({"order_no": "A", "refund_no": "R", "amount": "201", "refunded_at": "2026-06-15"})
    heard()
    buy("B", "201")
    heard()
    assert LevelStanding.objects.get(member__member_no="V1").grace_until is None
    assert assess(sights.TODAY + timedelta(days=60)).down == 0
    assert level() == "G"


def test_the_window_ends_with_the_day_and_begins_a_year_before():
    ladder.publish()
    buy("IN", "100", "2025-06-16T00:00:00")
    buy("OUT", "900", "2025-06-15T23:59:59")
    buy("LAST", "200", "2026-06-15T11:00:00")
    assess()
    assert LevelStanding.objects.get(member__member_no="V1").growth == 300
    assess(sights.TODAY + timedelta(days=1))
    assert LevelStanding.objects.get(member__member_no="V1").growth == 200


def test_growth_comes_from_orders_joining_and_hands():
    ladder.publish(growth={"per_yuan": 2, "per_order": 10, "joining": 5})
    buy("A", "20.70", member="V2")
    level_schemes.adjust(
        member=Member.objects.get(member_no="V2"), growth=7, reason="补偿", key="k1", at=world.NOW, by=None
    )
    heard()
    assert LevelStanding.objects.get(member__member_no="V2").growth == 41 + 10 + 5 + 7


def test_growth_never_falls_below_nothing():
    ladder.publish()
    level_schemes.adjust(member=Member.objects.get(member_no="V1"), growth=-7, reason="更正", key="k", at=world.NOW)
    heard()
    assert LevelStanding.objects.get(member__member_no="V1").growth == 0


def test_a_merged_person_grows_by_all_her_rows():
    ladder.publish()
    buy("A", "200")
    buy("B", "100", member="V2")
    merges.merge(
        member=Member.objects.get(member_no="V2"),
        into=Member.objects.get(member_no="V1"),
        reason="同一人",
        at=world.NOW,
    )
    heard()
    assert level() == "G"


def test_without_a_published_scheme_nobody_moves():
    level_schemes.keep(terms=ladder.terms(), at=world.NOW)
    buy("A", "300")
    heard()
    assert assess() == leveling.Assessed()
    assert not LevelMove.objects.exists()


def test_the_job_of_the_night_twice_is_once():
    ladder.publish()
    buy("A", "300")
    runs = [jobs.enter(name="assess_levels", as_of=sights.TODAY, at=world.NOW) for _ in range(2)]
    first, second = [jobs.perform(run=run).counts for run in runs]
    assert (first["scheme"], second) == (1, {"scheme": 1, "changed": 0, "up": 0, "down": 0})
    assert LevelMove.objects.count() == 2


def test_a_past_day_is_told_and_writes_nothing():
    scheme = level_schemes.keep(terms=ladder.terms(), at=world.NOW)
    level_schemes.publish(scheme=scheme, starts_on=sights.TODAY, at=world.NOW)
    heard()
    before = LevelMove.objects.count()
    run = jobs.enter(name="assess_levels", as_of=date(2026, 6, 1), at=world.NOW)
    assert jobs.perform(run=run).counts == {"scheme": 0}
    assert LevelMove.objects.count() == before


def test_a_version_counts_from_its_day_on_and_never_changes():
    first = ladder.publish()
    second = level_schemes.keep(terms=ladder.terms(grace_days=0), at=world.NOW)
    level_schemes.publish(scheme=second, starts_on=sights.TODAY + timedelta(days=1), at=world.NOW)
    assert assess().changed == 2
    assert set(LevelStanding.objects.values_list("scheme", flat=True)) == {first.pk}
    with pytest.raises(AlreadyPublished):
        level_schemes.publish(scheme=first, starts_on=sights.TODAY, at=world.NOW)
    third = level_schemes.keep(terms=ladder.terms(grace_days=5), at=world.NOW)
    with pytest.raises(StartsInPast):
        level_schemes.publish(scheme=third, starts_on=sights.TODAY - timedelta(days=1), at=world.NOW)
    assert SchemeStart.objects.count() == 2


def test_the_same_terms_are_no_new_version_and_two_who_keep_at_once_do_not_overwrite():
    assert [level_schemes.keep(terms=ladder.terms(), at=world.NOW, seen=seen).version for seen in (0, 1)] == [1, 1]
    with pytest.raises(SchemeChanged):
        level_schemes.keep(terms=ladder.terms(grace_days=1), at=world.NOW, seen=0)
    assert LevelScheme.objects.count() == 1


@pytest.mark.parametrize(("growth", "reason"), [(0, "x"), (10**8, "x"), (1, " "), (1, "x" * 201)])
def test_an_adjustment_says_something(growth, reason):
    with pytest.raises(BadAdjustment):
        level_schemes.adjust(member=Member.objects.first(), growth=growth, reason=reason, key="k", at=world.NOW)
    assert not GrowthAdjustment.objects.exists()


def test_an_adjustment_counts_once_by_its_key():
    given = {"member": Member.objects.first(), "reason": "x", "key": "k", "at": world.NOW}
    assert level_schemes.adjust(growth=5, **given) == level_schemes.adjust(growth=5, **given)
    with pytest.raises(AnotherAdjustment):
        level_schemes.adjust(growth=6, **given)
    assert JournalEntry.objects.filter(name="members.growth.adjusted").count() == 1


@pytest.mark.books_may_break
def test_growth_that_the_books_do_not_say_is_found():
    ladder.publish()
    buy("A", "300")
    heard()
    assess()
    with writing("tests"):
        LevelStanding.objects.filter(member__member_no="V1").update(growth=301)
        Member.objects.filter(member_no="V2").update(level=None)
    assert [finding.law for finding in books.verify()] == [
        "growth is what the orders, events and adjustments of its window say",
        "a member stands on the level to which her last move led",
    ]
