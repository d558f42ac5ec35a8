"""HQ's import in a browser: a dirty workbook from the desk into the books, and each way it can fail."""

from members.models import Member
from tests.journeys.conftest import at_desk
from tests.journeys.test_hq_day import sign_in, too_wide
from tests.kernel.files import desk
from tests.kernel.files.sheetworks import book

DIRTY = book([
    ("编号", "姓名", "联系电话", "生日", "备注"),
    ("V7", "王五", 13800000007, "1990-01-31", "=1+1"),
    ("V8", "赵六", "1.38E+10", "", ""),
    ("V1", "张三丰", "", "", ""),
    ("", "无名", "", "", ""),
    ("V7", "王六", "", "", ""),
], hidden=("旧数据",))  # fmt: skip


def hand_in(page, content, name="会员.xlsx", kind="members", source=""):
    body = content.encode() if isinstance(content, str) else content
    page.goto("/admin/imports/new/")
    page.select_option("[name=kind]", kind)
    page.set_input_files("[name=file]", {"name": name, "mimeType": "", "buffer": body})
    page.fill("[name=source]", source)
    page.click(".im-main")


def match(page, **columns):
    for number, column in columns.items():
        page.select_option(f"[name={number}]", column)
    page.click(".im-main")


def names(aside):
    return aside(lambda: dict(Member.objects.values_list("member_no", "name")))


def matched(page):
    """Hand the dirty workbook in and match what its headers do not say."""
    hand_in(page, DIRTY, source="收银系统")
    page.wait_for_selector(".im-columns")
    assert "工作表“会员”" in page.inner_text("body")
    assert "138****0007" in page.inner_text(".im-columns")
    assert too_wide(page) <= 0
    match(page, column_0="member_no", column_2="phone")


def tried(page, work):
    """Let it be tried, and read what it would do."""
    page.wait_for_selector(".im-working")
    work()
    page.wait_for_selector("text=确认导入")
    assert [b.inner_text() for b in page.locator(".hq-figures b").all()][:5] == ["5", "1", "1", "0", "3"]
    assert "手机号" in page.inner_text(".hq-table")
    assert too_wide(page) <= 0


def confirmed(page, work):
    page.click("text=确认导入")
    page.wait_for_selector(".im-working")
    work()
    page.wait_for_url("**/kernel/importfile/*/change/")


def undone(page, work):
    page.click("text=撤销此导入")
    page.click("text=立即撤销")
    page.wait_for_selector(".im-working")
    work()
    page.wait_for_selector("#im-state[data-at-work='']")


def test_an_operator_takes_a_dirty_workbook_in_and_back(page, work, aside):
    sign_in(page, "hq")
    before = names(aside)
    page.goto("/admin/kernel/importfile/")
    page.click("text=导入文件")
    matched(page)
    tried(page, work)
    assert names(aside) == before
    confirmed(page, work)
    assert names(aside) == {**before, "V7": "王五", "V1": "张三丰"}
    with page.expect_download() as got:
        page.click("text=下载错误行")
    assert got.value.suggested_filename.endswith("-errors.csv")
    undone(page, work)
    assert "已撤销，数据恢复" in page.inner_text("body")
    assert names(aside) == before
    hand_in(page, DIRTY, source="收银系统")
    page.wait_for_selector(".im-columns")
    assert page.input_value("[name=column_2]") == "phone"


REFUSED = {
    "of no kind anybody reads": (b"%PDF-1.7", "不是 CSV"),
    "empty": (b"", "空"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + bytes(99), "旧格式"),
}


@at_desk
def test_what_cannot_be_read_is_said_at_the_desk(page):
    sign_in(page, "hq")
    for content, says in REFUSED.values():
        hand_in(page, content, "文件.csv")
        assert says in page.inner_text(".im-refused")
    assert too_wide(page) <= 0


@at_desk
def test_a_file_of_another_kind_is_told_by_what_is_missing_and_can_be_given_up(page, aside):
    sign_in(page, "hq")
    hand_in(page, desk.rows("会员号,姓名", ["V7,王五"]), kind="orders")
    page.wait_for_selector(".im-columns")
    match(page)
    assert "支付时间 (paid_at)" in page.inner_text(".im-refused")
    page.click("text=放弃此文件")
    page.wait_for_url("**/kernel/importfile/")
    assert "V7" not in names(aside)


@at_desk
def test_an_import_is_cancelled_and_goes_on(page, work, aside):
    sign_in(page, "hq")
    hand_in(page, desk.rows("会员号,姓名", ["V7,王五"]), "会员.csv")
    page.wait_for_selector(".im-columns")
    match(page)
    page.wait_for_selector(".im-working")
    work()
    page.click("text=确认导入")
    page.wait_for_selector(".im-working")
    page.click("text=取消")
    page.wait_for_selector("text=已停止。")
    assert "V7" not in names(aside)
    page.click("text=继续")
    page.wait_for_selector(".im-working")
    work()
    page.wait_for_url("**/kernel/importfile/*/change/")
    assert names(aside)["V7"] == "王五"


@at_desk
def test_an_undo_that_is_refused_says_why(page, work, aside):
    sign_in(page, "hq")
    pages = []
    for name in ("王五", "王小五"):
        hand_in(page, desk.rows("会员号,姓名", [f"V7,{name}"]), "会员.csv")
        page.wait_for_selector(".im-columns")
        match(page)
        page.wait_for_selector(".im-working")
        work()
        confirmed(page, work)
        pages.append(page.url)
    page.goto(pages[0])
    undone(page, work)
    assert "未能撤销" in page.inner_text("body")
    assert "之后又被修改" in page.inner_text(".im-refused")
    assert names(aside)["V7"] == "王小五"
