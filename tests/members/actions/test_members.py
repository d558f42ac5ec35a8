"""Members come into the books: known by number, reached by phone, tagged, seated densely."""

import pytest

from members.models import Identity, Member, MemberTag, SeatCounter
from tests import world

pytestmark = pytest.mark.usefixtures("chain")


@pytest.fixture
def chain(brand):
    world.chain()


def phones():
    return dict(Identity.objects.order_by("value").values_list("value", "member__member_no"))


def test_an_empty_cell_keeps_what_is_there():
    outcome = world.people({"member_no": "V1", "name": "张三丰"}, {"member_no": "V2"})
    assert (outcome.updated, outcome.skipped) == (1, 1)
    member = Member.objects.get(member_no="V1")
    assert (member.name, member.name_pinyin, member.phone, member.home_store.code) == (
        "张三丰", "zhang san feng", "+8613800000001", "SH01",
    )  # fmt: skip


def test_a_member_who_changes_her_phone_gives_up_the_former_one():
    world.people({"member_no": "V1", "phone": "13900000009"})
    assert phones() == {"+8613800000002": "V2", "+8613900000009": "V1"}
    assert world.people({"member_no": "V9", "phone": "13800000001"}).created == 1


def test_a_phone_of_another_member_is_refused():
    outcome = world.people({"member_no": "V1", "phone": "13800000002"}, {"member_no": "V3", "phone": "13800000001"})
    assert world.reasons(outcome) == [(1, "phone", "phone_taken"), (2, "phone", "phone_taken")]
    assert phones() == {"+8613800000001": "V1", "+8613800000002": "V2"}


def test_a_phone_twice_among_new_members_names_the_first_line():
    outcome = world.people({"member_no": "V3", "phone": "13900000001"}, {"member_no": "V4", "phone": "139 0000 0001"})
    assert [(r.line, r.code, r.facts) for r in outcome.refusals] == [(2, "phone_twice", {"first_line": 1})]


def test_a_phone_of_a_refused_row_is_free_for_the_next():
    outcome = world.people(
        {"member_no": "V3", "phone": "13900000001", "store_code": "??"}, {"member_no": "V4", "phone": "13900000001"},
    )  # fmt: skip
    assert (world.reasons(outcome), outcome.created) == ([(1, "store_code", "unknown_store")], 1)


def test_tags_are_added_and_never_removed_and_long_ones_settle():
    long = "很" * 70
    world.people({"member_no": "V1", "tags": f"VIP；茶, {long}"})
    assert world.people({"member_no": "V1", "tags": f"茶;{long}"}).skipped == 1
    assert world.people({"member_no": "V1", "tags": "新"}).updated == 1
    assert MemberTag.objects.filter(member__member_no="V1").count() == 4


def test_seats_are_dense_whatever_was_refused():
    world.people({"member_no": "V3"}, {"member_no": "V4", "phone": "abc"}, {"member_no": "V5", "phone": "13800000001"})
    world.people({"member_no": "V6"}, {"member_no": "V1", "name": "改"})
    assert list(Member.objects.order_by("seat").values_list("seat", flat=True)) == [0, 1, 2, 3]
    assert SeatCounter.objects.get().next_seat == 4


def test_who_has_not_joined_yet_is_refused():
    outcome = world.people({"member_no": "V3", "joined_at": "2026-06-17T12:00:00"})
    assert world.reasons(outcome) == [(1, "joined_at", "in_future")]
