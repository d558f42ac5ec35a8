"""On the page of an order stands whose it is, what each share comes to and has earned, to whom may see pay."""

import uuid

import pytest

from guides.actions import credits
from guides.actions.credits import Claim
from members.models import Order
from newretail.kernel import scopes
from tests import earning, serving, sights, world

SHARES = {"channels": {"*": {"seller": 7_000, "pool": 3_000}}}


@pytest.fixture(autouse=True)
def _shops(noon):
    earning.shops()
    earning.publish("credits", SHARES, earning.FIRST.replace(month=2))
    earning.buy("A1", "100.00", "2026-06-15T10:00:00+08:00")
    earning.refund("40.00", refunded_at="2026-06-15T11:00:00+08:00")


def page(role, order_no="A1", language="zh-hans"):
    """The page of an order, within the queries a page may ask."""
    order = Order.objects.get(order_no=order_no)
    browser = sights.browser(role, language)
    with sights.asked() as queries:
        answer = browser.get(f"/admin/members/order/{order.pk}/change/")
    assert len(queries) <= sights.MOST_QUERIES
    return answer


def panel(role, **more):
    """The words of the panel, nothing where there is none."""
    return sights.text(page(role, **more)).partition('id="credits"')[2].partition("</section>")[0]


def dispute(staff_no="G2"):
    order = Order.objects.get(order_no="A1")
    given = {"claim": Claim("是我接待的"), "ref": uuid.uuid4(), "at": world.NOW}
    return credits.dispute(order=order, post=serving.post(staff_no), **given)


def test_each_share_is_told_with_its_money_its_rules_and_what_it_earned_net_of_refunds():
    said = panel("hq")
    assert all(
        words in said for words in ("小美", "小丽", "成交导购", "70.00%", "15.00%", "第 2 版", "¥42.00", "¥9.00")
    )
    assert said.count("¥9.00") == 2
    assert "¥1.26" in said  # 3 % of 70 % of what is left of 100.00
    assert "/admin/guides/commissionentry/?q=A1" in said
    assert "申诉" not in said


def test_a_dispute_and_its_decision_stand_there():
    raised = dispute()
    assert f"/admin/guides/creditdispute/{raised.pk}/change/" in panel("hq")
    assert "待处理" in panel("hq")
    credits.grant(dispute=raised, shares={serving.post("G2"): 10_000}, reason="有照片", at=world.NOW, by=earning.boss())
    said = panel("hq")
    assert "小美" not in said
    assert all(words in said for words in ("裁定", "100.00%", "¥60.00", "¥1.80"))


def test_who_may_not_see_pay_sees_no_panel_and_who_sees_a_store_only_its_shares(monkeypatch):
    credits.grant(dispute=dispute(), shares={serving.post("G1"): 6_000, serving.post("G9"): 4_000}, reason="两店",
                  at=world.NOW, by=earning.boss())  # fmt: skip
    assert "阿强" in panel("hq")
    assert "小美" in panel("manager")
    assert "阿强" not in panel("manager")
    assert "阿强" not in panel("auditor")  # who sees nobody's name
    may = scopes.may
    monkeypatch.setattr(scopes, "may", lambda who, what, *action: what != "guide_pay" and may(who, what, *action))
    assert page("hq").status_code == 200
    assert panel("hq") == ""


def test_an_order_that_is_not_credited_has_no_panel():
    world.buy(world.order("OLD", "10.00", "2025-06-10", member_no="V1", store_code="SH01"))
    earning.hear()
    assert page("hq", order_no="OLD").status_code == 200
    assert panel("hq", order_no="OLD") == ""
    assert "Earned so far" in panel("hq", language="en")
