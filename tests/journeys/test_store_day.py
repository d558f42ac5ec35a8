"""The day of a store manager and of a supervisor in a browser: the board, the people behind it, the week, the region."""

from tests.journeys.conftest import at_desk
from tests.journeys.test_hq_day import sign_in, too_wide


def too_small(page):
    """Links and buttons of the page that a thumb would miss: lower than 40 points, but for help and words in a row."""
    return page.evaluate(
        """() => [...document.querySelectorAll('main a, main button, .pg-head a, .pg-head button')]
            .filter(e => e.offsetParent && !e.closest('.hq-tile, td, .hq-help'))
            .filter(e => e.getBoundingClientRect().height < 36).map(e => e.outerHTML.slice(0, 90))"""
    )


def test_a_manager_reads_her_day_opens_people_and_comments_her_week(page):
    sign_in(page, "manager")
    page.wait_for_selector("html[data-charts=drawn]", state="attached")
    assert "需要你处理" in page.inner_text("main")
    assert too_wide(page) <= 0
    assert too_small(page) == []
    page.click("text=还没有第二次购买的新客")
    page.wait_for_url("**/stores/SH01/people/second/")
    assert too_wide(page) <= 0
    page.click("text=← 上海南京西路店")
    page.click("text=本周反馈")
    page.wait_for_url("**/weeks/2026-W25/")
    assert too_wide(page) <= 0
    page.fill("#words", "雨天客流少，推热茶")
    page.click("text=提交点评")
    page.wait_for_selector("text=已保存，内容见下方")
    assert "雨天客流少" in page.inner_text("#comment .pg-words")
    page.click(".hq-lang button[value=en]")
    page.wait_for_selector("html[lang=en]")
    assert "Manager's comment" in page.inner_text("main")


def test_every_number_of_the_board_opens_what_is_behind_it(page):
    sign_in(page, "manager")
    page.click(".hq-tile:has-text('今日订单数') a.hq-figure")
    page.wait_for_url("**/admin/members/order/?*")
    page.go_back()
    page.click(".hq-tile:has-text('本月拉新率') a.hq-figure")
    page.wait_for_url("**/admin/members/member/?*")


def test_a_supervisor_compares_her_stores_sorts_them_and_opens_one(page):
    sign_in(page, "supervisor")
    assert page.inner_text("h1").startswith("华东")
    assert too_wide(page) <= 0
    if page.viewport_size["width"] < 640:
        page.click("summary:has-text('排序')")
        page.click(".pg-sorts >> text=拉新率")
    else:
        page.click("thead >> text=拉新率")
    page.wait_for_url("**sort=-rate**")
    assert page.locator("th[aria-sort=descending]").inner_text().startswith("拉新率")
    assert too_wide(page) <= 0
    page.click("tbody >> text=上海南京西路店")
    page.wait_for_url("**/stores/SH01/")


def test_a_store_that_is_not_hers_is_not_there(page):
    sign_in(page, "manager")
    assert page.goto("/stores/SH01/").status == 200
    answer = page.request.get("/stores/GZ01/")
    assert answer.status == 404
    assert answer.text() == page.request.get("/stores/NOWHERE/").text()


@at_desk
def test_hq_answers_what_the_manager_said_of_her_week_and_she_reads_it(page):
    week = "/stores/SH01/weeks/2026-W25/"
    sign_in(page, "manager")
    page.goto(week)
    assert "总部还没有回复" in page.inner_text("#answer")
    page.fill("#words", "雨天客流少")
    page.click("text=提交点评")
    page.wait_for_selector("#comment .pg-words")
    page.context.clear_cookies()
    sign_in(page, "hq")
    page.goto(week)
    assert "雨天客流少" in page.inner_text("#comment")
    page.fill("#words", "推热茶，周末加一场试饮")
    page.click("text=提交回复")
    page.wait_for_selector("#answer .pg-words")
    page.context.clear_cookies()
    sign_in(page, "manager")
    page.goto(week)
    assert "周末加一场试饮" in page.inner_text("#answer")
    assert page.locator("#answer textarea").count() == 0
