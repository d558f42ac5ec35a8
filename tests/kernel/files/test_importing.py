"""Taking a file in: every row accounted for, twice the same as once, a trial run tells the truth and leaves nothing."""

import pytest
from django.db import connection

from members.models import Order
from newretail.kernel.files import importing, reader
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.models import ImportFile, JournalEntry
from stores.actions.catalogue import MAX_CHANNELS, TooManyChannels
from tests import world
from tests.kernel.files import desk

FILES = {
    "stores": ("code,name,region,city,latitude,longitude,opened_on", [
        "SH01,上海店,华东,上海,31.2304,121.4737,2020-05-01", "GZ01,广州店,华南,,,,", "SH01,上海店,华东,上海,,,", "XX,x,,,99,1,"]),
    "products": ("sku,name,category,price", ["TEA,龙井,茶,128.00", "NUT,坚果,零食,59.9", "BAG,袋子,,0", "BAD,x,,-1"]),
    "staff": ("staff_no,name,store_code,role,phone,joined_on", [
        "M1,王店长,SH01,manager,13900000001,2020-05-01", "G1,小美,SH01,,,", "S1,李督导,华东,督导,,", "H1,总部,,hq,,", "G2,x,??,guide,,"]),
    "members": ("member_no,name,phone,gender,birthday,birthday_calendar,joined_at,store_code,source,tags", [
        "V1,张三,13800000001,f,1990-02-28,,2025-01-10,SH01,pos,VIP;茶", "V2,李四,138 0000 0002,,02-30,农历,,,,",
        f"V3,王五,,m,,,2025-03-01T10:00:00+08:00,GZ01,,{'长' * 70}", "V1,张三,,,,,,,,", "V4,x,abc,,,,,,,"]),
    "orders": ("order_no,source,store_code,channel,scene,member_no,phone,paid_at,amount,staff_no", [
        "A1,pos,SH01,,,V1,,2026-05-01T10:00:00,100.50,G1", "A2,mall,,直播,live_stream,,13800000002,2026-05-02,20,",
        "A3,pos,GZ01,store,,,13811112222,2026-05-03,0,", "a1,pos,SH01,,,V1,,2026-05-01T10:00:00,100.50,G1",
        "A4,pos,,,,N7,13811113333,2026-05-04T23:59:59.5+08:00,9.9,", "A5,pos,SH01,,,V1,,2026-05-01,-1,"]),
    "order_lines": ("order_no,source,line_no,sku,quantity,amount,discount", [
        "A1,pos,1,TEA,1,60.50,10", "A1,pos,2,NUT,2,40,", "A2,mall,1,BAG,0,0,", "A9,pos,1,TEA,1,1,", "A3,pos,1,TEA,1,1,"]),
    "refunds": ("refund_no,order_no,source,line_no,quantity,amount,refunded_at", [
        "R1,A1,pos,1,1,60.50,2026-05-05", "R2,A2,mall,,,5,2026-05-06T12:00:00Z", "r1,a1,pos,1,1,60.50,2026-05-05",
        "R3,A1,pos,2,1,41,2026-05-05", "R4,A9,pos,,,1,2026-05-05"]),
}  # fmt: skip
BOOKS = "stores_%", "members_%", "kernel_user"


def text_of(kind):
    return desk.rows(*FILES[kind])


def tables(*like):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
            " AND relname LIKE ANY(%s) ORDER BY 1", [list(like)])  # fmt: skip
        return [name for (name,) in cursor.fetchall()]


def checksums(*like):
    with connection.cursor() as cursor:
        found = {}
        for name in tables(*like):
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {name} t")
            found[name] = cursor.fetchone()
        return found


@pytest.fixture
def everything(take):
    return {kind: take(kind, text_of(kind), enrol=True) for kind in FILES}


def test_every_row_of_every_kind_is_accounted_for(everything):
    for kind, taken in everything.items():
        result = taken.result
        assert result.rows == len(FILES[kind][1]) == sum(taken.counts)
        assert result.rejected == len(taken.refusals) > 0
    assert everything["orders"].result.enrolled == 2


@pytest.mark.parametrize("kind", FILES)
def test_the_same_file_again_creates_and_updates_nothing(take, everything, kind):
    before = checksums(*BOOKS)
    again = take(kind, text_of(kind), enrol=True)
    rows, rejected = len(FILES[kind][1]), everything[kind].result.rejected
    assert (again.counts, again.result.enrolled) == ((0, 0, rows - rejected, rejected), 0)
    assert again.refusals == everything[kind].refusals
    assert checksums(*BOOKS) == before


@pytest.mark.parametrize("kind", FILES)
def test_small_chunks_come_to_the_same_counts_and_books(take, monkeypatch, everything, kind):
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, "1")
    before = checksums(*BOOKS)
    again = take(kind, text_of(kind) + "\n", enrol=True)
    assert again.refusals == everything[kind].refusals
    assert checksums(*BOOKS) == before


@pytest.mark.parametrize("rows", ["2", "1000"])
def test_a_trial_tells_what_the_run_then_does_and_leaves_nothing(take, tmp_path, monkeypatch, rows):
    monkeypatch.setenv(reader.CHUNK_ROWS_SET, rows)
    for kind in FILES:
        before = checksums("%")
        told = importing.try_file(kind, desk.write(tmp_path, text_of(kind)), at=world.NOW, enrol=True)
        assert checksums("%") == before
        done = take(kind, text_of(kind), enrol=True).result
        assert {**vars(told), "errors_file": ""} == {**vars(done), "errors_file": ""}


def test_a_trial_of_a_refused_file_leaves_nothing_either(brand, tmp_path):
    before = checksums("%")
    with pytest.raises(FileRefused):
        importing.try_file("orders", desk.write(tmp_path, "a,b\n1,2\n"), at=world.NOW)
    assert checksums("%") == before


def test_an_import_writes_when_it_began_and_ended_and_one_line_per_chunk(take, small_chunks):
    take("stores", desk.rows("code,name", [f"S{i},店" for i in range(7)]))
    names = list(JournalEntry.objects.order_by("id").values_list("name", flat=True))
    assert names == ["kernel.import.begun", *["stores.store.recorded"] * 3, "kernel.import.done"]
    assert ImportFile.objects.get().chunks_done == 3


def test_a_file_of_nothing_new_writes_no_line_about_its_noun(take):
    take("stores", "code,name\nS1,店\n")
    take("stores", "code,name\nS1,店\n\n")
    assert JournalEntry.objects.filter(name="stores.store.recorded").count() == 1


def test_a_refused_file_may_be_mended_and_taken(take):
    with pytest.raises(FileRefused):
        take("stores", "code\nS1\n")
    assert take("stores", "code,name\nS1,店\n").result.created == 1
    assert list(ImportFile.objects.order_by("id").values_list("state", flat=True)) == ["failed", "done"]


def test_an_import_the_verb_refuses_is_not_left_running(take):
    lines = [f"A{i},pos,2026-06-01,1,channel {i}" for i in range(MAX_CHANNELS + 1)]
    with pytest.raises(TooManyChannels):
        take("orders", desk.rows("order_no,source,paid_at,amount,channel", lines))
    assert ImportFile.objects.get().state == "failed"
    assert not Order.objects.exists()
