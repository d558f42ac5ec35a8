"""Segments are kept in versions, ended and resumed; what cannot be is refused and changes nothing."""

import pytest

from campaigns.actions import segments
from campaigns.models import Segment, SegmentVersion
from newretail.kernel.models import JournalEntry
from newretail.kernel.verbs import Refused
from tests import sights, world
from tests.campaigns import casting
from tests.campaigns.casting import OFTEN, SHANGHAI

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def trade(noon):
    sights.trade()


def test_another_tree_is_the_next_version_and_the_same_is_none():
    assert casting.keep(OFTEN).version == 1
    assert casting.keep(OFTEN).version == 1
    assert casting.keep({"all": [OFTEN, SHANGHAI]}).version == 2
    assert SegmentVersion.objects.count() == 2
    assert JournalEntry.objects.filter(name="campaigns.segment.kept").count() == 2


def test_another_name_changes_no_conditions():
    casting.keep(OFTEN)
    assert casting.keep(OFTEN, name="老客").version == 1
    assert Segment.objects.get().name == "老客"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "有空格 "}, "bad_segment"), ({"code": "x" * 41}, "bad_segment"), ({"name": " "}, "bad_segment"),
        ({"name": "x\0"}, "bad_segment"), ({"note": "x" * 201}, "bad_segment"), ({"conditions": {}}, "bad_conditions"),
        ({"conditions": {"all": []}}, "bad_conditions"), ({"seen": 1}, "changed_meanwhile"),
        ({"conditions": {"field": "member.store", "op": "one_of", "value": ["SH99"]}}, "bad_conditions"),
        ({"conditions": {"all": [OFTEN] * 101}}, "bad_conditions"),
    ],
)  # fmt: skip
def test_what_is_no_segment_is_refused_and_nothing_is_kept(given, code):
    with pytest.raises(Refused) as told:
        casting.keep(**{"conditions": OFTEN, **given})
    assert told.value.code == code
    assert not Segment.objects.exists()
    casting.keep(OFTEN, seen=0)


def test_two_who_change_one_segment_do_not_overwrite_each_other():
    casting.keep(OFTEN, seen=0)
    casting.keep(SHANGHAI, seen=1)
    with pytest.raises(segments.SegmentChanged):
        casting.keep(OFTEN, seen=1)
    assert SegmentVersion.objects.latest("version").conditions == SHANGHAI


def test_a_segment_never_asks_for_itself_not_even_through_another():
    casting.keep(OFTEN, "a")
    casting.keep({"field": "segment", "op": "any_of", "value": ["a"]}, "b")
    with pytest.raises(segments.AsksItself):
        casting.keep({"field": "segment", "op": "any_of", "value": ["b"]}, "a")
    with pytest.raises(segments.AsksItself):
        casting.keep({"all": [OFTEN, {"none": [{"field": "segment", "op": "any_of", "value": ["b"]}]}]}, "b")


def test_what_others_ask_for_is_not_ended_until_they_are():
    one = casting.kept(OFTEN, "a")
    other = casting.kept({"field": "segment", "op": "any_of", "value": ["a"]}, "b")
    with pytest.raises(segments.StillAsked, match="b"):
        segments.end(segment=one, at=world.NOW)
    segments.end(segment=other, at=world.NOW)
    assert segments.end(segment=one, at=world.NOW).state == "ended"
    assert segments.resume(segment=one, at=world.NOW).due
    assert JournalEntry.objects.filter(name="campaigns.segment.ended").count() == 2
