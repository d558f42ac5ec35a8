"""Tags on members: whose word, until when, in which place; a file's can be undone; each move is kept."""

from datetime import date, timedelta

import pytest

from members.actions import tags
from members.actions.tags import TagElsewhere, Word
from members.importers import MEMBER_TAGS, TAGS
from members.models import Member, MemberTag, Tag, TagMove, TagSource
from newretail.kernel import books, sql
from newretail.kernel.actions import jobs
from newretail.kernel.files.rows import batch_of
from newretail.kernel.guard import writing
from tests import sights, world

pytestmark = pytest.mark.usefixtures("noon")
RULE = Word(source=TagSource.RULE)


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()


def tag(name="茶友", **more):
    tags.record(batch=batch_of(TAGS, [{"name": name, **more}]), at=world.NOW)
    return Tag.objects.get(name=name)


def of(*numbers):
    """A list of members as a door hands it on."""
    sql.temporary(
        "tmp_given", "SELECT id AS member_id FROM members_member WHERE member_no = ANY(%(n)s)", {"n": list(numbers)}
    )
    return "tmp_given"


def put(found, *numbers, at=world.NOW, word=tags.BY_HAND, **more):
    return tags.put_on(tag=found, members=of(*numbers), at=at, word=word, **more)


def take(found, *numbers, word=tags.BY_HAND):
    return tags.take_off(tag=found, members=of(*numbers), at=world.NOW, word=word)


def carried(name="茶友"):
    return list(MemberTag.objects.filter(tag__name=name).order_by("member").values_list("member__member_no", flat=True))


def moves():
    return [(m.member.member_no, m.kind, m.source) for m in TagMove.objects.select_related("member").order_by("id")]


def test_a_tag_is_put_on_and_taken_off_and_each_move_is_kept():
    by = sights.person("hq")
    assert put(tag(), "V1", "V2", by=by, word=Word(reason="品鉴会")) == tags.Tagged(2, 0, 0)
    assert put(tag(), "V1") == tags.Tagged(0, 1, 0)
    assert take(tag(), "V2") == tags.Tagged(1, 0, 0)
    assert carried() == ["V1"]
    assert moves() == [("V1", "added", "hand"), ("V2", "added", "hand"), ("V2", "removed", "hand")]
    first = TagMove.objects.order_by("id").first()
    assert (first.by, first.reason, first.moved_at) == (by, "品鉴会", world.NOW)


def test_a_tag_of_a_store_is_put_on_who_is_at_home_there_and_on_nobody_else():
    found = tag(store_code="SH01")
    with pytest.raises(TagElsewhere):
        put(found, "V2")
    assert not MemberTag.objects.exists()
    assert not TagMove.objects.exists()
    assert put(found, "V1", "V2") == tags.Tagged(1, 0, 1)
    assert carried() == ["V1"]


def test_a_tag_of_a_region_reaches_the_stores_of_the_region():
    assert put(tag(region="华东"), "V1", "V2") == tags.Tagged(1, 0, 1)


def test_who_acts_reaches_the_members_of_her_stores_alone():
    here = Member.objects.get(member_no="V2").home_store_id
    assert put(tag(), "V1", "V2", word=Word(within=[here])) == tags.Tagged(1, 0, 1)
    assert carried() == ["V2"]
    with pytest.raises(TagElsewhere):
        take(tag(), "V2", word=Word(within=[]))


def test_a_members_file_puts_no_tag_of_another_place():
    tag("沪店熟客", store_code="SH01")
    outcome = world.people({"member_no": "V2", "tags": "沪店熟客"}, {"member_no": "V1", "tags": "沪店熟客"})
    assert world.reasons(outcome) == [(1, "tags", "tag_elsewhere")]
    assert carried("沪店熟客") == ["V1"]


def test_a_place_may_be_named_once_and_given_up():
    assert world.reasons(tags.record(batch=batch_of(TAGS, [{"name": "x", "region": "华东", "store_code": "SH01"}]),
                                     at=world.NOW)) == [(1, "store_code", "two_places")]  # fmt: skip
    assert tag(region="华东").region_name == "华东"
    assert (tag(store_code="SH01").region_name, tag().store_code) == ("", "SH01")
    assert tag(store_code="-").store is None
    assert world.reasons(tags.record(batch=batch_of(TAGS, [{"name": "x", "region": "月球"}]), at=world.NOW)) == [
        (1, "region", "unknown_region")
    ]


def test_whom_a_tag_of_a_place_is_visible_to():
    (
        tag("品牌", family="life"),
        tag("上海", store_code="SH01"),
        tag("华东区", region="华东"),
        tag("广州", store_code="GZ01"),
    )
    seen = {role: sorted(Tag.objects.visible_to(sights.person(role)).values_list("name", flat=True))
            for role in ("hq", "supervisor", "manager", "guide")}  # fmt: skip
    assert seen["hq"] == sorted(["品牌", "上海", "华东区", "广州"])
    assert seen["supervisor"] == seen["manager"] == sorted(["品牌", "上海", "华东区"])
    assert seen["guide"] == []


def test_a_tag_holds_through_its_last_day_and_expires_at_the_next_midnight():
    put(tag(expires_days=30), "V1")
    last = sights.TODAY + timedelta(days=29)
    assert tags.expire(as_of=last, at=world.NOW) == 0
    assert carried() == ["V1"]
    assert tags.expire(as_of=last + timedelta(days=1), at=world.NOW) == 1
    assert tags.expire(as_of=last + timedelta(days=1), at=world.NOW) == 0
    assert moves()[-1] == ("V1", "expired", "hand")


def test_put_on_again_it_holds_until_the_later_end():
    found = tag(expires_days=30)
    put(found, "V1")
    assert put(found, "V1", word=Word(expires_on=sights.TODAY + timedelta(days=10))).changed == 0
    assert put(found, "V1", word=Word(expires_on=date(2026, 12, 31))).changed == 1
    assert MemberTag.objects.get().expires_on == date(2026, 12, 31)


def test_a_hands_word_outlives_the_rules():
    put(tag(), "V1", word=RULE)
    assert put(tag(), "V1").changed == 1
    assert put(tag(), "V1", word=RULE).changed == 0
    assert MemberTag.objects.get().source == "hand"


def test_the_job_of_the_night_expires_tags_once():
    put(tag(), "V1", word=Word(expires_on=sights.TODAY))
    runs = [jobs.enter(name="expire_tags", as_of=sights.TODAY, at=world.NOW) for _ in range(2)]
    assert [jobs.perform(run=run).counts for run in runs] == [{"expired": 1}, {"expired": 0}]


def file(*rows):
    from members.actions import member_tags

    return member_tags.record(batch=batch_of(MEMBER_TAGS, rows), at=world.NOW)


def test_a_file_puts_tags_on_and_takes_them_off_and_again_changes_nothing():
    tag("新客"), put(tag(), "V1")
    rows = [{"member_no": "V1", "tag": "茶友", "take_off": "是"}, {"member_no": "V2", "tag": "新客"}]
    assert (first := file(*rows)).created == 1
    assert first.updated == 1
    assert file(*rows).skipped == 2
    assert (carried(), carried("新客")) == ([], ["V2"])


def test_rows_of_a_file_that_make_no_sense_are_refused():
    tag("沪", store_code="SH01")
    outcome = file({"member_no": "V9", "tag": "沪"}, {"member_no": "V1", "tag": "无"}, {"member_no": "V2", "tag": "沪"})
    assert world.reasons(outcome) == [
        (1, "member_no", "unknown_member"), (2, "tag", "unknown_tag"), (3, "tag", "tag_elsewhere"),
    ]  # fmt: skip
    assert not MemberTag.objects.exists()


@pytest.mark.books_may_break
def test_a_tag_without_its_move_is_found():
    put(tag(), "V1")
    with writing("tests"):
        MemberTag.objects.all().delete()
    assert [finding.law for finding in books.verify()] == [
        "a member carries the tags that their last moves left on her"
    ]
