"""The day of HQ in a browser: sign in, read the home page, open a stage, a list, a member, switch the language."""

from tests import sights

WAYS_HOME = {"manager": "**/stores/SH01/", "supervisor": "**/regions/**", **dict.fromkeys(("G1", "G2", "G3"), "**/g/")}


def sign_in(page, role):
    page.goto("/admin/login/")
    page.fill("#id_username", role)
    page.fill("#id_password", sights.PASSWORD)
    page.click("#login-form button[type=submit]")
    page.wait_for_url(WAYS_HOME.get(role, "**/admin/"))


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")


def click_first_mark(page, chart):
    """Click the middle of the first bar of a chart that leads somewhere, as a person would."""
    page.wait_for_selector("html[data-charts=drawn]", state="attached")
    page.locator(f"[data-chart={chart}]").scroll_into_view_if_needed()
    at = page.evaluate(
        """name => {
            const element = document.querySelector(`[data-chart=${name}]`);
            const chart = echarts.getInstanceByDom(element);
            const series = chart.getOption().series.findIndex(s => s.data.some(d => d.value > 0));
            const index = chart.getOption().series[series].data.findIndex(d => d.value > 0);
            const value = chart.getOption().series[series].data[index].value;
            const [x, y] = chart.convertToPixel({ seriesIndex: series }, [value / 2, index]);
            const box = element.getBoundingClientRect();
            return [box.x + x, box.y + y];
        }""",
        chart,
    )
    page.mouse.click(*at)


def test_hq_reads_home_opens_a_stage_a_member_and_switches_the_language(page):
    sign_in(page, "hq")
    assert "核心客户留存率" in page.inner_text("body")
    assert "¥170" in page.inner_text(".hq-grid")
    click_first_mark(page, "stages")
    page.wait_for_url("**/admin/members/member/?stage=*")
    assert page.locator("#result_list tbody").count() == 1
    page.locator("#result_list th a").first.click()
    page.wait_for_selector(".hq-person")
    page.wait_for_selector("html[data-charts=drawn]", state="attached")
    assert "客户关系" not in page.title()
    page.click(".hq-lang button[value=en]")
    page.wait_for_selector("html[lang=en]")
    assert "Timeline" in page.inner_text("body")
    assert "阶段历史" not in page.inner_text("body")


def test_no_page_is_wider_than_its_window(page):
    sign_in(page, "hq")
    for path in ("", "members/member/", "members/order/", "stores/store/", "stores/product/", "kernel/importfile/",
                 "kernel/jobrun/", "kernel/journalentry/", "members/member/?stage=active&frequency_from=2"):  # fmt: skip
        page.goto(f"/admin/{path}")
        assert too_wide(page) <= 0, path


def test_a_manager_meets_her_store_and_no_brand_wide_figure(page):
    sign_in(page, "manager")
    assert "今日销售额" in page.inner_text(".hq-grid")
    assert page.locator("[data-chart=retention]").count() == 0
    assert page.locator("a[href$='/kernel/jobrun/']").count() == 0


def test_a_wrong_password_is_told_in_the_language_of_the_person(page):
    page.goto("/admin/login/")
    page.fill("#id_username", "hq")
    page.fill("#id_password", "wrong")
    page.click("#login-form button[type=submit]")
    assert "请输入" in page.inner_text("body")
    page.click(".hq-lang button[value=en]")
    page.wait_for_selector("html[lang=en]")
    assert "Log in" in page.inner_text("body")
