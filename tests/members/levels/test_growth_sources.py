"""Growth from what members do: counted by kind, each so often at most, exact through merges, erasure and forgetting."""

from datetime import timedelta

import pytest

from members.actions import events, level_schemes, leveling, merges, persons
from members.models import Event, LevelStanding
from members.queries import schemes
from newretail.kernel.actions import settings
from tests import sights, world
from tests.members.levels import ladder
from tests.members.levels.ladder import heard, level

pytestmark = pytest.mark.usefixtures("noon")
SOURCES = {
    "share": {"growth": 10, "per_day": 2, "per_month": 5}, "sign_in": {"growth": 3, "per_day": 1},
    "review": {"growth": 40},
}  # fmt: skip


@pytest.fixture(autouse=True)
def scheme(noon):
    world.chain()
    ladder.steps()
    ladder.publish(growth={"per_yuan": 1, "events": SOURCES})
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)


def did(number, kind, day, member="V1", hour=9):
    """Something V1 did on a day of June, or whenever it says."""
    at = day if isinstance(day, str) else f"2026-06-{day:02}T{hour:02}:00:00+08:00"
    world.saw({"event_no": number, "kind": kind, "member_no": member, "happened_at": at})


def growth(number="V1"):
    heard()
    return LevelStanding.objects.get(member__member_no=number).growth


def test_events_count_by_their_kind_and_others_do_not():
    did("A", "review", 3)
    did("B", "sign_in", 3)
    did("C", "page_view", 3)
    assert growth() == 40 + 3


def test_no_more_than_so_many_a_day_and_a_month_count():
    for number in range(4):
        did(f"D1-{number}", "share", 1, hour=number + 1)  # two of four
    assert growth() == 20
    for day in (2, 3, 4):
        for number in range(2):
            did(f"D{day}-{number}", "share", day, hour=number + 1)  # two a day, five of eight in June
    assert growth() == 50
    did("MAY", "share", "2026-05-31T23:59:59+08:00")  # the month before has a limit of its own
    assert growth() == 60


def test_a_day_ends_at_the_brands_midnight():
    did("A", "sign_in", "2026-06-02T23:59:59+08:00")
    did("B", "sign_in", "2026-06-03T00:00:00+08:00")
    assert growth() == 6


def test_an_event_sent_twice_counts_once():
    for _ in range(2):
        did("A", "review", 3)
    assert growth() == 40
    assert Event.objects.count() == 1


def test_an_event_lifts_her_at_once():
    for number in range(3):
        did(f"R{number}", "review", 3)
    heard()
    assert level() == "S"


def test_who_are_one_person_share_the_limits_and_get_them_back_when_the_merge_is_undone():
    did("A", "share", 3, hour=1)
    did("B", "share", 3, hour=2)
    did("C", "share", 3, member="V2")
    did("D", "review", 3, member="V2")
    assert (growth("V1"), growth("V2")) == (20, 50)
    merge = merges.merge(member=world.member("V2"), into=world.member("V1"), reason="同一人", at=world.NOW)
    assert growth() == 20 + 40
    merges.undo(merge=merge, reason="弄错了", at=world.NOW)
    assert (growth("V1"), growth("V2")) == (20, 50)


def test_events_leave_the_window_with_their_day():
    did("A", "review", "2025-06-16T00:00:00+08:00")
    did("B", "review", "2025-06-15T23:59:59+08:00")
    assert growth() == 40
    leveling.assess_all(as_of=sights.TODAY + timedelta(days=1), at=world.NOW)
    assert growth() == 0


def test_what_still_counts_is_not_forgotten_and_the_rest_is():
    settings.put(key="event_days", value=30, at=world.NOW)
    did("COUNTS", "review", "2025-12-01T09:00:00+08:00")
    did("VIEW", "page_view", "2025-12-01T09:00:00+08:00")
    did("OLD", "review", "2025-06-15T23:59:59+08:00")
    before = growth()
    assert events.forget(at=world.NOW) == 2
    assert list(Event.objects.values_list("event_no", flat=True)) == ["COUNTS"]
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    assert (before, growth()) == (40, 40)


def test_what_a_version_to_come_will_count_is_kept_for_it():
    settings.put(key="event_days", value=30, at=world.NOW)
    did("VIEW", "page_view", "2025-12-01T09:00:00+08:00")
    terms = ladder.terms(growth={"events": {"page_view": {"growth": 1}}})
    later = level_schemes.keep(terms=terms, at=world.NOW)
    level_schemes.publish(scheme=later, starts_on=sights.TODAY + timedelta(days=9), at=world.NOW)
    assert events.forget(at=world.NOW) == 0


def test_an_erased_members_growth_is_what_is_left_of_her_books():
    did("A", "review", 3)
    world.buy(world.order("O", "7", "2026-06-10", member_no="V1"))
    assert growth() == 47
    persons.erase(member=world.member("V1"), reason="request", at=world.NOW)
    assert growth() == 7


def test_terms_name_each_kind_with_its_limits():
    read = schemes.read(ladder.terms(growth={"events": SOURCES})).growth.events
    assert [(each.kind, each.growth, each.per_day, each.per_month) for each in read] == [
        ("review", 40, None, None), ("share", 10, 2, 5), ("sign_in", 3, 1, None),
    ]  # fmt: skip
