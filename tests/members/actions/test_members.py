"""Members come into the books: known by number, reached by phone, tagged, seated densely."""

import pytest

from members.models import Claim, Duplicate, Identity, Member, MemberTag, SeatCounter
from newretail.kernel import books
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


def claims():
    return {(c.member.member_no, c.kind, c.value, c.state) for c in Claim.objects.select_related("member")}


def test_a_phone_of_another_member_is_a_pending_claim_and_the_rest_of_the_row_goes_in():
    rows = {"member_no": "V1", "phone": "13800000002"}, {"member_no": "V3", "phone": "13800000001", "name": "王五"}
    outcome = world.people(*rows)
    assert (outcome.refusals, outcome.created) == ([], 1)
    assert phones() == {"+8613800000001": "V1", "+8613800000002": "V2"}
    assert (world.member("V3").name, world.member("V3").phone, world.member("V1").phone) == (
        "王五",
        "",
        "+8613800000001",
    )
    expected = {("V1", "phone", "+8613800000002", "pending"), ("V3", "phone", "+8613800000001", "pending")}
    assert claims() == expected
    assert Duplicate.objects.filter(rule="phone", state="open").count() == 2
    assert world.people(*rows).skipped == 2
    assert claims() == expected
    assert books.verify() == []


def test_other_identities_of_a_file_lead_to_their_member_or_are_claimed():
    world.people({"member_no": "V1", "card_no": " ｖ８８８ ", "openid": "oAbc"}, {"member_no": "V2", "card_no": "V888"})
    assert set(Identity.objects.exclude(kind="phone").values_list("kind", "value", "member__member_no")) == {
        ("card", "V888", "V1"), ("openid", "oAbc", "V1"),
    }  # fmt: skip
    assert claims() == {("V2", "card", "V888", "pending")}
    assert Duplicate.objects.get().rule == "identity"
    assert world.people({"member_no": "V1", "card_no": "v888", "openid": "oAbc"}).skipped == 1


def test_a_phone_twice_among_new_members_is_the_first_lines_and_claimed_by_the_next():
    outcome = world.people({"member_no": "V3", "phone": "13900000001"}, {"member_no": "V4", "phone": "139 0000 0001"})
    assert (outcome.created, outcome.refusals) == (2, [])
    assert phones()["+8613900000001"] == "V3"
    assert claims() == {("V4", "phone", "+8613900000001", "pending")}


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
    world.people({"member_no": "V3"}, {"member_no": "V4", "phone": "abc"}, {"member_no": "V5", "store_code": "??"})
    world.people({"member_no": "V6"}, {"member_no": "V1", "name": "改"})
    assert list(Member.objects.order_by("seat").values_list("seat", flat=True)) == [0, 1, 2, 3]
    assert SeatCounter.objects.get().next_seat == 4


def test_who_has_not_joined_yet_is_refused():
    outcome = world.people({"member_no": "V3", "joined_at": "2026-06-17T12:00:00"})
    assert world.reasons(outcome) == [(1, "joined_at", "in_future")]
