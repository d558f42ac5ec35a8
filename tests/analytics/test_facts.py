"""Store days equal the orders and members they were counted from, whatever changed since."""

import pytest

from analytics.actions import facts
from analytics.models import StoreDay
from newretail.kernel import books
from newretail.kernel.actions import relay
from tests import world

pytestmark = pytest.mark.usefixtures("brand")


def count():
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    assert books.verify() == []


def recruits():
    found = StoreDay.objects.filter(recruits__gt=0).order_by("day")
    return [(str(day), number) for day, number in found.values_list("day", "recruits")]


def test_a_member_who_joined_another_day_is_a_recruit_of_that_day_alone():
    world.people({"member_no": "V1", "joined_at": "2026-06-01"})
    count()
    world.people({"member_no": "V1", "joined_at": "2026-05-01"})
    count()
    assert recruits() == [("2026-05-01", 1)]


def test_a_payer_whose_earlier_order_comes_late_is_a_recruit_of_that_day_alone():
    world.buy(world.order("A", "1", "2026-06-01", member_no="N1"), enrol=True)
    count()
    world.buy(world.order("B", "1", "2026-05-01", member_no="N1"), enrol=True)
    count()
    assert recruits() == [("2026-05-01", 1)]
