"""Take the pictures of the docs from a running site, in both languages: HQ's pages at two widths, a guide's phone."""

import argparse
import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LARGEST = 150 * 1024
# Scale and number of colours: tried in this order until the picture fits.
STEPS = ((1, 200), (0.85, 200), (0.7, 200), (0.6, 200), (0.5, 200), (0.5, 64), (0.4, 64), (0.4, 24))
WIDTHS = {"desk": (1440, 900), "phone": (390, 844)}
LANGUAGES = {"zh": ("zh-CN", "zh-hans"), "en": ("en-US", "en")}
PAGES = {
    "home": "/admin/",
    "members": "/admin/members/member/",
    "orders": "/admin/members/order/",
    "stores": "/admin/stores/store/",
    "products": "/admin/stores/product/",
    "imports": "/admin/kernel/importfile/",
    "jobs": "/admin/kernel/jobrun/",
    "journal": "/admin/kernel/journalentry/",
    "exports": "/admin/kernel/exportfile/",
    "staff": "/admin/kernel/user/",
    "levels": "/admin/members/level/",
    "level-scheme": "/admin/members/levelscheme/1/change/",
    "duplicates": "/admin/members/duplicate/",
    "points-liability": "/admin/members/pointsaccount/liability/",
    "coupon-plans": "/admin/members/couponplan/",
    "gifts": "/admin/members/gift/",
    "till": "/till/?store=BJ01",
    "consents": "/admin/members/consent/",
    "webhooks": "/admin/kernel/endpoint/1/change/",
    "tags": "/admin/members/tag/",
    "reveals": "/admin/members/phonereveal/",
    "holidays": "/admin/kernel/holiday/",
    "settings": "/admin/kernel/setting/",
    "rights": "/admin/rights/",
    "new-import": "/admin/imports/new/",
    "search": "/search/",
    "account": "/account/",
    "factor": "/account/factor/",
    "targets": "/admin/targets/",
    "targets-year": "/admin/targets/year/",
    "targets-versions": "/admin/targets/versions/",
    "targets-days": "/admin/targets/days/SH01/",
    "board": "/stores/SH01/",
    "week": "/stores/SH01/weeks/{week}/",
    "regions": "/regions/",
    "region": "/regions/%E5%8D%8E%E4%B8%9C/",
}
WHOLE = {"home", "member", "board", "week"}  # pages shown from top to bottom
# A guide's tabs and what lies behind them: a page, and the link on it that is followed, if any.
PHONE = {
    "tasks": ("/g/", ""),
    "task": ("/g/", ".g-card a[href^='/g/tasks/']"),
    "customers": ("/g/customers/", ""),
    "customer": ("/g/customers/", "a.g-customer"),
    "code": ("/g/code/", ""),
    "radar": ("/g/radar/", ""),
    "results": ("/g/results/", ""),
    "shares": ("/g/shares/", ""),
    "me": ("/g/me/", ""),
    "notices": ("/g/notices/", ""),
    "moments": ("/g/moments/", ""),
    "shifts": ("/g/shifts/", ""),
    "contests": ("/g/contests/", ""),
    "materials": ("/g/materials/", ""),
    "material": ("/g/materials/", "main a.g-card"),
    "escalations": ("/g/escalations/", ""),
    "handbook": ("/g/handbook/", ""),
}


def save(png: bytes, path: Path) -> int:
    """Write a picture with few colours, made smaller until it fits into its size; return the bytes written."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for scale, colours in STEPS:
        out = io.BytesIO()
        size = (round(picture.width * scale), round(picture.height * scale))
        smaller = picture.resize(size, Image.Resampling.LANCZOS) if scale < 1 else picture
        smaller.quantize(colours, kmeans=1, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    path.write_bytes(out.getvalue())
    return out.tell()


def settle(page: Page) -> None:
    """Wait until charts are drawn and fonts are there."""
    if page.locator("[data-chart]").count():
        page.wait_for_selector("html[data-charts=drawn]", state="attached")
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(250)


def shoot(page: Page, name: str, out: Path) -> None:
    """Take one picture and say how it went; a page wider than its window is told."""
    settle(page)
    too_wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    size = save(page.screenshot(full_page=name.rsplit("-", 2)[0] in WHOLE), out / f"{name}.png")
    sys.stdout.write(f"{name}.png {size // 1024} KB{f' TOO WIDE by {too_wide}' if too_wide > 0 else ''}\n")


def enter(browser: Browser, given: argparse.Namespace, language: str, width: str) -> Page:
    """Return the page of login in one language and width."""
    locale, code = LANGUAGES[language]
    size = WIDTHS[width]
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale=locale, timezone_id="Asia/Shanghai",
        device_scale_factor=1 if width == "desk" else 2,
    )  # fmt: skip
    context.add_cookies([{"name": "django_language", "value": code, "url": given.url}])
    page = context.new_page()
    page.goto(f"{given.url}/admin/login/")
    return page


def sign_in(page: Page, given: argparse.Namespace) -> None:
    """Give name and password, and wait for the first page behind them."""
    page.fill("#id_username", given.user)
    page.fill("#id_password", given.password)
    page.click("#login-form button[type=submit]")
    page.wait_for_url(lambda url: "/login/" not in url, timeout=10_000)


def walk(browser: Browser, given: argparse.Namespace, language: str, width: str) -> None:
    """Sign in with one language and width, and take every picture of HQ's pages."""
    page = enter(browser, given, language, width)
    ending = f"{language}-{width}"
    shoot(page, f"login-{ending}", given.out)
    sign_in(page, given)
    for name, path in PAGES.items():
        if given.only and name not in given.only:
            continue
        page.goto(given.url + path.format(week=f"{datetime.now(tz=UTC) - timedelta(days=7):%G-W%V}"))
        shoot(page, f"{name}-{ending}", given.out)
    if not given.only or "member" in given.only:
        page.goto(f"{given.url}/admin/members/member/?super=1")
        page.locator("#result_list th a").first.click()
        page.wait_for_selector(".hq-person")
        shoot(page, f"member-{ending}", given.out)
    page.context.close()


def walk_phone(browser: Browser, given: argparse.Namespace, language: str) -> None:
    """Sign in as a guide with one language, and take every picture of her phone."""
    page = enter(browser, given, language, "phone")
    sign_in(page, given)
    for name, (path, link) in PHONE.items():
        if given.only and name not in given.only:
            continue
        page.goto(given.url + path)
        if link:
            page.goto(given.url + str(page.locator(link).first.get_attribute("href")))
        shoot(page, f"{name}-{language}", given.out)
    page.context.close()


def main() -> None:
    """Read the arguments and walk through languages and widths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--guide", action="store_true", help="the user is a guide: take docs/guides/img")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--languages", nargs="*", default=list(LANGUAGES))
    parser.add_argument("--widths", nargs="*", default=list(WIDTHS))
    given = parser.parse_args()
    given.out = given.out or CHECKOUT / ("docs/guides/img" if given.guide else "docs/pictures")
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for language in given.languages:
            if given.guide:
                walk_phone(browser, given, language)
                continue
            for width in given.widths:
                walk(browser, given, language, width)
        browser.close()


if __name__ == "__main__":
    main()
