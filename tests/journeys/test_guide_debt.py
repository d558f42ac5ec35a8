"""A guide's commission over months: paid, given back too late, owed, recovered; and a level that changes in a month."""

from datetime import timedelta

from guides.actions import commission_months, guide_levels
from newretail.kernel import clock
from newretail.kernel.actions import relay
from tests import serving, sights, world
from tests.journeys.test_guide_day import on_a_phone
from tests.journeys.test_guide_pay import fits, phone

__all__ = ["phone"]


def month(before):
    """The month so many before this one."""
    found = clock.month_start(clock.business_day(clock.now()))
    for _each in range(before):
        found = clock.month_before(found)
    return found


def sold(order_no, before, amount):
    """小美 sells 张三 something on the 5th of a month that is over."""
    paid_at = clock.day_start(month(before)) + timedelta(days=4, hours=12)
    row = {"member_no": "V1", "store_code": "SH01", "staff_no": "G1"}
    world.buy(world.order(order_no, amount, paid_at.isoformat(), **row))
    relay.drain(at=clock.now())


def settled(before):
    """HQ brings a month all the way to the pay."""
    given = {"month": month(before), "at": clock.now(), "by": sights.person("hq")}
    commission_months.compute(**given)
    commission_months.close(unreviewed=True, **given)
    commission_months.export(**given)
    commission_months.pay(**given)


def given_back(order_no, before, amount):
    """She brings it back in another month, when what it earned is paid."""
    at = clock.day_start(month(before)) + timedelta(days=9)
    row = {"order_no": order_no, "refund_no": "R1", "amount": amount, "refunded_at": at.isoformat()}
    world.refund(row)
    relay.drain(at=clock.now())


def paid_then_owed():
    """An order of three months ago is paid, comes back, and is owed when the next month is closed."""
    sold("OLD", 3, "1000.00")
    settled(3)
    given_back("OLD", 2, "500.00")
    settled(2)


def recovered():
    """Of what the next month earns so much is kept as the scheme allows."""
    sold("NEW", 1, "1000.00")
    settled(1)


@on_a_phone
def test_what_comes_back_after_it_was_paid_is_owed_and_paid_back_from_the_next_month(phone, aside):
    aside(paid_then_owed)
    phone.reload()
    fits(phone)
    assert "¥15.00" in phone.locator("section", has_text="欠款").first.inner_text()
    aside(recovered)
    phone.goto(f"/g/pay/statements/{aside(lambda: f'{month(1):%Y-%m}')}/")
    said = phone.inner_text("main")
    assert all(words in said for words in ("扣回欠款", "¥9.00", "应发佣金", "¥21.00", "¥6.00"))
    fits(phone)


def changed():
    """She sells, HQ puts her to level 2, she sells again."""
    now = clock.now()
    for order_no, at in (("EARLY", now - timedelta(minutes=9)), ("LATE", now - timedelta(minutes=1))):
        if order_no == "LATE":
            given = {"reason": "门店急需带教", "at": now - timedelta(minutes=5), "by": sights.person("hq")}
            guide_levels.override(user=serving.guide("G1"), level=2, **given)
        row = {"member_no": "V1", "store_code": "SH01", "staff_no": "G1"}
        world.buy(world.order(order_no, "100.00", at.isoformat(), **row))
    relay.drain(at=now)


@on_a_phone
def test_a_level_that_changes_in_the_middle_of_a_month_pays_each_order_by_its_instant(phone, aside):
    aside(changed)
    for order_no, level, said in (("EARLY", 1, "¥100.00 × 3.00% × 100.00% = ¥3.00"),
                                  ("LATE", 2, "¥100.00 × 5.00% × 100.00% = ¥5.00")):  # fmt: skip
        phone.goto("/g/pay/")
        phone.locator(".g-links li", has_text=order_no).locator("a").click()
        phone.wait_for_selector(f"text=付款当日等级 {level}")
        assert said in phone.locator(".g-sumup").inner_text()
    fits(phone)
