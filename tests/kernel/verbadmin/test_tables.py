"""Small tables by file: the preview tells the truth and writes nothing, the confirmation writes what was shown."""

import os
from datetime import date, timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from members.models import Level, Tag
from newretail.kernel.actions import jobs
from newretail.kernel.files import storage
from newretail.kernel.models import Holiday, JournalEntry, User
from stores.models import Product, Store
from tests import sights, world
from tests.kernel.files import sheetworks


@pytest.fixture(autouse=True)
def _cast(noon, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    world.chain()


def look(client, noun, content):
    raw = content if isinstance(content, bytes) else content.encode("utf-8-sig")
    file = SimpleUploadedFile("t.csv", raw, content_type="text/csv")
    return client.post(f"/admin/{noun}/import/", {"format": "0", "resource": "0", "import_file": file})


def confirm(client, noun, looked):
    hidden = looked.context["confirm_form"].initial
    return client.post(f"/admin/{noun}/process_import/", hidden)


def told(response):
    return [row.import_type for row in response.context["result"].rows]


TABLES = [
    ("stores/store", "code,name,region\nSH01,上海新店,华东\nBJ01,北京店,华北\nGZ01,广州天河店,华南\n", Store),
    ("stores/product", "商品编码,商品名称,价格\nTEA,龙井新茶,128.00\nCUP,茶杯,9.90\nNUT,每日坚果,59.90\n", Product),
    ("kernel/user", "staff_no,name,store_code,role\nM1,王新店长,SH01,manager\nG9,小新,GZ01,guide\nS1,李督导,华东,supervisor\n", User),
    ("members/level", "code,name,rank\nS,银,1\nB,铜,2\nG,金卡,3\n", Level),
    ("members/tag", "标签,标签族\n茶友,生活\n新客,购买\n老友,个性化\n", Tag),
    ("kernel/holiday", "family,year,day,name_zh\nqixi,2026,2026-08-20,七夕\nanniversary,2026,2026-09-09,店庆\nlaba,2026,2026-01-26,腊八节\n", Holiday),
]  # fmt: skip


@pytest.fixture
def _known():
    """What the first line of each table changes, and the third says again."""
    from members.actions import levels, tags
    from members.importers import LEVELS, TAGS
    from newretail.kernel.actions import holidays
    from newretail.kernel.files.rows import batch_of
    from newretail.kernel.importers import HOLIDAYS

    steps = [{"code": "S", "name": "银卡", "rank": 1}, {"code": "G", "name": "金卡", "rank": 3}]
    levels.record(batch=batch_of(LEVELS, steps), at=world.NOW)
    tags.record(batch=batch_of(TAGS, [{"name": "茶友"}, {"name": "老友"}]), at=world.NOW)
    days = [("qixi", "2026-08-19", "七夕节"), ("laba", "2026-01-26", "腊八节")]
    rows = [{"family": f, "year": 2026, "day": d, "name_zh": n} for f, d, n in days]
    holidays.record(batch=batch_of(HOLIDAYS, rows), at=world.NOW)


def as_text(text):
    return text


def as_workbook(text):
    """The same rows in Excel, numbers as numbers."""
    cells = [[float(cell) if cell.replace(".", "").isdigit() else cell for cell in line.split(",")]
             for line in text.splitlines()]  # fmt: skip
    return sheetworks.book(cells, hidden=["备注"])


@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize("written", [as_text, as_workbook])
@pytest.mark.parametrize(("noun", "text", "model"), TABLES, ids=[noun for noun, _, _ in TABLES])
def test_the_preview_tells_what_the_confirmation_does(noun, text, model, written):
    if noun == "kernel/holiday":  # the span moves with its day
        text = text.replace("day,name_zh", "day,name_zh,first_on,last_on").replace(
            "2026-08-20,七夕", "2026-08-20,七夕,2026-08-20,2026-08-20"
        )
        text = text.replace("店庆", "店庆,,").replace("腊八节", "腊八节,,")
    client, text = sights.browser("hq"), written(text)
    before = list(model.objects.order_by("pk").values())
    looked = look(client, noun, text)
    assert told(looked) == ["update", "new", "skip"]
    assert list(model.objects.order_by("pk").values()) == before
    lines = JournalEntry.objects.count()
    assert confirm(client, noun, looked).status_code == 302
    assert model.objects.count() == len(before) + 1
    assert JournalEntry.objects.count() == lines + 1
    assert not list(storage.folder("tables").iterdir())
    assert told(look(client, noun, text)) == ["skip"] * 3


def test_the_preview_shows_from_what_to_what():
    text = sights.text(look(sights.browser("hq"), "stores/store", "code,name\nSH01,上海新店\n"))
    assert "<del>上海南京西路店</del> <ins>上海新店</ins>" in text


def test_one_wrong_row_and_nothing_is_taken_in():
    response = look(
        sights.browser("hq"), "stores/store", "code,name,latitude,longitude\nBJ01,北京店,,\nTJ01,天津店,99,117\n"
    )
    assert "confirm_form" not in response.context
    assert response.context["result"].invalid_rows[0].number == 3  # its line in the file
    assert list(response.context["result"].invalid_rows[0].field_specific_errors) == ["纬度"]
    assert "Choose file" not in sights.text(response)
    assert not Store.objects.filter(code__in=["BJ01", "TJ01"]).exists()


@pytest.mark.parametrize(("text", "says"), [
    ("name\n北京店\n", "表头缺少这些列"), ("code,编码,name\nA,A,甲\n", "表头中有重复的列"),
    ("code,name\n" + "".join(f"S{i},店\n" for i in range(5001)), "此处最多 5,000 行"),
    ("code,name\n", "文件只有表头"), (sheetworks.book([["code", "name"]]), "文件只有表头"),
    (sheetworks.book([["name"], ["北京店"]]), "表头缺少这些列"),
    (sheetworks.raw(['<row r="1"><c r="XFD1" t="inlineStr"><is><t>code</t></is></c></row>']), "列"),
    (sheetworks.raw([sheetworks.cells(1, "code", "name"), *(["<row/>"] * 500_000)]), "行"),
    (b"PK\x03\x04" + b"0" * 50, "无法读取"), (b"\xd0\xcf\x11\xe0" + b"0" * 50, "旧格式"),
])  # fmt: skip
def test_a_file_that_is_no_table_is_told_in_a_sentence(text, says):
    stores = Store.objects.count()
    assert says in sights.text(look(sights.browser("hq"), "stores/store", text))
    assert Store.objects.count() == stores


@pytest.mark.parametrize(
    "raw", [b"", b"\x00\x01\x02", "编码,名称\n".encode("gb18030") + b"A,\xff\xfe\n", b"PK\x03\x04" + b"0" * 50]
)
def test_bytes_that_are_no_text_are_refused_in_words(raw):
    file = SimpleUploadedFile("t.csv", raw)
    response = sights.browser("hq").post(
        "/admin/stores/store/import/", {"format": "0", "resource": "0", "import_file": file}
    )
    assert response.status_code == 200
    assert "confirm_form" not in response.context
    assert Store.objects.count() == 2


def test_a_row_that_cannot_be_read_is_shown_by_its_line():
    broken = sheetworks.Cell("#N/A", formula="=NA()")
    book = sheetworks.book([["code", "name"], ["BJ01", "北京店"], [], ["TJ01", broken]])
    for content, lines in ((book, [4]), (b"code,name\nBJ01,a\nTJ01,b,c\nCD01,\n", [3, 4])):
        response = look(sights.browser("hq"), "stores/store", content)
        assert [row.number for row in response.context["result"].invalid_rows] == lines
        assert "confirm_form" not in response.context
    assert Store.objects.count() == 2


def test_days_of_a_workbook_are_days():
    client = sights.browser("hq")
    book = sheetworks.book(
        [["code", "name", "opened_on"], ["BJ01", "北京店", date(2026, 3, 1)], ["TJ01", "津店", 46082]]
    )
    confirm(client, "stores/store", look(client, "stores/store", book))
    opened = dict(Store.objects.exclude(opened_on=None).values_list("code", "opened_on"))
    assert opened == {"BJ01": date(2026, 3, 1), "TJ01": date(2026, 3, 1)}


def test_a_table_that_nobody_confirmed_is_removed_by_the_next_night_but_one():
    look(sights.browser("hq"), "stores/store", "code,name\nBJ01,北京店\n")
    (left,) = storage.folder(storage.TABLES).iterdir()
    os.utime(left, (world.NOW.timestamp(),) * 2)

    def night(hours):
        with time_machine.travel(world.NOW + timedelta(hours=hours), tick=False):
            run = jobs.queue(name="forget_files", at=world.NOW, by=None)
            jobs.perform(run=run)

    night(24)
    assert left.exists()
    night(26)
    assert not left.exists()


def test_a_key_that_stands_twice_counts_once():
    assert told(look(sights.browser("hq"), "stores/store", "code,name\nBJ01,北京店\nBJ01,北京店\n")) == ["new", "skip"]


def test_an_auditor_looks_at_lists_and_brings_nothing_in():
    client = sights.browser("auditor")
    assert look(client, "stores/store", "code,name\nBJ01,北京店\n").status_code == 403
    assert client.post("/admin/stores/store/process_import/", {}).status_code == 403
    assert not Store.objects.filter(code="BJ01").exists()
    hq = sights.browser("hq")
    confirm(hq, "stores/store", look(hq, "stores/store", "code,name\nBJ01,北京店\n"))
    assert Store.objects.filter(code="BJ01").exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "0" * 32, "x" * 32, ""])
def test_a_confirmation_reads_only_files_that_were_looked_at(name):
    given = {"import_file_name": name, "original_file_name": "t.csv", "format": "0", "resource": "0"}
    response = sights.browser("hq").post("/admin/stores/store/process_import/", given)
    assert response.status_code in (200, 302)
    assert Store.objects.count() == 2


def test_another_brand_does_not_see_a_file_that_was_looked_at(other_brand):
    looked = look(sights.browser("hq"), "stores/store", "code,name\nBJ01,北京店\n")
    name = looked.context["confirm_form"].initial["import_file_name"]
    assert (storage.folder("tables") / name).exists()
    with other_brand:
        assert not (storage.folder("tables") / name).exists()


def test_a_formula_in_a_table_is_no_formula_in_its_export():
    client = sights.browser("hq")
    confirm(client, "members/tag", look(client, "members/tag", "标签\n=1+1\n"))
    assert "'=1+1" in sights.text(client.post("/admin/members/tag/export/"))


def test_a_tag_is_edited_on_its_page_with_its_history():
    client = sights.browser("hq")
    form = {"name": "茶友", "family": "life", "owner_no": "M1", "expires_days": "90"}
    assert client.post("/admin/members/tag/add/", form).status_code == 302
    row = Tag.objects.get()
    page = f"/admin/members/tag/{row.pk}/change/"
    assert (row.owner_no, row.expires_days) == ("M1", 90)
    refused = client.post(page, {**form, "owner_no": "X9"})
    assert "没有这个工号的员工" in sights.text(refused)
    assert client.post(page, {**form, "expires_days": ""}).status_code == 302
    assert Tag.objects.get().expires_days is None
    assert "members.tag.recorded" in sights.text(client.get(page))


@pytest.mark.usefixtures("_known")
@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("noun", [noun for noun, _, _ in TABLES])
def test_a_table_taken_out_comes_in_again_and_changes_nothing(noun, form, language):
    client = sights.browser("hq", language)
    days = {
        "code": "SH01",
        "name": "上海南京西路店",
        "opened_on": "2020-01-02",
        "latitude": "31.2",
        "longitude": "121.4",
    }
    world.stores(days)
    world.staff(
        {"staff_no": "M1", "name": "王店长", "store_code": "SH01", "role": "manager", "joined_on": "2021-02-03"}
    )
    numbered = "?q=M1" if noun == "kernel/user" else ""  # who signs in without a staff number is not in files
    taken = client.post(f"/admin/{noun}/export/{numbered}", {"format": form})
    looked = look(client, noun, b"".join(taken.streaming_content))
    assert set(told(looked)) == {"skip"}
    assert "confirm_form" in looked.context
    known = {"stores/store": "2020-01-02", "kernel/user": "2021-02-03"}.get(noun, "")
    assert known in sights.text(looked)
