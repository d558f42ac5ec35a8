"""Live counts go by bits, and agree with the statement and with the members; bits follow what changes."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.actions import seat_maps
from campaigns.models import SeatMap
from campaigns.queries import counting, seats, segments
from tests import sights, world
from tests.campaigns import casting
from tests.campaigns.casting import CLOCKED, OFTEN, RICH, SHANGHAI

MEN = {"field": "member.gender", "op": "none_of", "value": ["f"]}
LEAVES = st.sampled_from([OFTEN, RICH, SHANGHAI, CLOCKED, MEN])
TREES = st.recursive(
    LEAVES, lambda parts: st.builds(lambda kind, some: {kind: some}, st.sampled_from(["all", "any", "none"]),
                                    st.lists(parts, min_size=1, max_size=3)), max_leaves=8,
)  # fmt: skip


@pytest.fixture
def trade(noon):
    sights.trade()
    world.people({"member_no": "V3", "gender": "女", "store_code": "SH01"}, {"member_no": "V4"})


def counted(raw, at=world.NOW):
    node = casting.read(raw)
    seat_maps.draw(nodes=[node], at=at)
    return counting.counts([node])[0]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=TREES)
def test_bits_count_what_the_statement_counts(trade, raw):
    assert counted(raw) == segments.count(casting.read(raw), casting.now())


def test_each_part_is_counted_beside_the_whole(trade):
    node = casting.read({"all": [OFTEN, {"any": [SHANGHAI, MEN]}]})
    seat_maps.draw(nodes=[node], at=world.NOW)
    assert counting.counts(list(counting.parts(node))) == [1, 1, 4, 2, 3]
    assert counting.everybody() == 4


def test_a_condition_is_drawn_once_a_day(trade):
    node = casting.read({"all": [OFTEN, SHANGHAI]})
    assert seat_maps.draw(nodes=[node], at=world.NOW) == 3
    assert seat_maps.draw(nodes=[node], at=world.NOW) == 0
    assert seat_maps.draw(nodes=[node], at=world.NOW + timedelta(days=1)) == 3
    assert SeatMap.objects.count() == 3


def test_bits_follow_whoever_changes_and_whoever_joins(trade):
    assert (counted(OFTEN), counted({"none": [OFTEN]})) == (1, 3)
    casting.beat()
    world.people({"member_no": "V5"})
    world.buy(*(world.order(f"N{n}", "9.00", "2026-06-15T11:00:00", member_no="V4", store_code="SH01") for n in "12"))
    assert counting.counts([casting.read(OFTEN)]) == [1]
    casting.beat()
    assert counting.counts([casting.read(OFTEN), casting.read({"none": [OFTEN]})]) == [2, 3]
    assert counting.everybody() == 5


def test_bits_nobody_asks_for_any_more_are_dropped(trade):
    counted(OFTEN)
    casting.beat()
    later = world.NOW + seat_maps.KEPT + timedelta(minutes=1)
    world.people({"member_no": "V5"})
    casting.beat(later)
    assert not SeatMap.objects.exists()


def test_strings_of_bits_grow_together(trade, monkeypatch):
    monkeypatch.setattr("campaigns.models.seats.WIDTH", 8)
    assert counted(SHANGHAI) == 2
    casting.beat()
    world.people(*({"member_no": f"N{n}", "store_code": "SH01"} for n in range(9)))
    casting.beat()
    assert counted(SHANGHAI) == 11


@given(held=st.sets(st.integers(0, 255)), off=st.sets(st.integers(0, 255)), on=st.sets(st.integers(0, 255)))
def test_what_is_packed_is_unpacked_and_changed_as_sets_are(held, off, on):
    sent = b"\0\0\1\0" + bytes.fromhex(seats.packed(held, 256)[1:])
    assert seats.unpacked(sent) == sorted(held)
    then = b"\0\0\1\0" + bytes.fromhex(seats.changed(sent, off=off, on=on)[1:])
    assert seats.unpacked(then) == sorted((held - off) | on)
