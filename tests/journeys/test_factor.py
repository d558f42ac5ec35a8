"""A second factor in a browser: set up with a phone, asked for at the door; wrong codes, spare codes, the way locked."""

import re
import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from newretail.kernel.actions import factors, settings
from tests import sights, world
from tests.journeys.conftest import at_desk
from tests.journeys.test_hq_day import too_wide


def code(secret, later=0):
    """What the phone shows now, or some steps of its clock later."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // factors.SECONDS + later))


def at_the_door(page, username="hq", password=sights.PASSWORD):
    page.goto("/admin/login/")
    page.fill("#id_username", username)
    page.fill("#id_password", password)
    page.click("#login-form button[type=submit]")


def give(page, given):
    page.fill("#id_code", given)
    page.click(".ac-form button")


def shown_secret(page):
    page.click("details summary")
    return re.sub(r"\s", "", page.inner_text(".ac-secret"))


def set_up(page, secret, given):
    page.fill("#id_password", sights.PASSWORD)
    give(page, given)
    return secret


def again(page):
    """Come to the door anew: the password, then the page that asks for the code."""
    page.context.clear_cookies()
    at_the_door(page)
    page.wait_for_url("**/account/code/")
    assert page.locator("[role=search]").count() == 0  # nobody is signed in yet
    assert too_wide(page) <= 0


def test_a_factor_is_set_up_and_opens_the_door_by_phone_or_paper(page, aside):
    aside(lambda: settings.put(key="mfa_required", value="on", at=world.NOW))
    at_the_door(page)
    page.wait_for_url("**/account/factor/")
    assert too_wide(page) <= 0
    secret = set_up(page, shown_secret(page), "000000")
    page.wait_for_selector(".ac-bad")
    assert set_up(page, shown_secret(page), code(secret)) == secret  # the phone had taken it over already
    page.wait_for_selector(".ac-codes")
    assert too_wide(page) <= 0
    spare = page.locator(".ac-codes code").all_inner_texts()
    page.click("text=我已保存")
    page.wait_for_url("**/admin/")
    for used, opens in ((code(secret), spare[4]), (spare[4], code(secret, later=1))):
        again(page)
        give(page, used)
        page.wait_for_selector(".ac-bad")
        give(page, opens)
        page.wait_for_url("**/admin/")


@at_desk
def test_whoever_guesses_too_often_is_locked_out_with_a_sentence(page, settings):
    settings.AXES_ENABLED, settings.AXES_FAILURE_LIMIT = True, 2
    for _ in range(2):
        at_the_door(page, password="wrong-one-1")
    page.wait_for_selector("text=尝试次数过多")
    at_the_door(page)
    page.wait_for_selector("text=尝试次数过多")
    page.goto("/admin/")
    page.wait_for_url("**/admin/login/**")
