"""Privileges and tours are booked within the year's uses, given back once; tills read what a level gives."""

from datetime import UTC, datetime

import pytest

from members.actions import benefits, leveling, merges
from members.actions.benefits import AnotherUse, NoSuchBenefit, UsedUp
from members.models import BenefitUse
from members.queries import benefits as given
from tests import sights, world
from tests.members.levels import ladder

pytestmark = pytest.mark.usefixtures("noon")
LOUNGE = {"name": "贵宾厅", "kind": "partner", "per_year": 2}


@pytest.fixture(autouse=True)
def scheme(noon):
    world.chain()
    ladder.steps()
    ladder.publish(levels={
        "C": {"factory_tour": {"per_year": 1, "places": 1}},
        "S": {"privileges": [LOUNGE], "discount_bp": 500, "free_shipping": "59", "points_exchange_bp": 9000},
    })  # fmt: skip
    world.buy(world.order("A", "100", "2026-06-10", member_no="V1"))
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)


def book(key, number="V1", name="贵宾厅", at=world.NOW):
    return benefits.book(member=world.member(number), name=name, key=key, at=at)


def test_uses_of_a_year_are_counted_and_the_same_key_books_once():
    assert book("k1") == book("k1")
    book("k2")
    with pytest.raises(UsedUp):
        book("k3")
    assert BenefitUse.objects.count() == 2
    assert given.offers(world.member("V1"), world.NOW)[0].left == 0


def test_a_new_year_begins_at_the_brands_midnight():
    book("k1"), book("k2")
    eve = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    with pytest.raises(UsedUp):
        book("k3", at=eve)
    assert book("k3", at=datetime(2026, 12, 31, 16, 0, tzinfo=UTC)).year == 2027


def test_a_use_given_back_can_be_booked_again():
    use = book("k1")
    book("k2")
    assert benefits.give_back(use=use, at=world.NOW) == benefits.give_back(use=use, at=world.NOW)
    assert book("k3").pk
    with pytest.raises(UsedUp):
        book("k4")


def test_what_her_level_does_not_give_is_refused():
    with pytest.raises(NoSuchBenefit):
        book("k1", number="V2")
    with pytest.raises(AnotherUse):
        book("k2"), book("k2", number="V2")
    assert BenefitUse.objects.count() == 1


def test_the_places_of_a_tour_are_everybodys():
    world.people({"member_no": "V3"})
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    use = book("t1", "V2", "factory_tour")
    with pytest.raises(UsedUp):
        book("t2", "V3", "factory_tour")
    benefits.give_back(use=use, at=world.NOW)
    assert book("t3", "V3", "factory_tour").pk


def test_a_merged_person_uses_one_quota():
    book("k1"), book("k2")
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="同一人", at=world.NOW)
    with pytest.raises(UsedUp):
        book("k3", number="V2")


def test_what_a_level_gives_is_read_by_whoever_pays_it_out():
    held = given.held(world.member("V1"), world.NOW)
    assert (held.level.code, held.growth, held.missing) == ("S", 100, 200)
    assert (held.terms.discount_bp, held.terms.free_shipping_cents) == (500, 5900)
    assert held.terms.points_exchange_bp == 9000
