"""The cells of the boards sum the live portrait up, corner by corner, after every scoring."""

from bisect import bisect_right
from collections import defaultdict
from datetime import timedelta

import pytest

from analytics.actions import figures, scores
from analytics.bands import AOV_BANDS, FREQUENCY_BANDS
from analytics.models import PortraitCell
from members.models import Portrait
from newretail.kernel.actions import relay
from newretail.kernel.verbs import verb
from tests import world
from tests.analytics.test_scores import TODAY, busy_year

pytestmark = pytest.mark.usefixtures("brand")


def cells():
    rows = PortraitCell.objects.values_list("r", "f", "m", "stage", "relationship", "is_super", "frequency_band",
                                            "aov_band", "members", "frequency", "monetary_cents")  # fmt: skip
    assert len({row[:8] for row in rows}) == len(rows)
    return {row[:8]: row[8:] for row in rows}


def summed():
    """The portraits, summed up one by one."""
    corners = defaultdict(lambda: (0, 0, 0))
    for p in Portrait.objects.all():
        aov = bisect_right(AOV_BANDS, p.monetary_cents // p.frequency) if p.frequency else 0
        corner = p.r, p.f, p.m, p.stage, p.relationship, p.is_super, bisect_right(FREQUENCY_BANDS, p.frequency), aov
        counted = 1, p.frequency, p.monetary_cents
        corners[corner] = tuple(map(sum, zip(corners[corner], counted, strict=True)))
    return dict(corners)


@verb
def spoil(wrong):
    """Make the cells say something else, or nothing."""
    if wrong:
        PortraitCell.objects.update(**wrong)
    else:
        PortraitCell.objects.all().delete()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("act", [scores.score, scores.rescore, scores.move_lifecycle])
def test_after_a_scoring_the_cells_equal_the_portrait(seed, act):
    busy_year(seed, orders=200)
    act(as_of=TODAY - timedelta(days=9), at=world.NOW)
    relay.drain(at=world.NOW)
    act(as_of=TODAY, at=world.NOW)
    assert cells() == summed()
    assert sum(members for members, *_ in cells().values()) == Portrait.objects.count() > 30


def test_cells_summed_up_twice_are_the_same():
    busy_year(1, orders=100)
    scores.score(as_of=TODAY, at=world.NOW)
    before = cells()
    assert figures.refresh_cells(at=world.NOW) == len(before)
    assert cells() == before


@pytest.mark.books_may_break
@pytest.mark.parametrize("wrong", [{"members": 0}, {"stage": "lost"}, None])
def test_cells_that_cannot_be_brought_on_are_summed_up_anew(wrong):
    busy_year(1, orders=100)
    scores.move_lifecycle(as_of=TODAY - timedelta(days=30), at=world.NOW)
    spoil(wrong)
    relay.drain(at=world.NOW)
    scores.rescore(as_of=TODAY, at=world.NOW)
    assert cells() == summed()


def test_before_the_first_scoring_there_are_no_cells():
    world.people({"member_no": "V1"})
    assert figures.refresh_cells(at=world.NOW) == 0


def test_who_never_bought_stands_in_no_band():
    world.people({"member_no": "V1", "joined_at": "2026-06-01"})
    scores.move_lifecycle(as_of=TODAY, at=world.NOW)
    assert cells() == {(None, None, None, "onboarding", "prospect", False, 0, 0): (1, 0, 0)}


@pytest.mark.parametrize(("amount", "band"), [("0", 1), ("9.99", 1), ("10", 2), ("399.99", 8), ("400", 9)])
def test_a_band_begins_at_its_bound(amount, band):
    world.people({"member_no": "V1", "joined_at": "2025-06-01"})
    world.buy(world.order("A", amount, "2026-06-01", member_no="V1"))
    scores.score(as_of=TODAY, at=world.NOW)
    assert PortraitCell.objects.get().aov_band == band
