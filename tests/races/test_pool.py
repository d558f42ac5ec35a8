"""The pool worked by two at once, and beside a guide who is added: nobody is given twice, nobody is taken away."""

import pytest
from django.db import IntegrityError

from guides.actions import bonds, pool
from guides.models import Bond
from newretail.kernel import books
from tests import serving, world
from tests.races.race import RACERS, Beside, Once, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
CROWD, FEW = 6, 4


@pytest.fixture(autouse=True)
def _crowd(brand):
    """Seven of Shanghai and one of Guangzhou, of whom one has a guide."""
    serving.shops()
    world.people(*({"member_no": f"P{n}", "store_code": "SH01"} for n in range(CROWD)))


def allocate():
    return pool.allocate(at=world.NOW)


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
def test_worked_by_many_at_once_everybody_is_given_once(brand, count):
    found = race(brand, count, lambda _: allocate())
    assert errors(found) == []
    assert (sum(found), Bond.objects.open().count(), Bond.objects.count()) == (CROWD + 1, CROWD + 2, CROWD + 2)
    assert books.verify() == []


def worked(brand, monkeypatch, beside):
    """Work the pool, and let something be done beside it between the look and the giving."""
    begun = []
    inside = Once(lambda: begun.append(Beside(brand, beside).start()))
    monkeypatch.setattr(pool, "failpoint", lambda _name: inside())
    try:
        return allocate(), begun[0].answer
    except IntegrityError as error:
        return error, begun[0].answer


def test_who_was_given_meanwhile_is_judged_anew(brand, monkeypatch):
    assert worked(brand, monkeypatch, allocate) == (0, CROWD + 1)
    assert Bond.objects.count() == CROWD + 2


def test_who_adds_a_guide_meanwhile_stays_with_her(brand, monkeypatch):
    told, added = worked(brand, monkeypatch, lambda: serving.bind("P0", "G2"))
    assert (told, added.made) == (CROWD, 1)
    assert (serving.served("P0"), Bond.objects.get(member__member_no="P0").source) == ("G2", "scan")


def test_not_judged_anew_the_database_refuses_a_second_guide(brand, monkeypatch):
    held, given = bonds.HELD, allocate

    def blind():
        """Give with open eyes what the other gives blindly."""
        monkeypatch.setattr(bonds, "HELD", held)
        told = given()
        monkeypatch.setattr(bonds, "HELD", held.replace("b.ended_at IS NULL AND", "false AND"))
        return told

    told, other = worked(brand, monkeypatch, blind)
    assert (type(told), other) == (IntegrityError, CROWD + 1)
    assert Bond.objects.count() == CROWD + 2
