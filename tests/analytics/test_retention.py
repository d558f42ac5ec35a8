"""Retention of core customers, counted by hand in a small world."""

from datetime import date

import pytest

from analytics.actions import figures
from analytics.models import CoreRetention
from newretail.kernel.actions import settings as brand_settings
from tests import world

TODAY = date(2026, 6, 15)
JOINED = "2025-01-01"

pytestmark = pytest.mark.usefixtures("brand")


def buy(member_no, *days, amount="100"):
    world.buy(*(world.order(f"{member_no} {day}", amount, day, member_no=member_no) for day in days))


@pytest.fixture
def house(brand):
    """Two core customers (three purchases, the upper fifth of money) and three others, all before the choice."""
    world.people(*({"member_no": no, "joined_at": JOINED} for no in ("stays", "leaves", "small", "rare", "old")))
    buy("stays", "2025-06-01", "2025-09-01", "2026-03-16T23:59:59")
    buy("leaves", "2025-06-01", "2025-09-01", "2025-12-01")
    buy("small", "2025-06-01", "2025-09-01", "2025-12-01", amount="1")
    buy("rare", "2025-12-01", amount="20")
    buy("old", "2025-02-01", "2025-02-02", "2025-03-10", amount="50")  # before the year


def measured(as_of=TODAY):
    counts = figures.measure_retention(as_of=as_of, at=world.NOW)
    return counts["core"], counts["kept"]


def test_who_buys_again_within_the_days_is_kept(house):
    buy("stays", "2026-05-01")
    assert measured() == (2, 1)
    row = CoreRetention.objects.get(as_of=TODAY)
    assert (row.days, row.core, row.kept) == (90, 2, 1)


def test_who_is_no_core_customer_counts_in_nothing(house):
    buy("small", "2026-05-01")
    buy("rare", "2026-05-01", "2026-05-02", "2026-05-03", amount="900")
    assert measured() == (2, 0)


@pytest.mark.parametrize(("paid_at", "kept"), [
    ("2026-03-16T23:59:58", 0), ("2026-03-17T00:00:00", 1), ("2026-06-14T23:59:59", 1), ("2026-06-15T00:00:00", 0),
])  # fmt: skip
def test_the_days_are_counted_from_midnight_to_midnight(house, paid_at, kept):
    buy("leaves", paid_at, amount="0")  # a gift is a purchase too, and moves no bar
    assert measured() == (2, kept)


def test_a_purchase_given_back_whole_keeps_nobody_and_in_part_it_does(house):
    buy("stays", "2026-05-01")
    buy("leaves", "2026-05-01")
    back = {"refunded_at": "2026-05-03"}
    world.refund({"refund_no": "R1", "order_no": "stays 2026-05-01", "amount": "100", **back},
                 {"refund_no": "R2", "order_no": "leaves 2026-05-01", "amount": "99.99", **back})  # fmt: skip
    assert measured() == (2, 1)


def test_what_is_given_back_after_the_day_was_still_bought_as_of_it(house):
    buy("stays", "2026-05-01")
    world.refund({"refund_no": "R", "order_no": "stays 2026-05-01", "amount": "100", "refunded_at": "2026-06-15"})
    assert measured() == (2, 1)


def test_the_months_before_are_measured_once_and_stay_as_they_were(house):
    assert figures.measure_retention(as_of=TODAY, at=world.NOW)["measured"] == 9  # the day, and November to June
    before = list(CoreRetention.objects.order_by("as_of").values_list())
    buy("leaves", "2026-05-01")
    assert figures.measure_retention(as_of=TODAY, at=world.NOW)["measured"] == 1
    after = list(CoreRetention.objects.order_by("as_of").values_list())
    assert after[:-1] == before[:-1]
    assert (before[-1][-1], after[-1][-1]) == (0, 1)


def test_a_day_measured_again_is_one_row(house):
    assert measured() == measured()
    assert CoreRetention.objects.filter(as_of=TODAY).count() == 1


def test_without_half_a_year_of_orders_there_is_no_core(brand):
    world.people({"member_no": "new", "joined_at": JOINED})
    buy("new", "2025-09-19", "2025-10-01", "2025-11-01")  # 179 days before the choice
    assert measured() == (0, 0)
    assert not CoreRetention.objects.exists()
    buy("new", "2025-09-18")
    assert measured() == (1, 0)


def test_an_empty_house_measures_nothing(brand):
    assert measured() == (0, 0)
    assert not CoreRetention.objects.exists()


def test_a_brand_chooses_its_own_days(house):
    brand_settings.put(key="core_days", value=30, at=world.NOW)
    buy("leaves", "2026-05-17")  # the first of the thirty days
    assert measured() == (2, 1)
    assert CoreRetention.objects.get(as_of=TODAY).days == 30
