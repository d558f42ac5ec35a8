"""The reference of the API in a browser: read in either language, tried with a key, drawn from this site alone."""

import re
from urllib.parse import urlsplit

from tests.api import machines
from tests.journeys.test_hq_day import sign_in, too_wide

PAGE = "/api/v1/docs/"


def open_page(page):
    page.goto(PAGE)
    page.wait_for_selector("html[data-reference=drawn]", state="attached")


def operation(page, name):
    found = page.locator(f"[id$=-{name}]")
    found.locator(".opblock-summary-control").click()
    found.locator(".try-out__btn").click()
    return found


def test_a_stranger_reads_every_address_and_no_other_site_is_asked(page, house):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    open_page(page)
    described = page.request.get("/api/v1/openapi.json").json()
    operations = sum(len(methods) for methods in described["paths"].values())
    assert page.locator(".opblock").count() == operations > 80
    assert {urlsplit(url).netloc for url in asked if not url.startswith("data:")} == {urlsplit(house).netloc}
    assert too_wide(page) <= 0


def test_the_page_speaks_the_language_chosen(page):
    open_page(page)
    assert "接口参考" in page.inner_text("main")
    page.click(".hq-lang button[value=en]")
    page.wait_for_selector("html[lang=en][data-reference=drawn]", state="attached")
    assert not re.search("[\u4e00-\u9fff]", page.inner_text("main"))


def test_an_address_is_tried_with_a_key_and_without_one_it_is_refused(page, aside):
    key = aside(machines.key).text
    open_page(page)
    found = operation(page, "list_stores")
    assert page.request.get("/api/v1/stores").status == 401
    page.locator(".auth-wrapper .authorize").first.click()
    page.fill(".auth-container input", key)
    page.locator(".auth-btn-wrapper .authorize").click()
    page.locator(".auth-btn-wrapper .btn-done").click()
    found.locator(".execute").click()
    found.locator(".live-responses-table .response .response-col_status", has_text="200").wait_for()
    assert '"SH01"' in found.locator(".live-responses-table .response .highlight-code").first.inner_text()


def test_hq_finds_the_reference_beside_the_keys(page):
    sign_in(page, "hq")
    page.goto("/admin/kernel/apikey/")
    page.click(f"a[href='{PAGE}']")
    page.wait_for_url(f"**{PAGE}")
