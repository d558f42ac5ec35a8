"""A whole phone in a browser: for a reason, written down, so many a day."""

from newretail.kernel.actions import settings
from tests import world
from tests.journeys.test_hq_day import sign_in, too_wide


def ask(page, reason="order"):
    if not page.locator(".hq-reveal[open]").count():
        page.click(".hq-reveal summary")
    page.select_option("#reveal-reason", reason)
    page.fill("#reveal-note", "核对收货地址")
    page.click(".hq-reveal button")


def test_a_phone_is_shown_for_a_reason_written_down_and_refused_beyond_the_days_most(page, aside):
    aside(lambda: settings.put(key="phone_reveals_each_day", value=1, at=world.NOW))
    sign_in(page, "hq")
    page.goto("/admin/members/member/?q=V1")
    page.locator("#result_list th a").first.click()
    page.wait_for_selector(".hq-person")
    assert "13800000001" not in page.content()
    page.click(".hq-reveal summary")
    page.click(".hq-reveal button")  # without a reason the browser itself refuses
    ask(page)
    page.wait_for_selector(".hq-whole")
    assert page.inner_text(".hq-whole").replace(" ", "").endswith("13800000001")
    assert too_wide(page) <= 0
    page.reload()
    assert page.locator(".hq-whole").count() == 0
    ask(page)
    page.wait_for_selector(".hq-reveal .hq-bad")
    assert "1" in page.inner_text(".hq-reveal .hq-bad")
    assert "13800000001" not in page.content()
    page.goto("/admin/members/phonereveal/")
    assert page.locator("#result_list tbody tr").count() == 1
    assert "核对收货地址" in page.inner_text("#result_list")
