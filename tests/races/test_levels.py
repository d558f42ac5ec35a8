"""Levels and benefits under many at once: one move, and never more uses than the year has."""

import pytest

from members.actions import benefits, leveling
from members.models import BenefitUse, LevelMove
from members.queries import benefits as given
from newretail.kernel import sql
from tests import sights, world
from tests.members.levels import ladder
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
USES = 3


@pytest.fixture
def scheme(brand):
    world.chain()
    ladder.steps()
    ladder.publish(levels={"C": {"privileges": [{"name": "换货", "kind": "exchange", "per_year": USES}]}})
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    return brand


def booked(brand):
    outcomes = race(
        brand, RACERS, lambda n: benefits.book(member=world.member("V1"), name="换货", key=f"k{n}", at=world.NOW)
    )
    return outcomes, BenefitUse.objects.count()


@pytest.mark.prove
def test_a_privilege_is_never_booked_beyond_its_uses(scheme):
    outcomes, count = booked(scheme)
    assert count == USES
    assert {type(error) for error in errors(outcomes)} == {benefits.UsedUp}


@pytest.mark.prove
@pytest.mark.books_may_break
def test_without_the_lock_it_would_be(scheme, monkeypatch):
    monkeypatch.setattr(benefits, "LOCK", "SELECT %(id)s")
    asked = given.offers

    def slowly(*words):
        found = asked(*words)
        sql.rows("SELECT pg_sleep(0.05)")
        return found

    monkeypatch.setattr(given, "offers", slowly)
    assert booked(scheme)[1] > USES


@pytest.mark.prove
def test_two_upgrades_at_once_are_one_move(scheme):
    world.buy(world.order("A", "300", "2026-06-10", member_no="V1"))
    before = LevelMove.objects.count()
    outcomes = race(scheme, RACERS, lambda _n: leveling.assess_all(as_of=sights.TODAY, at=world.NOW))
    assert errors(outcomes) == []
    assert LevelMove.objects.count() == before + 1
