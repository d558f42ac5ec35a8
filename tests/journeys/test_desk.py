"""HQ's desk in a browser: search by the keyboard, the list of keys, a setting changed, a festival added."""

from tests.journeys.test_hq_day import sign_in, too_wide


def test_a_member_is_found_and_opened_by_the_keyboard_alone(page):
    sign_in(page, "hq")
    page.keyboard.press("/")
    page.keyboard.type("zhangsan")
    page.wait_for_selector("#hq-results [role=option][aria-selected=true]")
    assert "张三" in page.inner_text("#hq-results")
    assert "138****0001" in page.inner_text("#hq-results")
    assert too_wide(page) <= 0
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/member/*/change/")
    page.wait_for_selector("html[data-charts=drawn]", state="attached")
    assert "张三" in page.inner_text("body")


def test_arrows_choose_among_kinds_and_escape_closes(page):
    sign_in(page, "hq")
    page.keyboard.press("/")
    page.keyboard.type("天河")
    page.wait_for_selector("#hq-results [role=option]")
    page.keyboard.press("ArrowDown")
    assert page.locator("#hq-results [aria-selected=true]").count() == 1
    page.keyboard.press("Escape")
    assert page.locator("#hq-results").is_hidden()


def test_the_keys_are_told_and_lead_somewhere(page):
    sign_in(page, "hq")
    page.keyboard.press("?")
    assert "快捷键" in page.inner_text("#hq-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/members/member/")


def test_hq_changes_a_setting_and_reads_who_did(page):
    sign_in(page, "hq")
    page.goto("/admin/kernel/setting/")
    assert too_wide(page) <= 0
    page.fill("#new_days input[name=value]", "60")
    page.click("#new_days button")
    page.wait_for_selector("text=已设为 60 天")
    page.click("#new_days summary")
    assert "90 天 → 60 天" in page.inner_text("#new_days")
    assert "hq" in page.inner_text("#new_days .hq-line")


def test_hq_adds_a_day_of_the_brands_own_and_takes_it_back(page):
    sign_in(page, "hq")
    page.goto("/admin/kernel/holiday/add/")
    assert too_wide(page) <= 0
    for name, text in {"family": "anniversary", "year": "2026", "name_zh": "店庆", "name_en": "Anniversary", "day": "2026-09-09",
                       "first_on": "2026-09-09", "last_on": "2026-09-09"}.items():  # fmt: skip
        page.fill(f"#id_{name}", text)
        page.keyboard.press("Escape")
    page.select_option("#id_kind", "brand")
    page.locator("button[name=_save]").click()
    page.wait_for_url("**/kernel/holiday/")
    page.click("text=店庆")
    page.wait_for_selector(".hq-past")
    page.click(".hq-back button")
    page.wait_for_url("**/kernel/holiday/")
    assert page.locator("#result_list >> text=店庆").count() == 0


def test_a_view_is_saved_opens_first_and_is_deleted(page):
    sign_in(page, "hq")
    page.goto("/admin/members/member/?stage=active&relationship=repeat")
    page.click("text=保存为视图")
    page.fill(".hq-view [name=name]", "活跃老客")
    page.click(".hq-view [value=save]")
    page.wait_for_selector(".hq-tabs [aria-current=page]:has-text('活跃老客')")
    assert too_wide(page) <= 0
    page.click("text=当前视图")
    page.click("text=设为默认打开")
    page.wait_for_selector("text=★")
    page.goto("/admin/members/member/")
    page.wait_for_url("**stage=active**")
    assert page.locator("#result_list tbody tr").count() == 1
    page.click("text=当前视图")
    page.click(".hq-view [value=drop]")
    page.wait_for_load_state()
    assert page.locator(".hq-tabs").count() == 0
