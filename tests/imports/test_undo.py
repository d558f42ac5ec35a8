"""Undoing an import: everything is as it was, or nothing happens and the reason is told."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from analytics.actions import facts
from analytics.models import StoreDay
from members.models import Level, Member, Order, Refund, StageChange
from newretail.kernel import books
from newretail.kernel.actions import holidays, images, imports, relay
from newretail.kernel.files import importing, reader
from newretail.kernel.guard import writing
from newretail.kernel.models import BeforeImage, Holiday, ImportFile, JournalEntry
from stores.actions import posts, targets, withdrawals
from stores.models import Category, Region, TargetPlan
from tests import sights, world
from tests.kernel.files import desk
from tests.kernel.files.test_importing import FILES as BOUGHT
from tests.kernel.files.test_importing import checksums

BOOKS = "stores_%", "members_%", "kernel_user", "kernel_holiday"
WORDS = {
    "levels": ("code,name,rank", ["S,银卡,1", "G,金卡,2"]),
    "tags": ("name,family,expires_days", ["茶友,life,90", "老友,,"]),
    "holidays": ("family,year,day,name_zh,yearly", ["anniversary,2026,2026-09-09,店庆,yes", "qixi,2026,2026-08-19,七夕,"]),
    "targets": ("month,metric,place,code,amount", ["2026-06,sales,store,SH01,1000", "2026-07,sales,store,SH01,2000"]),
}  # fmt: skip
FILES = {**BOUGHT, **WORDS}
KINDS = list(FILES)


@pytest.fixture
def take(tmp_path, monkeypatch):
    desk.stay_here(monkeypatch)

    def run(kind, content, **more):
        importing.take_file(kind, desk.write(tmp_path, content), at=world.NOW, **more)
        return ImportFile.objects.latest("id")

    return run


def undo(row, at=world.NOW):
    return importing.undo(row, at=at)


def refused(row, reason, at=world.NOW):
    before = checksums("%")
    with pytest.raises(reason) as told:
        undo(row, at=at)
    assert checksums("%") == before
    return str(told.value)


def text_of(kind):
    return desk.rows(*FILES[kind])


# What a second file says of rows that are known: every kind changes some and adds some.
CHANGES = {
    "stores": "code,name,region,city\nSH01,上海二店,华北,天津\nBJ01,北京店,华北,北京\n",
    "products": "sku,name,category,price\nTEA,碧螺春,绿茶,1\nCUP,杯子,器具,9\n",
    "staff": "staff_no,name,store_code,role\nG1,小美丽,GZ01,guide\nG9,新人,SH01,\n",
    "members": "member_no,name,phone,tags,joined_at,birthday\nV1,张三丰,13911110000,新标签;VIP,2024-01-01,01-31\nV9,新人,13800000001,新标签,,\nV10,又一人,13911119999,,,\n",
    "orders": "order_no,source,store_code,channel,member_no,phone,paid_at,amount\nA1,pos,GZ01,tv,V2,,2026-04-01,200.50\n"
    "Z1,pos,,radio,,13922223333,2020-01-01,5\nZ2,pos,,,V2,,2020-01-01,5\n",
    "order_lines": "order_no,source,line_no,sku,quantity,amount\nA1,pos,1,NUT,5,1\nA1,pos,3,TEA,1,2\n",
    "refunds": "refund_no,order_no,source,amount,refunded_at\nR8,A2,mall,3,2026-05-07\nR9,A4,pos,9.9,2026-05-08\n",
    "levels": "code,name,rank\nS,银,4\nG,金,1\nD,钻石卡,3\n",
    "tags": "name,family,expires_days\n茶友,personal,0\nVIP,life,\n新客,,7\n",
    "holidays": "family,year,day,name_zh,first_on\nanniversary,2026,2026-09-09,周年庆,2026-09-08\nqixi,2027,2027-08-08,七夕,\ncup,2026,2026-06-20,杯赛,\n",
    "targets": "month,metric,place,code,amount\n2026-06,sales,store,SH01,1500\n2026-06,sales,store,GZ01,300\n",
}  # fmt: skip


@pytest.mark.parametrize("rows", ["1", "1000"])
@pytest.mark.parametrize("kind", KINDS)
def test_an_import_into_known_books_is_undone_to_the_letter(take, kind, rows, monkeypatch):
    for earlier in KINDS:
        if earlier != "refunds" or kind == earlier:  # what was refunded changes no more
            take(earlier, text_of(earlier), enrol=True)
    relay.drain(at=world.NOW)
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, rows)
    before = checksums(*BOOKS)
    row = take(kind, CHANGES[kind], enrol=True)
    assert row.created
    assert bool(row.updated) == (kind != "refunds")  # which never change
    assert checksums(*BOOKS) != before
    undo(row)
    assert checksums(*BOOKS) == before
    assert ImportFile.objects.get(pk=row.pk).state == "undone"
    assert books.verify() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_import_is_undone_with_the_words_that_came_with_it(take, kind):
    for earlier in KINDS[: KINDS.index(kind)]:
        take(earlier, text_of(earlier), enrol=True)
    before = checksums(*BOOKS)
    row = take(kind, text_of(kind).replace("华东", "西域").replace("茶", "饮品").replace("直播", "radio"), enrol=True)
    undo(row)
    assert checksums(*BOOKS) == before
    assert not Region.objects.filter(name="西域").exists()
    assert not Category.objects.filter(name="饮品").exists()
    assert not BeforeImage.objects.filter(entry_id__in=row.entry_ids).exists()


def figures():
    return checksums("members_portrait"), [
        list(model.objects.order_by("day", "store").values_list("day", "store", "orders", "sales_cents", "recruits"))
        for model in (StoreDay,)
    ]


def test_figures_follow_an_undo_through_the_journal(take):
    sights.trade()
    relay.drain(at=world.NOW)
    sights.night()
    before = figures()
    row = take("orders", CHANGES["orders"].replace(",V2,,2020", ",V1,,2026"))
    relay.drain(at=world.NOW)
    sights.night()
    assert figures() != before
    undo(row)
    for _ in range(2):
        assert books.verify() == []
        relay.drain(at=world.NOW)
        assert books.verify() == []
        sights.night()
    assert figures() == before


def test_facts_of_a_member_who_joined_by_the_import_go_with_her(take):
    row = take(
        "orders", "order_no,source,store_code,phone,paid_at,amount\nZ1,pos,SH01,13922223333,2026-06-01,5\n", enrol=True
    )
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    undo(row)
    assert not Member.objects.filter(phone="+8613922223333").exists()
    assert books.verify() == []
    relay.drain(at=world.NOW)
    facts.refresh_stale(at=world.NOW)
    assert books.verify() == []


def test_the_same_file_comes_in_again_after_it_was_undone(take):
    content = text_of("members")
    undo(take("members", content))
    before = take("members", content)
    assert (before.created, before.updated, before.state) == (1, 2, "done")


MEMBERS = "member_no,name,joined_at\nV7,王五,2026-01-01\nV8,赵六,2026-01-01\n"


def test_a_member_somebody_bought_under_is_still_needed(take):
    row = take("members", MEMBERS)
    later = take("orders", "order_no,source,paid_at,amount,member_no\nA1,pos,2026-06-01,1,V7\n")
    assert "1" in refused(row, images.StillNeeded)
    undo(later)
    undo(row)
    assert not Member.objects.filter(member_no="V7").exists()


def test_a_row_that_was_changed_since_is_not_overwritten(take):
    row = take("members", MEMBERS)
    changed = take("members", "member_no,name\nV1,张三三\n")
    later = take("members", "member_no,name\nV7,王小五\nV1,张三四\n")
    for each in (row, changed):
        assert "1" in refused(each, images.ChangedSince)
    undo(later)
    undo(changed)
    undo(row)
    assert Member.objects.get(member_no="V1").name == "张三"


def test_members_who_joined_later_keep_their_seats(take):
    row = take("members", MEMBERS)
    later = take("members", "member_no,name\nV9,钱七\n")
    refused(row, Exception)
    undo(later)
    undo(row)
    assert Member.objects.count() == 2


def test_an_order_that_was_refunded_since_stays(take):
    row = take("orders", text_of("orders"), enrol=True)
    take("refunds", "refund_no,order_no,source,amount,refunded_at\nR1,A1,pos,5,2026-05-05\n")
    refused(row, images.StillNeeded)


def test_an_order_keeps_its_amount_when_lines_have_filled_it(take):
    take("orders", "order_no,source,paid_at,amount\nA1,pos,2026-06-01,10\n")
    raised = take("orders", "order_no,source,paid_at,amount\nA1,pos,2026-06-01,30\n")
    lines = take("order_lines", "order_no,source,line_no,sku,quantity,amount\nA1,pos,1,TEA,1,30\n")
    refused(raised, Exception)
    undo(lines)
    undo(raised)
    assert Order.objects.get().amount_cents == 1000


def test_a_line_that_was_refunded_since_stays(take):
    take("orders", "order_no,source,paid_at,amount\nA1,pos,2026-06-01,10\n")
    lines = take("order_lines", "order_no,source,line_no,sku,quantity,amount\nA1,pos,1,TEA,1,10\n")
    take("refunds", "refund_no,order_no,source,line_no,amount,refunded_at\nR1,A1,pos,1,5,2026-06-05\n")
    refused(lines, images.StillNeeded)


def test_a_refund_that_was_wrong_comes_in_right_after_its_undo(take):
    sights.trade()
    relay.drain(at=world.NOW)
    sights.night()
    before = figures()
    row = take("refunds", "refund_no,order_no,source,amount,refunded_at\nR7,A1,pos,50,2026-06-05\n")
    relay.drain(at=world.NOW)
    sights.night()
    assert figures() != before
    undo(row)
    for _ in range(2):
        assert books.verify() == []
        relay.drain(at=world.NOW)
        assert books.verify() == []
        sights.night()
    assert figures() == before
    take("refunds", "refund_no,order_no,source,amount,refunded_at\nR7,A1,pos,5,2026-06-05\n")
    assert Order.objects.get(order_no="A1").refunded_cents == 500


def test_a_refund_never_changes_but_goes_with_its_import(take):
    """The site's own role may withdraw a refund and cannot rewrite one."""
    take("orders", "order_no,source,paid_at,amount\nA1,pos,2026-06-01,10\n")
    take("refunds", "refund_no,order_no,source,amount,refunded_at\nR1,A1,pos,5,2026-06-05\n")
    with writing("tests"), pytest.raises(DatabaseError), transaction.atomic():
        Refund.objects.update(amount_cents=1)
    assert Refund.objects.get().amount_cents == 500


def test_members_whom_a_night_has_scored_go_with_what_it_made_of_them(take):
    sights.trade()
    relay.drain(at=world.NOW)
    sights.night()
    before = figures()
    row = take("members", "member_no,name,joined_at,store_code\nV7,王五,2026-01-01,SH01\nV8,赵六,2026-06-02,SH01\n")
    relay.drain(at=world.NOW)
    sights.night()
    assert figures() != before
    undo(row)
    assert not StageChange.objects.exclude(member__in=Member.objects.all()).exists()
    for _ in range(2):
        assert books.verify() == []
        relay.drain(at=world.NOW)
    assert books.verify() == []
    sights.night()
    assert figures() == before


def test_scored_members_who_have_bought_stay(take):
    row = take(
        "orders", "order_no,source,store_code,phone,paid_at,amount\nZ1,pos,SH01,13922223333,2026-06-01,5\n", enrol=True
    )
    sights.night()
    assert "画像" in refused(row, images.StillNeeded)


def test_a_level_members_hold_and_a_tag_they_carry_stay(take):
    row = take("tags", "name\n茶友\n")
    take("members", "member_no,name,tags\nV1,张三,茶友\n")
    assert "1" in refused(row, images.StillNeeded)
    row = take("levels", "code,name,rank\nG,金卡,1\n")
    with writing("tests"):
        Member.objects.update(level=Level.objects.get())
    refused(row, images.StillNeeded)


def test_a_yearly_day_goes_with_its_repetitions(take):
    row = take("holidays", desk.rows(*WORDS["holidays"]))
    holidays.fill(first_year=2025, last_year=2028, at=world.NOW)
    assert Holiday.objects.filter(family="anniversary").count() == 3
    undo(row)
    assert not Holiday.objects.filter(family="anniversary").exists()
    assert Holiday.objects.filter(family="qixi", year=2027).exists()


TARGETS = "month,metric,place,code,amount\n2026-06,sales,store,SH01,{}\n"


def test_targets_somebody_went_on_from_stay(take):
    first, second = take("targets", TARGETS.format(1000)), take("targets", TARGETS.format(2000))
    refused(first, images.ChangedSince)
    undo(second)
    undo(first)
    assert not TargetPlan.objects.exists()


def test_targets_of_a_month_that_is_over_stay_as_they_were(take):
    row = take("targets", TARGETS.format(1000))
    with pytest.raises(targets.ClosedMonth):
        withdrawals.withdraw_targets(entry_id=row.entry_ids[0], at=world.NOW + timedelta(days=20))
    assert TargetPlan.objects.count() == 1
    undo(row, at=world.NOW + timedelta(days=13))
    assert not TargetPlan.objects.exists()


def test_a_person_who_was_admitted_since_stays(take):
    row = take("staff", "staff_no,name,store_code,role\nG9,新人,SH01,\n")
    posts.admit(username="G9", password=sights.PASSWORD, name="新人", role="hq", at=world.NOW)
    refused(row, images.ChangedSince)


def test_an_import_is_undone_once_and_only_for_so_many_days(take):
    row = take("members", MEMBERS)
    refused(row, imports.TooLate, at=world.NOW + timedelta(days=imports.UNDO_DAYS, minutes=1))
    undo(row, at=world.NOW + timedelta(days=imports.UNDO_DAYS))
    refused(row, imports.NotUndone)


def test_an_import_that_brought_nothing_has_nothing_to_undo(take):
    row = take("members", "member_no,phone\nV7,abc\n")
    refused(row, imports.NotUndone)


def test_an_import_that_was_cut_off_in_the_middle_of_an_undo_is_whole(take, monkeypatch):
    row = take("members", MEMBERS)
    monkeypatch.setenv("NEWRETAIL_FAILPOINT", "import.before_undone=raise")
    before = checksums("%")
    with pytest.raises(RuntimeError):
        undo(row)
    assert checksums("%") == before


def test_images_are_kept_as_long_as_an_import_may_be_undone(take):
    take("members", "member_no,name\nV1,张三三\n")
    assert BeforeImage.objects.count() == 1
    imports.forget(at=world.NOW + timedelta(days=imports.UNDO_DAYS))
    assert BeforeImage.objects.count() == 1
    imports.forget(at=world.NOW + timedelta(days=imports.UNDO_DAYS + 2))
    assert BeforeImage.objects.count() == 0


def test_only_an_import_keeps_images():
    world.people({"member_no": "V1", "name": "张三三"})
    assert not BeforeImage.objects.exists()


@pytest.mark.books_may_break
def test_without_images_an_undo_would_leave_what_was_changed(take):
    """The control: the images are what brings changed rows back."""
    before = checksums(*BOOKS)
    row = take("members", "member_no,name,tags\nV1,张三三,VIP\n")
    with writing("tests"):
        BeforeImage.objects.all().delete()
    with pytest.raises(images.ChangedSince):
        undo(row)
    assert checksums(*BOOKS) != before


def test_the_line_of_an_undo_holds_counts_and_no_values(take):
    undo(take("members", CHANGES["members"]))
    line = JournalEntry.objects.get(name="members.member.withdrawn")
    assert (line.facts["removed"], line.facts["restored"]) == (10, 2)
    assert "张三" not in str(line.facts)
