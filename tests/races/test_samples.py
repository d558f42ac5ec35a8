"""Samples given at the same moment: never more than a store has, never two to one customer."""

import threading

import pytest

from guides.actions import samples
from guides.actions.samples import HadOne, NoSampleLeft
from guides.models import Bond, Sample, SampleStock
from members.actions import merges
from tests import sampling, serving, world
from tests.races.race import errors, race

pytestmark = pytest.mark.django_db(transaction=True)
HAVE = 2


def shop():
    serving.shops()
    sampling.campaign(stock={"SH01": HAVE})
    world.people(*({"member_no": f"R{n}", "store_code": "SH01"} for n in range(5)))
    for n in range(5):
        serving.bind(f"R{n}", "G1")
    return serving.guide("G1"), [Bond.objects.get(member__member_no=f"R{n}") for n in range(5)]


def test_many_at_once_give_no_more_than_the_store_has(brand):
    by, bonds = shop()
    outcomes = race(brand, 5, lambda n: samples.give(bond=bonds[n], campaign="tea", at=world.NOW, by=by))
    assert {type(error) for error in errors(outcomes)} == {NoSampleLeft}
    assert (Sample.objects.count(), SampleStock.objects.get().given) == (HAVE, HAVE)


def test_two_taps_give_one_customer_one(brand):
    by, bonds = shop()
    outcomes = race(brand, 2, lambda _: samples.give(bond=bonds[0], campaign="tea", at=world.NOW, by=by))
    assert [type(error) for error in errors(outcomes)] == [HadOne]
    assert (Sample.objects.count(), SampleStock.objects.get().given) == (1, 1)


def test_judged_without_the_lock_two_would_and_the_database_refuses_one(brand, monkeypatch):
    by, bonds = shop()
    together = threading.Barrier(2)
    monkeypatch.setattr(merges, "hold_person", lambda member: [member.pk])
    monkeypatch.setattr(Bond.objects, "select_for_update", lambda **_: Bond.objects.get_queryset(), raising=False)
    monkeypatch.setattr(samples, "failpoint", lambda _name: together.wait(20))
    outcomes = race(brand, 2, lambda _: samples.give(bond=bonds[0], campaign="tea", at=world.NOW, by=by))
    assert [type(error).__name__ for error in errors(outcomes)] == ["IntegrityError"]
    assert (Sample.objects.count(), SampleStock.objects.get().given) == (1, 1)
