"""What orders earn their guides: accrued at payment, taken back by refund, vested after the window, never twice."""

from datetime import date, datetime

import pytest

from guides.actions import commissions, credits
from guides.models import CommissionEntry, Credit, GuideLevelMove
from newretail.kernel.actions import relay
from newretail.kernel.models import JournalEntry
from newretail.kernel.verbs import verb
from tests import earning, serving, world
from tests.earning import buy, credits_of, earned, held, moves, refund


@pytest.fixture
def shops(brand):
    earning.shops()


@verb
def stand(staff_no: str, level: int, from_at: str) -> None:
    """Let a guide stand at a level from an instant on."""
    user = serving.guide(staff_no)
    line = JournalEntry.objects.order_by("id").first()
    GuideLevelMove.objects.create(user=user, level=level, from_at=datetime.fromisoformat(from_at), reason="test",
                                  by=user, entry_id=line.pk)  # fmt: skip


def test_an_order_accrues_at_payment_and_vests_when_the_return_window_has_ended(shops):
    buy()
    assert (held(), moves()) == ((300, 0, 0, 0, 0), [("accrue", 300)])
    assert commissions.vest(as_of=date(2026, 6, 16), at=world.NOW) == 0
    assert commissions.vest(as_of=date(2026, 6, 17), at=world.NOW) == 1
    assert held() == (0, 300, 0, 0, 0)
    assert commissions.vest(as_of=date(2026, 6, 17), at=world.NOW) == 0


def test_before_policies_count_nothing_is_earned(brand):
    serving.shops()
    buy()
    assert not Credit.objects.exists()
    assert not CommissionEntry.objects.exists()


def test_what_is_recorded_or_heard_again_is_paid_once(shops):
    buy()
    buy()
    for line in JournalEntry.objects.filter(name="members.order.recorded"):
        commissions.settle(line=line.pk, facts=line.facts, at=world.NOW)
    assert commissions.settle_days(first=date(2026, 6, 1), last=date(2026, 7, 1), at=world.NOW)["entries"] == 0
    assert (moves(), credits_of()) == ([("accrue", 300)], [("seller", "G1", 10_000)])


def test_an_online_order_pays_who_serves_the_customer(shops):
    buy(channel="mall", staff_no="", store_code="", paid_at="2026-06-15T13:00:00+08:00")
    assert (credits_of(), earned()) == ([("bonded", "G1", 10_000)], 300)


def test_an_order_that_nobody_has_a_share_of_stays_with_the_house(shops):
    buy(channel="mall", staff_no="", store_code="", member_no="V2")
    assert credits_of() == [("house", None, 10_000)]
    assert not CommissionEntry.objects.exists()


def test_a_pool_is_split_among_who_serves_in_the_store_and_is_the_whole_of_its_share(brand):
    earning.shops()
    earning.publish("credits", {"channels": {"*": {"seller": 6_667, "pool": 3_333}}}, date(2026, 6, 9))
    buy(paid_at="2026-06-15")
    assert credits_of() == [("pool", "G1", 1_667), ("pool", "G2", 1_666), ("seller", "G1", 6_667)]
    assert (earned("G1"), earned("G2")) == (200 + 50, 50)


def test_refunds_in_parts_take_back_exactly_what_the_line_earned(shops):
    buy(amount="0.99")
    assert earned() == 3
    for i, amount in enumerate(["0.33", "0.33", "0.33"]):
        refund(amount, f"R{i}")
    assert earned() == 0
    assert min(amount for kind, amount in moves() if kind == "claw_back") >= -3


def test_a_refund_after_the_window_takes_back_what_vested(shops):
    buy()
    commissions.vest(as_of=date(2026, 6, 17), at=world.NOW)
    refund("50.00")
    assert (held(), moves()[-1]) == ((0, 150, 0, 0, 0), ("claw_back", -150))


def test_the_level_of_the_instant_of_payment_counts_whatever_comes_later(shops):
    stand("G1", 2, "2026-06-10T12:00:00+08:00")
    buy("A1", paid_at="2026-06-10T11:59:59+08:00")
    buy("A2", paid_at="2026-06-10T12:00:00+08:00")
    stand("G1", 1, "2026-06-11T00:00:00+08:00")
    refund("50.00", order_no="A2")
    assert moves() == [("accrue", 300), ("accrue", 500), ("claw_back", -250)]


def test_a_new_version_never_rewrites_what_was_earned(shops):
    buy("A1", paid_at="2026-06-10")
    earning.publish("commission", {"levels": {"1": 1_000}}, date(2026, 6, 11))
    buy("A2", paid_at="2026-06-11")
    refund("50.00", order_no="A1")
    assert moves() == [("accrue", 300), ("accrue", 1_000), ("claw_back", -150)]


def test_factors_of_goods_channel_and_first_purchase_multiply_up_to_the_cap(brand):
    earning.shops(categories={"茶": 15_000}, products={"NUT": 20_000}, channels={"pos": 8_000}, fresh_bp=12_000,
                  most_bp=700)  # fmt: skip
    world.buy(world.order("A1", "30.00", "2026-06-10", member_no="V2", store_code="SH01", staff_no="G1", channel="pos"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "10.00"},
                {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "20.00"})  # fmt: skip
    relay.drain(at=world.NOW)
    found = CommissionEntry.objects.filter(kind="accrue", line_no__gt=0).order_by("line_no")
    rates = list(found.values_list("level_bp", "goods_bp", "channel_bp", "fresh_bp", "rate_bp", "amount_cents"))
    assert rates == [(300, 15_000, 8_000, 12_000, 432, 43), (300, 20_000, 8_000, 12_000, 576, 115)]
    buy("A2", "10.00", member_no="V2", channel="pos", paid_at="2026-06-11")
    assert CommissionEntry.objects.get(kind="accrue", order__order_no="A2").rate_bp == 240


def test_lines_take_the_place_of_the_whole_order_and_money_without_a_line_weighs_on_all(shops):
    buy()
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "70"},
                {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "30"})  # fmt: skip
    relay.drain(at=world.NOW)
    assert moves() == [("accrue", 300), ("correct", -300), ("accrue", 210), ("accrue", 90)]
    refund("50.00")
    assert moves()[-2:] == [("claw_back", -105), ("claw_back", -45)]


def test_an_order_sold_by_another_after_all_earns_for_her_when_its_month_is_credited_anew(shops):
    buy()
    buy(staff_no="G2")
    assert (earned("G1"), earned("G2")) == (300, 0)
    credits.recompute(month=date(2026, 6, 1), at=world.NOW)
    assert (earned("G1"), earned("G2"), credits_of()) == (0, 300, [("seller", "G2", 10_000)])
