"""A guide's day on her phone: her tasks, taps that wait for a connection and arrive once, also after a new login."""

import pytest

from guides.models import Task, TaskMove
from stores.actions import posts
from stores.models import Store
from tests import serving, sights, world
from tests.journeys.conftest import SIZES
from tests.journeys.test_hq_day import sign_in, too_wide
from tests.members import consenting

on_a_phone = pytest.mark.parametrize("page", [SIZES["phone"]], ids=["phone"], indirect=True)


def too_small(page):
    """What a thumb would miss, once the page has its styles: lower than 44 points."""
    page.wait_for_load_state()
    return page.evaluate(
        """() => [...document.querySelectorAll('a, button, select, input:not([type=hidden]), summary')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 120))"""
    )


def given():
    """Two tasks of 小美 for members she serves."""
    store = Store.objects.get(code="SH01")
    posts.admit(username="G1", password=sights.PASSWORD, name="小美", role="guide", at=world.NOW, store=store)
    consenting.texts()
    for number in ("V1", "V2"):
        serving.bind(number, "G1")
        consenting.say(consenting.row(number, channel="wecom", purpose="care"))
        serving.give(number, "G1")


@pytest.fixture
def _given(house, aside):
    aside(given)


@pytest.fixture
def guide(page, _given):
    """Her phone, signed in, at her list."""
    sign_in(page, "G1")
    return page


def moves():
    return list(TaskMove.objects.order_by("id").values_list("kind", flat=True))


@on_a_phone
def test_she_says_the_words_marks_it_done_and_takes_it_back(guide, aside):
    assert too_wide(guide) <= 0
    assert too_small(guide) == []
    card = guide.locator(".g-card", has_text="张三")
    card.locator("text=查看话术").click()
    assert "张三，生日快乐！" in card.inner_text()
    assert too_wide(guide) <= 0
    assert too_small(guide) == []
    card.locator("button", has_text="已回复").click()
    card = guide.locator(".g-card", has_text="张三")
    card.locator("text=撤销").click()
    guide.locator(".g-card:not(.done)", has_text="张三").wait_for()
    assert aside(moves) == ["done", "undone"]


@on_a_phone
def test_what_she_does_without_a_connection_arrives_once(guide, aside):
    guide.context.set_offline(True)
    guide.locator(".g-card", has_text="张三").locator("text=标记完成").click()
    guide.wait_for_selector("text=已记在本机")
    assert aside(moves) == []
    guide.context.set_offline(False)
    guide.wait_for_selector(".g-card.done:has-text('张三')")
    guide.reload()
    guide.wait_for_selector(".g-card.done:has-text('张三')")
    assert aside(moves) == ["done"]
    assert aside(lambda: Task.objects.open().count()) == 1


@on_a_phone
def test_what_waits_survives_a_new_login_and_is_no_business_of_a_colleague(guide, aside):
    guide.context.set_offline(True)
    guide.locator(".g-card", has_text="张三").locator("text=标记完成").click()
    guide.wait_for_selector("text=已记在本机")
    guide.context.clear_cookies(name="sessionid")
    guide.context.set_offline(False)
    sign_in(guide, "manager")
    guide.goto("/g/")
    guide.wait_for_selector(".g-top")
    assert aside(moves) == []
    guide.context.clear_cookies(name="sessionid")
    sign_in(guide, "G1")
    guide.wait_for_selector(".g-card.done:has-text('张三')")
    assert aside(moves) == ["done"]
