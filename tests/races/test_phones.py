"""Phones asked for at the same moment: never more than the brand allows a person in a day."""

import threading

import pytest

from members.actions import phones
from members.models import Member, PhoneReveal
from newretail.kernel.actions import settings
from newretail.kernel.models import JournalEntry
from tests import sights, world
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 3


def asked(brand, count):
    world.chain()
    settings.put(key="phone_reveals_each_day", value=MOST, at=world.NOW)
    member, hq = Member.objects.get(member_no="V1"), sights.person("hq")
    return race(brand, count, lambda _: phones.reveal(member=member, reason="order", note="", at=world.NOW, by=hq))


@pytest.mark.prove
def test_many_at_once_see_no_more_phones_than_allowed_and_no_fewer(brand):
    outcomes = asked(brand, RACERS)
    assert {type(error) for error in errors(outcomes)} == {phones.RevealsUsedUp}
    assert sorted(PhoneReveal.objects.values_list("nth", flat=True)) == [1, 2, 3]
    assert JournalEntry.objects.filter(name="members.phone.revealed").count() == MOST


def test_counted_without_the_lock_two_take_one_number_and_the_database_refuses_one(brand, monkeypatch):
    together = threading.Barrier(2)

    def look(*, by, day):
        found = PhoneReveal.objects.filter(by=by, day=day).count() + 1
        together.wait(20)
        return found

    monkeypatch.setattr(phones, "next_of_day", look)
    outcomes = asked(brand, 2)
    assert [type(error).__name__ for error in errors(outcomes)] == ["IntegrityError"]
    assert PhoneReveal.objects.count() == JournalEntry.objects.filter(name="members.phone.revealed").count() == 1
