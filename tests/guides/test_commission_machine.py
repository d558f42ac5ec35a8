"""Commission against a small model: whatever is bought, given back, heard and closed in whatever order, both agree."""

from collections import Counter
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import strategies as st

from guides.actions import commission_ledger, commission_months, commissions
from guides.queries import crediting, earning, payroll
from members.models import Order
from newretail.kernel import books, clock, money
from newretail.kernel.models import JournalEntry
from tests import earning as pay
from tests import serving, world
from tests.members import stories

RATE_BP, SELLER_BP, BONDED_BP, RECOVERY_BP, WINDOW = 333, 6_667, 3_333, 3_000, 7
DAY, BEGIN = timedelta(days=1), datetime.fromisoformat("2026-03-05T12:00:00+08:00")
NUMBERS = st.sampled_from(["A1", "A2", "A3", "A4"])
CENTS = st.integers(1, 500_000)
BUY = st.tuples(st.just("buy"), NUMBERS, CENTS, st.sampled_from(["G1", "G2"]))
BACK = st.tuples(st.just("back"), NUMBERS, CENTS)
DEEDS = st.lists(
    st.one_of(BUY, BUY, BACK, BACK, BACK, st.tuples(st.just("hear")), st.tuples(st.just("vest")),
              st.tuples(st.just("close")), st.tuples(st.just("wait"), st.sampled_from([DAY, 9 * DAY, 27 * DAY]))),
    min_size=5, max_size=25,
)  # fmt: skip


def half_up(exact: Decimal) -> int:
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


class Year(stories.Tried):
    """小美, whose customer 张三 is, and 小丽 sell to her; each order is two thirds the seller's, one third 小美's."""

    def __init__(self):
        self.at, self.open_from, self.orders, self.nth = BEGIN, date.min, {}, 0
        self.months, self.debt, self.paid = Counter(), Counter(), Counter()

    def buy(self, number, cents, seller):
        if number not in self.orders:
            row = {"member_no": "V1", "store_code": "SH01", "staff_no": seller}
            world.buy(world.order(number, money.to_yuan(cents), self.at.isoformat(), **row))
            shares = {("seller", seller): SELLER_BP, ("bonded", "G1"): BONDED_BP}
            self.orders[number] = [cents, 0, shares, self.month(self.at + WINDOW * DAY), Counter()]
            self.book(number)

    def month(self, at):
        return clock.month_start(clock.business_day(at))

    def back(self, number, cents):
        """Give some of an order back, no more than is left of it."""
        if number in self.orders:
            order = self.orders[number]
            cents = min(cents, order[0] - order[1])
            if cents:
                self.nth += 1
                world.refund({"order_no": number, "refund_no": f"R{self.nth}", "amount": money.to_yuan(cents),
                              "refunded_at": self.at.isoformat()})  # fmt: skip
                order[1] += cents
                self.book(number)

    def book(self, number):
        """Let it be heard, in the books and on paper."""
        self.hear()
        cents, back, shares, month, had = self.orders[number]
        for who, bp in shares.items():
            gross = half_up(Decimal(cents * RATE_BP * bp) / 10**8)
            net = gross - half_up(Decimal(gross * back) / cents)
            self.months[max(month, self.open_from), who[1]] += net - had[who]
            had[who] = net

    def hear(self):
        """Let every line be heard, also those that were."""
        lines = JournalEntry.objects.filter(name__in=["members.order.recorded", "members.refund.recorded"])
        for line in lines.order_by("id"):
            commissions.settle(line=line.pk, facts=line.facts, at=self.at)

    def vest(self):
        commissions.vest(as_of=clock.business_day(self.at), at=self.at)

    def close(self):
        """Bring the month before all the way, unless it is over already or one before it waits."""
        month = self.month(self.month_begin() - DAY)
        waits = any(earlier < month and self.open_from <= earlier for earlier, _who in self.months)
        if self.tried(lambda: self.bring(month), month >= self.open_from and not waits):
            self.open_from = clock.month_after(month)
            for who in ("G1", "G2"):
                self.settle(who, self.months[month, who])

    def month_begin(self):
        return clock.day_start(self.month(self.at))

    def bring(self, month):
        commission_months.compute(month=month, at=self.at)
        commission_months.close(month=month, at=self.at, unreviewed=True)
        commission_months.export(month=month, at=self.at)
        return commission_months.pay(month=month, at=self.at)

    def settle(self, who, earned):
        """Pay what was earned less what is recovered; owe what is less than nothing."""
        recovered = min(self.debt[who], max(earned, 0) * RECOVERY_BP // 10_000)
        owed = max(-earned, 0)
        self.paid[who] += earned - recovered + owed
        self.debt[who] += owed - recovered

    def wait(self, step):
        self.at += step

    def agree(self):
        assert books.verify() == []
        for who in ("G1", "G2"):
            provisional, vested, payable, paid, debt = pay.held(who)
            assert (payable, paid, debt) == (0, self.paid[who], self.debt[who])
            open_months = sum(cents for (month, whose), cents in self.months.items()
                              if whose == who and month >= self.open_from)  # fmt: skip
            assert provisional + vested == open_months
        for number, (cents, back, *_rest) in self.orders.items():
            order = Order.objects.get(order_no=number)
            assert sum(part for *_who, part in crediting.splits(order.pk)) == cents - back
            assert sum(bp for *_who, bp in pay.credits_of(number)) == 10_000


@pytest.fixture(autouse=True)
def shops(noon):
    serving.shops()
    serving.bind("V2", "G2")
    release = {"channels": {"*": {"seller": SELLER_BP, "bonded": BONDED_BP}}}
    pay.publish("levels", pay.LEVELS)
    pay.publish("credits", release)
    pay.publish("commission", {"levels": {"1": RATE_BP}, "return_days": WINDOW, "recovery_bp": RECOVERY_BP})
    pay.serve_since("V1", "2026-01-01T00:00:00+08:00")


@pytest.mark.prove
def test_commission_stands_as_its_model_whatever_becomes_of_orders():
    stories.live(Year, DEEDS, short=12, long=500)


WAIT = ("wait", 27 * DAY)
# Short years that each tell one thing; commission broken in that thing cannot live all of them.
STORIES = (
    [("buy", "A1", 9_999, "G2"), ("hear",), ("back", "A1", 3_333), ("back", "A1", 3_333), ("back", "A1", 3_333)],
    [("buy", "A1", 101, "G1"), ("vest",), ("wait", 9 * DAY), ("vest",), ("back", "A1", 50), ("vest",)],
    [("buy", "A1", 500_000, "G2"), WAIT, ("close",), ("back", "A1", 499_999), WAIT, ("close",), ("buy", "A2", 90_000, "G2"),
     WAIT, ("close",), WAIT, ("close",), ("hear",)],
    [("buy", "A1", 20_000, "G1"), WAIT, ("buy", "A2", 30_000, "G2"), ("close",), ("close",), ("back", "A1", 20_000),
     ("vest",), WAIT, ("close",)],
    [("buy", "A1", 1, "G2"), ("buy", "A2", 150, "G2"), ("back", "A2", 75), ("hear",), WAIT, WAIT, ("close",)],
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_commission_stands_as_its_model_in_each_story(story):
    stories.lived(Year, story)


MUTANTS = {
    "a line heard again pays again": [(commissions, "ACCRUE", "AND h.accrued IS NOT NULL", "AND false")],
    "refunds take nothing back": [(commissions, "DIFFER", "coalesce(s.net, 0)", "coalesce(s.gross, 0)")],
    "parts of a refund are rounded down": [(earning, "AMOUNTS", "round(a.gross * a.back / a.cents)", "floor(a.gross * a.back / a.cents)")],
    "the rate is of the whole order": [(earning, "AMOUNTS", "* r.share_bp / 100000000", "/ 10000")],
    "what is found out later goes into the closed month": [(commissions, "DIFFER", "greatest(d.month, %(open_from)s::date)", "d.month")],
    "a month vests what is not due": [(commissions, "DUE", "WHERE e.vests_on <= %(as_of)s", "WHERE true")],
    "a debt is forgotten": [(commission_months, "SETTLE", "owed_cents - recovered_cents", "0::bigint")],
    "a debt is recovered whole": [
        (payroll, "FIGURES", "* %(recovery)s::bigint / 10000", "* sign(%(recovery)s::bigint)::bigint")
    ],
    "accounts are not added up": [(commission_ledger, "ADD_UP", "+ m.vested", "+ 0")],
    "a purchase is nobody's who serves her": [(crediting, "WHO", "b.began_at < o.paid_at", "b.began_at > o.paid_at")],
}  # fmt: skip


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_commission_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Year, story) for story in STORIES)
