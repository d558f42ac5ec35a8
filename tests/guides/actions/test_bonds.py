"""Bonds: one at a time, by the brand's mode; a merge and its undo leave each side whose she was."""

from datetime import timedelta

import pytest

from guides.models import Bond
from guides.queries.serving import customers_of, guide_of
from members.actions import merges, persons
from newretail.kernel.actions import settings
from tests import serving, world

LATER = world.NOW + timedelta(days=10)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def customers(staff_no):
    return sorted(customers_of(serving.guide(staff_no)).values_list("member_no", flat=True))


def test_who_adds_a_guide_is_served_by_her():
    assert serving.bind("V2", "G2").made == 1
    assert customers("G2") == ["V2"]
    assert guide_of(world.member("V2")) == serving.post("G2")


def test_the_first_guide_keeps_her():
    assert serving.bind("V1", "G2", at=LATER).kept == 1
    assert (customers("G1"), customers("G2")) == (["V1"], [])
    assert Bond.objects.count() == 1


def test_bound_again_to_the_same_guide_nothing_changes():
    settings.put(key="bond_mode", value="free", at=world.NOW)
    assert serving.bind("V1", "G1", at=LATER).kept == 1
    assert Bond.objects.count() == 1


def test_where_customers_are_free_the_last_guide_has_her_and_the_former_bond_stands_as_ended():
    settings.put(key="bond_mode", value="free", at=world.NOW)
    serving.bind("V1", "G2", at=LATER)
    assert (customers("G1"), customers("G2")) == ([], ["V1"])
    former = Bond.objects.get(post=serving.post("G1"))
    assert (former.end, former.ended_at) == ("taken_over", LATER)


def test_a_lock_holds_for_its_days():
    settings.put(key="bond_mode", value="locked", at=world.NOW)
    settings.put(key="bond_lock_days", value=30, at=world.NOW)
    serving.bind("V2", "G1")
    serving.bind("V2", "G2", at=LATER)
    assert serving.served("V2") == "G1"
    serving.bind("V2", "G2", at=world.NOW + timedelta(days=30))
    assert serving.served("V2") == "G2"


def test_who_is_erased_is_nobodys_customer():
    persons.erase(member=world.member("V1"), reason="request", at=LATER)
    assert customers("G1") == []
    assert serving.bind("V1", "G2", at=LATER).made == 0


def test_merged_members_have_one_guide_and_parted_again_each_her_own():
    serving.bind("V2", "G2")
    merge = merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=LATER)
    assert (customers("G1"), customers("G2")) == (["V1"], [])
    merges.undo(merge=merge, reason="两人", at=LATER)
    assert (customers("G1"), customers("G2")) == (["V1"], ["V2"])


def test_a_person_is_served_by_the_guide_of_the_row_merged_into_her_where_she_has_none_herself():
    merges.merge(member=world.member("V1"), into=world.member("V2"), reason="一人", at=LATER)
    assert customers("G1") == ["V2"]
    assert serving.bind("V2", "G2", at=LATER).kept == 1


def test_a_guide_whose_post_has_ended_serves_nobody():
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"})
    assert customers("G1") == []


def test_of_two_rows_merged_into_one_without_a_guide_the_older_bond_counts_and_nobody_else_sees_her():
    world.people({"member_no": "V3", "store_code": "SH01"})
    serving.bind("V2", "G2", at=LATER)
    for number in ("V1", "V2"):
        merges.merge(member=world.member(number), into=world.member("V3"), reason="一人", at=LATER)
    assert guide_of(world.member("V3")) == serving.post("G1")
    assert (customers("G1"), customers("G2")) == (["V3"], [])
