"""Pairs who may be one person are found, told apart for good, and merged by themselves where the brand trusts the rule."""

import pytest

from members.actions import claims, duplicates, merges
from members.models import Duplicate, Merge
from newretail.kernel import books
from newretail.kernel.actions import settings
from newretail.kernel.models import JournalEntry
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")


def find():
    return duplicates.find(at=world.NOW)


def born(*rows):
    world.people(*({"member_no": no, "name": name, "birthday": day} for no, name, day in rows))


def pairs(state="open"):
    found = Duplicate.objects.filter(state=state).select_related("low", "high")
    return {(pair.low.member_no, pair.high.member_no, pair.rule) for pair in found}


def claimed(number="V2", phone="13800000001"):
    claims.state(member=world.member(number), kind="phone", value=phone, source="crm", at=world.NOW)


def test_who_was_born_on_one_day_and_is_called_alike_may_be_one_person():
    born(("B1", "李娜", "1990-01-31"), ("B2", "李那", "1990-01-31"), ("B3", "李娜", "1990-01-30"), ("B4", "李娜", "01-31"),
         ("B5", "王娜", "1990-01-31"))  # fmt: skip
    assert (find(), pairs()) == (1, {("B1", "B2", "name_birthday")})
    assert find() == 0
    assert JournalEntry.objects.get(name="members.duplicate.found").facts == {"pairs": 1}


def test_who_claims_the_phone_of_another_may_be_she():
    claimed()
    assert pairs() == {("V1", "V2", "phone")}
    assert find() == 0


def test_a_pair_that_somebody_told_apart_is_never_proposed_again():
    born(("B1", "李娜", "1990-01-31"), ("B2", "李娜", "1990-01-31"))
    find()
    pair, hq = Duplicate.objects.get(), sights.person("hq")
    duplicates.dismiss(duplicate=pair, at=world.NOW, by=hq)
    assert (find(), pairs("dismissed"), Duplicate.objects.get().settled_by) == (0, {("B1", "B2", "name_birthday")}, hq)
    with pytest.raises(duplicates.DecidedAlready):
        duplicates.dismiss(duplicate=pair, at=world.NOW)
    assert JournalEntry.objects.filter(name="members.duplicate.dismissed").count() == 1


def test_a_merge_settles_its_pair():
    claimed()
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", rule="phone", at=world.NOW)
    assert (pairs(), pairs("merged")) == (set(), {("V1", "V2", "phone")})
    assert books.verify() == []


@pytest.mark.parametrize(("trusts", "merged"), [("never", 0), ("phone", 1), ("identity", 2)])
def test_the_brand_says_which_pairs_are_merged_without_asking(trusts, merged):
    settings.put(key="merge_by_itself", value=trusts, at=world.NOW)
    born(("B1", "李娜", "1990-01-31"), ("B2", "李娜", "1990-01-31"))
    world.people({"member_no": "B3", "card_no": "K1"}, {"member_no": "B4", "card_no": "K1"})
    claimed()
    find()
    assert duplicates.merge_by_itself(at=world.NOW) == merged
    assert duplicates.merge_by_itself(at=world.NOW) == 0
    assert set(Merge.objects.values_list("rule", flat=True)) == {"never": set(), "phone": {"phone"}}.get(
        trusts, {"phone", "identity"}
    )
    assert all(merge.into.joined_at <= merge.member.joined_at for merge in Merge.objects.all())
