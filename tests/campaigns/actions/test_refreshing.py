"""Segments follow what changes: at midnight everybody, between times whoever changed, each coming and going told."""

from datetime import timedelta

import pytest

from campaigns.actions import refreshing, segments
from campaigns.models import ChangedMember, Segment, SegmentMove
from campaigns.queries import segments as questions
from members.actions import merges, persons
from newretail.kernel import books
from newretail.kernel.actions import relay
from newretail.kernel.models import JournalEntry
from tests import sights, world
from tests.campaigns import casting
from tests.campaigns.casting import CLOCKED, OFTEN, SHANGHAI

pytestmark = pytest.mark.usefixtures("noon")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def trade(noon):
    sights.trade()
    relay.drain(at=world.NOW)


def moves(code="often"):
    rows = SegmentMove.objects.filter(segment__code=code).order_by("id")
    return list(rows.values_list("member__member_no", "kind"))


def test_everybody_is_judged_and_judged_again_nothing_moves():
    segment = casting.kept(OFTEN)
    assert casting.whom() == ["V1"]
    assert (segment.members, segment.due) == (1, False)
    assert refreshing.refresh(version=questions.newest(segment), at=world.NOW) == refreshing.Moved()
    assert moves() == [("V1", "entered")]
    assert JournalEntry.objects.filter(name="campaigns.segment.moved").count() == 1


def test_an_order_of_today_brings_her_in_at_the_next_beat():
    casting.kept(OFTEN)
    casting.beat()
    world.buy(world.order("N1", "9.00", "2026-06-15T11:00:00", member_no="V2", store_code="GZ01"))
    assert casting.whom() == ["V1"]
    assert casting.beat() == 1
    assert casting.whom() == ["V1", "V2"]
    assert Segment.objects.get().members == 2
    assert moves() == [("V1", "entered"), ("V2", "entered")]
    assert not ChangedMember.objects.exists()


def test_a_refund_lets_her_go_again():
    casting.kept(OFTEN)
    casting.beat()
    for number, order in enumerate(("A1", "A2", "B1", "B2")):
        rest = {"A1": "100", "A2": "30", "B1": "80", "B2": "40"}[order]
        world.refund(
            {"refund_no": f"X{number}", "order_no": order, "amount": rest, "refunded_at": "2026-06-15T09:00:00"}
        )
    casting.beat()
    assert casting.whom() == []
    assert moves() == [("V1", "entered"), ("V1", "left")]


def test_midnight_moves_those_whose_time_has_run_out():
    casting.kept(CLOCKED)
    assert casting.whom() == ["V1"]
    later = world.NOW + DAY
    assert refreshing.refresh(version=questions.newest(Segment.objects.get()), at=later) == refreshing.Moved(0, 1)


def test_a_merged_person_stands_once_and_an_erased_one_nowhere():
    casting.kept(OFTEN)
    casting.beat()
    merges.merge(member=world.member("V1"), into=world.member("V2"), reason="一人", at=world.NOW)
    casting.beat()
    assert casting.whom() == ["V2"]
    persons.erase(member=world.member("V2"), reason="request", at=world.NOW)
    casting.beat()
    assert casting.whom() == []
    assert books.verify() == []


def test_a_segment_of_a_segment_follows_it_in_one_beat():
    casting.kept(OFTEN, "a")
    casting.kept({"all": [SHANGHAI, {"none": [{"field": "segment", "op": "any_of", "value": ["a"]}]}]}, "b")
    assert casting.whom("b") == []
    world.people({"member_no": "V3", "store_code": "SH01"})
    casting.beat()
    assert casting.whom("b") == ["V3"]
    world.buy(*(world.order(f"N{n}", "9.00", "2026-06-15T11:00:00", member_no="V3", store_code="SH01") for n in "12"))
    casting.beat()
    assert (casting.whom("a"), casting.whom("b")) == (["V1", "V3"], [])


def test_an_ended_segment_stays_as_it_was():
    segment = casting.kept(OFTEN)
    segments.end(segment=segment, at=world.NOW)
    world.buy(world.order("N1", "9.00", "2026-06-15T11:00:00", member_no="V2", store_code="GZ01"))
    casting.beat()
    assert casting.whom() == ["V1"]


def test_where_too_many_wait_everybody_is_to_be_judged(monkeypatch):
    casting.kept(OFTEN)
    monkeypatch.setattr(refreshing, "MANY", 0)
    world.buy(world.order("N1", "9.00", "2026-06-15T11:00:00", member_no="V2", store_code="GZ01"))
    casting.beat()
    assert Segment.objects.get().due
    assert not ChangedMember.objects.exists()


@pytest.mark.books_may_break
def test_without_the_second_judgement_of_the_changed_she_would_stay_out(monkeypatch):
    casting.kept(OFTEN)
    monkeypatch.setattr(refreshing, "ROOTS", "SELECT NULL::bigint AS member_id WHERE false")
    world.buy(world.order("N1", "9.00", "2026-06-15T11:00:00", member_no="V2", store_code="GZ01"))
    casting.beat()
    assert casting.whom() == []
