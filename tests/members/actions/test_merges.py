"""A merge is a pointer: both rows stay, both numbers lead to one person, and undoing it gives both back."""

import pytest
from django.utils import translation

from members.actions import merges
from members.actions.phones import NumberInNote
from members.models import Duplicate, Identity, Member, Merge, MergeUndone, Order
from members.queries import families, sides
from newretail.kernel import books
from newretail.kernel.models import JournalEntry
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")


def member(number="V1"):
    return Member.objects.get(member_no=number)


def merge(number="V2", into="V1", reason="同一人", **more):
    return merges.merge(member=member(number), into=member(into), reason=reason, at=world.NOW, **more)


def undo(row, reason="不是同一人", **more):
    return merges.undo(merge=row, reason=reason, at=world.NOW, **more)


def holdings():
    return {m.member_no: sides.digest([m.pk]) for m in Member.objects.all()}


def pointers():
    return {
        m.member_no: m.merged_into and m.merged_into.member_no for m in Member.objects.select_related("merged_into")
    }


def third(number="V3"):
    world.people({"member_no": number, "name": "王五", "joined_at": "2026-02-01"})
    return member(number)


def test_a_merge_moves_nothing_but_the_pointer_and_says_who_when_and_why():
    hq, before = sights.person("hq"), holdings()
    row = merge(by=hq)
    assert pointers() == {"V1": None, "V2": "V1"}
    assert holdings() == before
    assert (row.member, row.into, row.by, row.reason, row.merged_at) == (
        member("V2"),
        member(),
        hq,
        "同一人",
        world.NOW,
    )
    line = JournalEntry.objects.get(name="members.member.merged")
    assert (line.subject, line.facts["member_no"], line.facts["into_no"]) == (f"member:{member().pk}", "V2", "V1")
    assert "同一人" not in str(line.facts)
    assert books.verify() == []


def test_old_numbers_and_identities_keep_leading_to_the_person():
    merge()
    assert families.numbered("V2") == families.numbered("V1") == member("V1")
    assert families.identified("phone", "+8613800000002") == member("V1")
    assert families.ids_of(member("V2")) == families.ids_of(member("V1")) == [member("V1").pk, member("V2").pk]
    assert families.roots_of([member("V2").pk]) == {member("V2").pk: member("V1").pk}
    assert families.numbered("V404") is families.identified("phone", "+8613899999999") is None


def test_an_order_by_an_old_number_or_phone_is_hers_and_keeps_the_row_it_came_by():
    merge()
    world.buy(
        world.order("N1", 5, "2026-06-14", member_no="V2"), world.order("N2", 7, "2026-06-14", phone="13800000002")
    )
    assert set(Order.objects.filter(order_no__in=("N1", "N2")).values_list("member__member_no", flat=True)) == {"V2"}
    assert Identity.objects.filter(member=member("V2")).count() == 1


@pytest.mark.parametrize(
    ("number", "into", "reason", "refusal"),
    [("V2", "V1", " ", merges.WhyMissing), ("V2", "V1", "x" * 201, merges.WhyMissing),
     ("V2", "V1", "本人 138 0000 0001", NumberInNote), ("V1", "V1", "一人", merges.Herself)],
)  # fmt: skip
def test_a_merge_that_is_refused_changes_nothing(number, into, reason, refusal):
    with pytest.raises(refusal):
        merge(number, into, reason)
    assert pointers() == {"V1": None, "V2": None}
    assert not Merge.objects.exists()
    assert not JournalEntry.objects.filter(name="members.member.merged").exists()


def test_who_is_merged_already_is_not_merged_again_nor_merged_into():
    third()
    merge()
    for number, into in (("V2", "V3"), ("V3", "V2"), ("V2", "V1"), ("V1", "V2")):
        with pytest.raises(merges.MergedAlready) as refused:
            merge(number, into)
        assert "V1" in str(refused.value)
    assert pointers() == {"V1": None, "V2": "V1", "V3": None}
    assert Merge.objects.count() == 1


def test_whoever_was_merged_into_her_follows_and_pointers_stay_one_step_long():
    third()
    merge("V2", "V1")
    merge("V1", "V3")
    assert pointers() == {"V1": "V3", "V2": "V3", "V3": None}
    assert books.verify() == []


def test_undoing_gives_both_back_exactly_once():
    before, hq = holdings(), sights.person("hq")
    row = merge()
    undone = undo(row, by=hq)
    assert pointers() == {"V1": None, "V2": None}
    assert holdings() == before
    assert (undone.member_digest, undone.into_digest) == (row.member_digest, row.into_digest)
    assert (undone.by, undone.reason) == (hq, "不是同一人")
    with pytest.raises(merges.UndoneAlready):
        undo(row)
    assert MergeUndone.objects.count() == 1
    assert books.verify() == []


def test_undoing_needs_a_reason():
    row = merge()
    with pytest.raises(merges.WhyMissing):
        undo(row, reason="")
    assert pointers() == {"V1": None, "V2": "V1"}


def test_what_came_since_falls_to_the_side_whose_number_brought_it():
    apart = holdings()
    row = merge()
    world.buy(world.order("N1", 5, "2026-06-14", member_no="V2"))
    undo(row)
    assert member("V2").orders.filter(order_no="N1").exists()
    assert holdings()["V1"] == apart["V1"]
    assert holdings()["V2"] != apart["V2"]


@pytest.mark.parametrize("first", [0, 1])
def test_merges_of_a_family_are_undone_in_any_order(first):
    third()
    rows = [merge("V2", "V1"), merge("V1", "V3")]
    undo(rows[first])
    assert pointers() == ({"V1": "V3", "V2": None, "V3": None} if first == 0 else {"V1": None, "V2": "V1", "V3": None})
    assert books.verify() == []
    undo(rows[1 - first])
    assert set(pointers().values()) == {None}
    assert books.verify() == []


def test_a_pair_that_was_undone_is_known_to_be_two_persons():
    undo(merge())
    pair = Duplicate.objects.get()
    assert (pair.state, {pair.low, pair.high}) == ("dismissed", {member("V1"), member("V2")})


@pytest.mark.parametrize(("owing", "named"), [("V1", "V1"), ("V2", "V2")])
def test_a_merge_is_not_undone_while_a_side_would_fall_below_zero(monkeypatch, owing, named):
    row, who = merge(), member(owing).pk
    monkeypatch.setitem(sides.SHORT, "points", lambda ids: 40 if who in ids else 0)
    with pytest.raises(merges.WouldFallBelowZero) as refused:
        undo(row)
    assert refused.value.facts == {"member_no": named, "what": "points", "lacks": 40}
    with translation.override("zh-hans"):
        assert f"会员 {named} 的积分将不足 40" in str(refused.value)
    assert pointers() == {"V1": None, "V2": "V1"}
    assert not MergeUndone.objects.exists()
    monkeypatch.setitem(sides.SHORT, "points", lambda ids: 0)  # adjusted, with a reason
    undo(row)
    assert set(pointers().values()) == {None}
