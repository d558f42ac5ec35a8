"""Schemes are read strictly; a draft is simulated on the members as they are, and writes nothing."""

import pytest
from django.db import transaction

from members.actions import level_schemes, leveling
from members.models import LevelMove, LevelScheme
from members.queries import schemes, simulations
from members.queries.schemes import BadScheme
from tests import sights, world
from tests.members.levels import ladder

pytestmark = pytest.mark.usefixtures("noon")


def changed(**more):
    return {**ladder.terms(), **more}


def first(**more):
    return changed(levels=[{"level": "C", "growth": 0, **more}])


HOSTILE = [
    None, [], "x", {}, changed(levels=[]), changed(levels="C"), changed(window_months="12"), changed(window_months=-1),
    changed(window_months=True), changed(grace_days=1.5), changed(grace_days=10**9), changed(more=1),
    changed(growth={"per_yuan": -1}), changed(growth={"per_mile": 1}), changed(growth={"events": [1]}),
    *(changed(growth={"events": {"share": each}}) for each in (5, {}, {"growth": 0}, {"growth": 1, "per_day": 0}, {"growth": 1, "times": 2})),
    changed(growth={"events": {"": {"growth": 1}}}), changed(growth={"events": {str(n): {"growth": 1} for n in range(21)}}),

    changed(levels=[{"level": "C"}]), changed(levels=[{"level": "C", "growth": 5}]), first(growth=-1),
    changed(levels=[{"level": "C", "growth": 0}, {"level": "S", "growth": 0}]),
    changed(levels=[{"level": "C", "growth": 0}, {"level": "C", "growth": 5}]),
    first(discount_bp=10_001), first(free_shipping="1e9"), first(free_shipping=-1),
    first(joining_gift={"points": "5"}), first(joining_gift={"cash": 5}), first(level_up_gift=5),
    first(privileges=[{"name": "x", "kind": "secret", "per_year": 1}]), first(privileges=[{"name": "x", "kind": "vip"}]),
    first(privileges=[{"name": "x", "kind": "vip", "per_year": 1}] * 2), first(factory_tour={"places": -1}),
    first(privileges=[{"name": "a\0", "kind": "vip", "per_year": 1}]), first(unknown=1),
]  # fmt: skip


@pytest.mark.parametrize("raw", HOSTILE, ids=range(len(HOSTILE)))
def test_terms_that_make_no_scheme_are_refused_and_nothing_is_kept(raw):
    ladder.steps()
    with pytest.raises(BadScheme):
        level_schemes.keep(terms=raw, at=world.NOW)
    assert not LevelScheme.objects.exists()


def test_levels_are_recorded_ones_and_rise_with_their_rank():
    with pytest.raises(BadScheme):
        level_schemes.keep(terms=ladder.terms(), at=world.NOW)
    ladder.steps()
    turned = changed(levels=[{"level": "B", "growth": 0}, {"level": "C", "growth": 5}])
    with pytest.raises(BadScheme):
        level_schemes.keep(terms=turned, at=world.NOW)
    assert level_schemes.keep(terms=ladder.terms(), at=world.NOW).version == 1


def test_a_draft_is_simulated_and_nothing_is_written():
    world.chain()
    ladder.steps()
    world.people({"member_no": "V1", "birthday": "1990-01-01"})
    world.buy(world.order("A", "300", "2026-06-10", member_no="V1"))
    ladder.publish()
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    before = LevelMove.objects.count()
    gift = {"points": 50, "coupon": "UP"}
    draft = schemes.read(ladder.terms(growth={"per_yuan": 4}, levels={"B": {"level_up_gift": gift, "birthday": gift}}))
    with transaction.atomic():
        told = simulations.simulate(draft, sights.TODAY)
        (mover,) = simulations.movers(draft, most=10)
        assert simulations.movers(draft, after="V1", most=10) == simulations.movers(draft, to="S", most=10) == []
    assert (mover.member_no, mover.from_level, mover.to_level, mover.growth) == ("V1", "金卡", "黑金", 1200)
    assert (mover.up, mover.points, mover.coupon) == (True, 50, "UP")
    assert (told.members, told.up, told.down) == (2, 1, 0)
    top = told.costs[-1]
    assert (top.level.code, top.members, top.ups, top.points, top.coupons) == ("B", 1, 1, 100, {"UP": 2})
    assert LevelMove.objects.count() == before
