"""A guide's commission on her phone: what her customer buys online is there at once, explained; and what she claims."""

from datetime import timedelta

import pytest

from guides.actions import credits
from guides.models import CommissionEntry, CreditDispute
from newretail.kernel import clock
from newretail.kernel.actions import relay
from stores.actions import posts
from stores.models import Store
from tests import paying, serving, sights, world
from tests.journeys.test_guide_day import on_a_phone, too_small
from tests.journeys.test_hq_day import sign_in, too_wide


def given():
    """小美 serves 张三, 小丽 is her colleague; rules and scheme count since January."""
    world.staff(*serving.SHOP)
    store = Store.objects.get(code="SH01")
    posts.admit(username="G1", password=sights.PASSWORD, name="小美", role="guide", at=world.NOW, store=store)
    serving.bind("V1", "G1", at=world.NOW - timedelta(days=1))
    paying.rules()


def bought(order_no, **more):
    """张三 buys; the relay goes round once."""
    paid_at = (clock.now() - timedelta(minutes=1)).isoformat()
    world.buy(world.order(order_no, "88.88", paid_at, member_no="V1", store_code="SH01", **more))
    relay.drain(at=clock.now())


def granted():
    """HQ finds that she is right."""
    raised = CreditDispute.objects.get()
    credits.grant(dispute=raised, shares={raised.post: 10_000}, reason="聊天记录属实", at=clock.now(),
                  by=sights.person("hq"))  # fmt: skip
    return raised.words


@pytest.fixture
def phone(page, house, aside):
    """Her phone, signed in, at what she earned."""
    aside(given)
    sign_in(page, "G1")
    page.goto("/g/me/")
    page.click("text=我的佣金")
    page.wait_for_selector("text=这个月还没有佣金")
    return page


def fits(page):
    assert too_wide(page) <= 0
    assert too_small(page) == []


@on_a_phone
def test_what_her_customer_buys_online_is_there_after_one_relay_and_explained(phone, aside):
    aside(lambda: bought("WX8", channel="mall"))
    phone.reload()
    fits(phone)
    line = phone.locator(".g-links li", has_text="WX8")
    assert "+¥2.67" in line.inner_text()
    assert "预计" in line.inner_text()
    line.locator("a").click()
    phone.wait_for_selector("text=付款当日等级 1")
    fits(phone)
    assert "¥88.88 × 3.00% × 100.00% = ¥2.67" in phone.locator(".g-sumup").inner_text()
    assert aside(lambda: CommissionEntry.objects.get(order__order_no="WX8").amount_cents) == 267
    phone.click("[aria-label=返回列表]")
    phone.click("text=月结单 ›")
    phone.wait_for_selector("text=尚未核算")
    fits(phone)


@on_a_phone
def test_an_order_that_a_colleague_has_is_claimed_without_a_connection_and_granted(phone, aside):
    aside(lambda: bought("SH9", staff_no="G2"))
    phone.click("text=这单是我的")
    card = phone.locator(".g-card", has_text="SH9")
    card.locator("text=这单是我的").click()
    fits(phone)
    phone.context.set_offline(True)
    card.locator("textarea").fill("我约她到店的")
    card.locator("text=提交总部").click()
    phone.wait_for_selector("text=已记在本机")
    assert aside(CreditDispute.objects.count) == 0
    phone.context.set_offline(False)
    phone.wait_for_selector("text=等待总部处理")
    assert aside(granted) == "我约她到店的"
    phone.reload()
    phone.wait_for_selector("text=聊天记录属实")
    fits(phone)
    phone.goto("/g/pay/")
    phone.locator(".g-links li", has_text="SH9").click()
    phone.wait_for_selector("text=裁定")
    assert "¥2.67" in phone.locator(".g-sumup").inner_text()
