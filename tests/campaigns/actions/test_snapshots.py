"""Snapshots keep whom a segment held; two are compared; what cannot be taken is refused."""

from datetime import timedelta

import pytest

from campaigns.actions import snapshots
from campaigns.models import Snapshot
from campaigns.queries import standing
from newretail.kernel.verbs import Refused
from tests import sights, world
from tests.campaigns import casting
from tests.campaigns.casting import OFTEN

pytestmark = pytest.mark.usefixtures("noon")
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def trade(noon):
    sights.trade()


def test_a_snapshot_stays_whatever_becomes_of_the_segment_and_two_are_compared():
    segment = casting.kept(OFTEN)
    one = snapshots.take(segment=segment, name="一", at=world.NOW)
    world.buy(world.order("N1", "9.00", "2026-06-15T11:00:00", member_no="V2", store_code="GZ01"))
    casting.beat()
    two = snapshots.take(segment=segment, name="二", at=world.NOW)
    assert (one.members, two.members) == (1, 2)
    told = standing.difference(one, two)
    assert (told.both, told.one_alone, told.other_alone) == (1, 0, 1)
    assert standing.difference(two, one).one_alone == 1


def test_a_snapshot_of_a_past_day_holds_whom_it_held_then():
    world.buy(world.order("N1", "9.00", "2026-06-14T11:00:00", member_no="V2", store_code="GZ01"))
    segment = casting.kept(OFTEN)
    assert snapshots.take(segment=segment, name="今", at=world.NOW).members == 2
    assert snapshots.take(segment=segment, name="前", as_of=sights.TODAY - DAY, at=world.NOW).members == 1


@pytest.mark.parametrize(
    "given", [{"name": ""}, {"name": "x" * 61}, {"name": "a\0"}, {"as_of": sights.TODAY + DAY}, {"name": "一"}]
)
def test_what_is_no_snapshot_is_refused_and_nothing_is_kept(given):
    segment = casting.kept(OFTEN)
    snapshots.take(segment=segment, name="一", at=world.NOW)
    with pytest.raises(snapshots.BadSnapshot):
        snapshots.take(**{"segment": segment, "name": "二", "at": world.NOW, **given})
    assert Snapshot.objects.count() == 1


def test_what_has_no_history_gives_no_snapshot_of_a_past_day():
    segment = casting.kept({"field": "portrait.r", "op": "is", "value": 5})
    with pytest.raises(Refused) as told:
        snapshots.take(segment=segment, name="前", as_of=sights.TODAY - DAY, at=world.NOW)
    assert told.value.code == "not_dated"
    assert not Snapshot.objects.exists()
