"""HQ sets a month's targets on the grid: typed, pasted, shared out, saved; a second editor loses nothing."""

from tests.journeys.conftest import at_desk
from tests.journeys.test_hq_day import sign_in, too_wide

PASTE = """(input) => {
    const held = new DataTransfer();
    held.setData("text", "¥1,000\\t甲\\r\\n500\\r\\n");
    input.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true }));
}"""


def cell(page, key):
    return page.locator(f'tr[data-key="{key}"] input')


def save(page, reason):
    page.fill(".tg-reason[maxlength]", reason)
    page.click(".tg-go")


def unfold(page, key):
    page.click(f'tr[data-key="{key}"] .tg-fold')


def grid(page):
    page.goto("/admin/targets/")
    page.wait_for_selector("html[data-targets=ready]", state="attached")
    unfold(page, "region:华东")
    return page


def test_targets_are_typed_pasted_shared_out_and_saved(page):
    sign_in(page, "hq")
    grid(page)
    unfold(page, "store:SH01")
    cell(page, "store:SH01").evaluate(PASTE)  # the store, and the guide below it
    assert "合计不等 1 处" in page.inner_text("[data-count]")
    cell(page, "store:SH01").press("ArrowDown")
    page.keyboard.type("9")
    page.keyboard.press("Escape")
    assert cell(page, "guide:SH01/G1").input_value() == ""
    cell(page, "store:SH01").fill("")
    cell(page, "guide:SH01/G1").fill("500")
    cell(page, "region:华东").fill("2000.01")
    page.click("[data-deal=even]")
    assert cell(page, "store:SH01").input_value() == "2,000.01"
    assert cell(page, "brand").get_attribute("placeholder") == "2,000.01"
    assert cell(page, "guide:SH01/G1").input_value() == "2,000.01"  # set before, shared out with its store
    save(page, "")
    page.wait_for_selector("text=第 1 版已生效")
    assert too_wide(page) <= 0
    page.goto("/admin/targets/versions/")
    assert "¥2,000.01" in page.inner_text("body")


def test_a_second_editor_is_told_and_loses_nothing(page):
    sign_in(page, "hq")
    other = grid(page.context.new_page())
    grid(page)
    cell(other, "store:SH01").fill("100")
    save(other, "")
    other.wait_for_selector("text=第 1 版已生效")
    cell(page, "store:SH01").fill("3000")
    cell(page, "store:SH01").press("Enter")
    save(page, "")
    page.wait_for_selector("text=没有丢失")
    assert cell(page, "store:SH01").input_value() == "3000"
    save(page, "旺季")
    page.wait_for_selector("text=第 2 版已生效")
    assert cell(page, "brand").get_attribute("placeholder") == "3,000"


@at_desk
def test_targets_that_do_not_add_up_are_refused_until_somebody_means_it_and_a_change_says_why(page):
    sign_in(page, "hq")
    grid(page)
    cell(page, "region:华东").fill("1000")
    cell(page, "store:SH01").fill("400")
    cell(page, "store:SH01").press("Enter")
    save(page, "")
    page.wait_for_selector("[data-told]:has-text('之和不等')")
    assert cell(page, "region:华东").input_value() in ("1000", "1,000")
    page.check("[data-confirm] input")
    save(page, "")
    page.wait_for_selector("text=第 1 版已生效")
    unfold(page, "region:华东")
    cell(page, "store:SH01").fill("1000")
    cell(page, "store:SH01").press("Enter")
    save(page, "")
    page.wait_for_selector("[data-told]:has-text('请填写调整原因')")
    save(page, "补齐差额")
    page.wait_for_selector("text=第 2 版已生效")
    page.goto("/admin/targets/versions/")
    assert "补齐差额" in page.inner_text("body")
