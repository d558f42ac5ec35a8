"""Levels and tags: recorded by file or form, ranks stand once, families are five."""

import pytest

from members.actions import levels, tags
from members.importers import LEVELS, TAGS
from members.models import Level, MemberTag, Tag
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import JournalEntry
from tests import world

pytestmark = pytest.mark.usefixtures("brand")


def step(*rows):
    return levels.record(
        batch=batch_of(LEVELS, [dict(zip(("code", "name", "rank"), row, strict=True)) for row in rows]), at=world.NOW
    )


def tag(*rows):
    return tags.record(batch=batch_of(TAGS, rows), at=world.NOW)


def ranks():
    return dict(Level.objects.values_list("code", "rank"))


def test_levels_come_in_and_again_changes_nothing():
    assert step(("G", "金卡", 2), ("S", "银卡", 1)).created == 2
    assert step(("G", "金卡", 2), ("S", "银卡", 1)).skipped == 2
    assert JournalEntry.objects.filter(name="members.level.recorded").count() == 1


def test_two_levels_change_ranks_in_one_batch():
    step(("G", "金卡", 2), ("S", "银卡", 1))
    assert step(("G", "金卡", 1), ("S", "银卡", 2)).updated == 2
    assert ranks() == {"G": 1, "S": 2}


@pytest.mark.parametrize(("rows", "refused"), [
    ([("P", "白金", 2)], [1]), ([("P", "白金", 5), ("D", "钻石", 5)], [2]), ([("S", "银卡", 2)], [1]),
    # the second wants the first's place, which the first keeps because it is refused
    ([("S", "银卡", 2), ("P", "白金", 1)], [1, 2]),
])  # fmt: skip
def test_a_rank_that_is_held_is_refused_and_nothing_moves(rows, refused):
    step(("G", "金卡", 2), ("S", "银卡", 1))
    outcome = step(*rows)
    assert [(each.line, each.code) for each in outcome.refusals] == [(line, "rank_taken") for line in refused]
    assert {code: rank for code, rank in ranks().items() if code in "GS"} == {"G": 2, "S": 1}


def test_a_rank_beyond_the_bound_is_refused():
    assert [each.code for each in step(("G", "金卡", 10_000)).refusals] == ["rank_too_high"]
    assert not Level.objects.exists()


def test_a_tag_has_family_owner_and_span_and_an_empty_cell_keeps():
    world.chain()
    assert tag({"name": "茶友", "family": "生活", "owner_no": "M1", "expires_days": 180}).created == 1
    assert tag({"name": "茶友"}).skipped == 1
    found = Tag.objects.get(name="茶友")
    assert (found.family, found.owner_no, found.expires_days) == ("life", "M1", 180)
    tag({"name": "茶友", "expires_days": 0})
    assert Tag.objects.get(name="茶友").expires_days is None


@pytest.mark.parametrize(("row", "code"), [
    ({"owner_no": "X9"}, "unknown_staff"), ({"family": "星座"}, "not_a_choice"), ({"expires_days": 40_000}, "too_many_days"),
])  # fmt: skip
def test_a_tag_that_makes_no_sense_is_refused(row, code):
    assert [each.code for each in tag({"name": "茶友", **row}).refusals] == [code]
    assert not Tag.objects.exists()


def test_a_tag_that_comes_with_members_is_personal_until_somebody_says_more():
    world.people({"member_no": "V1", "tags": "茶友"})
    assert Tag.objects.get().family == "personal"
    tag({"name": "茶友", "family": "purchase"})
    world.people({"member_no": "V2", "tags": "茶友"})
    assert Tag.objects.get().family == "purchase"
    assert MemberTag.objects.count() == 2
