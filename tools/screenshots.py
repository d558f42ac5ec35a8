"""Take the pictures of the docs from a running site, in both languages: HQ's pages at two widths, phones."""

import argparse
import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

CHECKOUT = Path(__file__).resolve().parent.parent
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
LARGEST = 150 * 1024
PATIENCE = 120_000  # milliseconds a page may take
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
    "pay-scheme": "/admin/guides/policy/commission/draft/",
    "pay-months": "/admin/guides/commissionmonth/",
    "segments": "/admin/campaigns/segment/",
    "plans": "/admin/campaigns/touchplan/",
    "plan-form": "/admin/campaigns/touchplan/keep/",
    "plan-board": "/admin/campaigns/touchplan/board/",
    "touch-caps": "/admin/members/touchcap/",
}
# Pages that are reached from a list: its address, and the links that are followed one after the other.
FOLLOWED = {
    "member": ("/admin/members/member/?super=1", "#result_list th a"),
    "pay-simulation": (
        "/admin/guides/policy/?kind=commission", "#result_list th a, #result_list td a", "a[href$='/simulation/']",
    ),
    "pay-month": ("/admin/guides/commissionmonth/", ".hq-table tbody th a"),
    "segment": ("/admin/campaigns/segment/", "#result_list th a:has-text('唤醒期老客')"),
    "segment-builder": (
        "/admin/campaigns/segment/", "#result_list th a:has-text('优先沟通')", "a[href$='/edit/']",
    ),
    "plan": ("/admin/campaigns/touchplan/", "#result_list th a:has-text('演示推演')"),
    "member-touches": ("/admin/members/member/?super=1", "#result_list th a", "a[href$='/touches/']"),
    "guide-level": ("/admin/stores/post/?q=G0001", "#result_list th a"),
}  # fmt: skip
WHOLE = {
    "home",
    "member",
    "board",
    "week",
    "pay-scheme",
    "pay-simulation",
    "pay-month",
    "segment",
    "segment-builder",
    "plan",
    "plan-form",
    "plan-board",
    "member-touches",
}  # pages shown from top to bottom
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
    "pay": ("/g/pay/", ""),
    "pay-line": ("/g/pay/", ".g-links li:has(.gold) a"),
    "claims": ("/g/pay/claims/", ""),
    "level": ("/g/pay/level/", ""),
}
# What a manager has on hers beside it.
TEAM = {
    "team-pay": ("/g/team/pay/", ""),
    "team-levels": ("/g/team/levels/", ""),
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
    context.set_default_navigation_timeout(PATIENCE)
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
    for name, way in FOLLOWED.items():
        if not given.only or name in given.only:
            follow(page, given.url, *way)
            shoot(page, f"{name}-{ending}", given.out)
    page.context.close()


def follow(page: Page, url: str, path: str, *links: str) -> None:
    """Open a page and follow the first of each link."""
    page.goto(url + path)
    for link in filter(None, links):
        page.goto(urljoin(page.url, str(page.locator(link).first.get_attribute("href"))))


def walk_phone(browser: Browser, given: argparse.Namespace, language: str) -> None:
    """Sign in as a guide or a manager with one language, and take every picture of her phone."""
    page = enter(browser, given, language, "phone")
    sign_in(page, given)
    for name, way in (TEAM if given.manager else PHONE).items():
        if given.only and name not in given.only:
            continue
        follow(page, given.url, *way)
        shoot(page, f"{name}-{language}", given.out)
    page.context.close()


def main() -> None:
    """Read the arguments and walk through languages and widths."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--user", required=True)
    parser.add_argument("--password", required=True)
    parser.add_argument("--guide", action="store_true", help="the user is a guide: take docs/guides/img")
    parser.add_argument("--manager", action="store_true", help="the user is a manager: take docs/managers/img")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--languages", nargs="*", default=list(LANGUAGES))
    parser.add_argument("--widths", nargs="*", default=list(WIDTHS))
    given = parser.parse_args()
    folder = "docs/managers/img" if given.manager else "docs/guides/img" if given.guide else "docs/pictures"
    given.out = given.out or CHECKOUT / folder
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for language in given.languages:
            if given.guide or given.manager:
                walk_phone(browser, given, language)
                continue
            for width in given.widths:
                walk(browser, given, language, width)
        browser.close()


if __name__ == "__main__":
    main()
