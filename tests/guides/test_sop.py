"""The SOP is counted from what happened: on time, late, not at all, still time; by the guide who served her then."""

from datetime import timedelta

import pytest

from guides.actions import tasks
from guides.queries import sop
from guides.queries.sop import Kept
from members.actions import merges
from stores.models import Store
from tests import serving, world
from tests.members import consenting

DAY = timedelta(days=1)
NOW = world.NOW


@pytest.fixture(autouse=True)
def _shops(noon):
    world.chain()
    world.staff(*serving.SHOP)
    consenting.texts()
    rows = [consenting.row(member, channel="wecom", purpose="care") for member in ("V1", "V2")]
    consenting.say(*rows)


def touch(member_no, staff_no, at, source):
    """Let a guide do a task of hers at a time."""
    task = serving.give(member_no, staff_no, source, at=at - timedelta(minutes=1))
    serving.complete(task, at=at)


def kept(staff_no="G1", **more):
    found = sop.kept(first=NOW - 10 * DAY, until=NOW, at=NOW, posts=[serving.post(staff_no).pk], **more)
    return {each.step: each for each in found.get(serving.post(staff_no).pk, [])}


def test_who_is_greeted_within_a_day_is_greeted_on_time():
    serving.bind("V1", "G1", at=NOW - 5 * DAY)
    touch("V1", "G1", NOW - 4 * DAY, "tests:1")
    assert kept()["greeted"] == Kept("greeted", on_time=1)
    assert kept()["in_touch"] == Kept("in_touch", on_time=1)


def test_who_is_greeted_later_counts_as_late_who_is_not_as_missed():
    serving.bind("V1", "G1", at=NOW - 5 * DAY)
    serving.bind("V2", "G1", at=NOW - 3 * DAY)
    touch("V1", "G1", NOW - 4 * DAY + timedelta(seconds=1), "tests:1")
    assert kept()["greeted"] == Kept("greeted", late=1, missed=1)
    assert kept()["greeted"].share == 0


def test_there_is_time_for_a_day():
    serving.bind("V1", "G1", at=NOW - timedelta(hours=3))
    assert kept()["greeted"] == Kept("greeted", waiting=1)
    assert kept()["greeted"].share is None
    assert kept()["in_touch"] == Kept("in_touch", waiting=1)


def test_a_purchase_of_hers_is_followed_within_a_day_one_a_day_counts():
    serving.bind("V1", "G1", at=NOW - 20 * DAY)
    world.buy(
        world.order("A1", "50.00", "2026-06-11T10:00:00", member_no="V1", store_code="SH01"),
        world.order("A2", "50.00", "2026-06-11T11:00:00", member_no="V1", store_code="SH01"),
        world.order("A3", "50.00", "2026-06-13T10:00:00", member_no="V1", store_code="SH01"),
        world.order("A4", "50.00", "2026-06-13T10:00:00", member_no="V2", store_code="SH01"),
    )
    touch("V1", "G1", NOW - 4 * DAY + timedelta(hours=20), "tests:1")
    assert kept()["reminded"] == Kept("reminded", on_time=1, missed=1)
    assert kept()["greeted"].due == 0


def test_what_was_taken_back_never_happened_and_a_machine_greets_for_nobody():
    serving.bind("V1", "G1", at=NOW - 5 * DAY)
    task = serving.give("V1", "G1", at=NOW - 5 * DAY)
    serving.complete(task, at=NOW - 5 * DAY)
    tasks.undo(
        task=task.ref, within=[task.post_id], at=NOW - 5 * DAY + timedelta(seconds=5), by=serving.guide("G1")
    )  # fmt: skip
    assert kept()["greeted"] == Kept("greeted", missed=1)


def test_a_store_is_counted_in_one_statement_whoever_serves_there(django_assert_num_queries):
    serving.bind("V1", "G1", at=NOW - 5 * DAY)
    serving.bind("V2", "G2", at=NOW - 5 * DAY)
    touch("V2", "G2", NOW - 5 * DAY + timedelta(hours=1), "tests:1")
    store = Store.objects.get(code="SH01")
    with django_assert_num_queries(1):
        found = sop.kept(first=NOW - 10 * DAY, until=NOW, at=NOW, stores=[store.pk])
    assert sop.together(found.values())[0] == Kept("greeted", on_time=1, missed=1)


def test_a_purchase_of_a_row_merged_into_her_asks_her_guide_and_no_other():
    world.people({"member_no": "V8", "store_code": "SH01"})
    serving.bind("V1", "G1", at=NOW - 9 * DAY)
    serving.bind("V8", "G2", at=NOW - 9 * DAY)
    world.buy(world.order("M1", "30.00", (NOW - 3 * DAY).isoformat(), member_no="V8", store_code="SH01"))
    assert (kept()["reminded"].missed, kept("G2")["reminded"].missed) == (0, 1)
    merges.merge(member=world.member("V8"), into=world.member("V1"), reason="一人", at=NOW)
    assert (kept()["reminded"].missed, kept("G2")["reminded"].missed) == (1, 0)
