"""A month of commission for thousands of guides beside a plain scan of the same lines, and beside a loop over rows."""

from datetime import date, timedelta
from functools import partial
from time import perf_counter

from django.db import transaction

from bench.figures import Figure, at_least, at_most, holds
from bench.ground import SMALL, Ground, brand
from bench.meter import Meter, Took, middle, spoken
from guides.actions import commission_months, commissions, guide_levels, policies
from guides.models import CommissionAccount, CommissionEntry, CommissionStatement, Credit, Policy
from members.models import OrderLine
from newretail.kernel import clock, sql

MONTH, LAST = date(2024, 5, 1), date(2024, 5, 31)
LINES_OF_AN_ORDER, LINES_OF_A_GUIDE, SAMPLE = 3, 200, 2_000
MANY = {"full": 1_000_000, "medium": 1_000_000, "small": 20_000}
FEW = 3_000
GUIDES = """
WITH people AS (
  INSERT INTO kernel_user (username, name, staff_no, phone, session_no, password, is_superuser, email, is_staff,
    is_active, date_joined)
  SELECT 'pay' || n, '导购' || n, 'PAY' || n, '', 0, '', false, '', false, true, %(at)s
  FROM generate_series(1, %(guides)s) n RETURNING id, username)
INSERT INTO stores_post (user_id, role, store_id, entry_id)
SELECT p.id, 'guide', (SELECT min(id) FROM stores_store), 0 FROM people p ORDER BY p.id
"""
ORDERS = """
INSERT INTO members_order (source, order_no, store_id, channel_id, sold_by_id, paid_at, amount_cents, refunded_cents,
  entry_id)
SELECT 'pay', 'PAY' || n, p.store_id, (SELECT min(id) FROM stores_channel), p.id,
  %(since)s::timestamptz + (n %% 20) * interval '1 day' + (n %% 36000) * interval '1 second',
  3 * (1000 + n %% 9000), 0, 0
FROM generate_series(1, %(orders)s) n JOIN (
  SELECT id, store_id, row_number() OVER (ORDER BY id) - 1 AS k FROM stores_post
  WHERE user_id IN (SELECT id FROM kernel_user WHERE username LIKE 'pay%%')) p ON p.k = n %% %(guides)s
"""
LINES = """
INSERT INTO members_orderline (order_id, line_no, product_id, quantity, amount_cents, discount_cents, entry_id)
SELECT o.id, n, (SELECT min(id) FROM stores_product), 1, o.amount_cents / 3, 0, 0
FROM members_order o CROSS JOIN generate_series(1, 3) n WHERE o.source = 'pay' ORDER BY o.id, n
"""
FLOOR = "SELECT count(*), sum(cents) FROM tmp_bench_lines"
NARROW = """
CREATE TABLE IF NOT EXISTS pg_temp.tmp_bench_lines AS SELECT l.order_id, o.sold_by_id, l.amount_cents AS cents
FROM members_orderline l JOIN members_order o ON o.id = l.order_id WHERE o.source = 'pay'
"""
TERMS = {
    Policy.Kind.LEVELS: {"basis": "credited", "levels": [
        {"level": 1, "low_cents": 0, "high_cents": 500_000}, {"level": 2, "low_cents": 500_000}]},
    Policy.Kind.CREDITS: {"channels": {"*": {"seller": 10_000}}},
    Policy.Kind.COMMISSION: {"levels": {"1": 300, "2": 500}},
}  # fmt: skip


def _fill(guides: int, orders: int) -> None:
    """Put guides, orders and lines down, and what they are paid by."""
    at = clock.day_start(MONTH) - timedelta(days=1)
    given = {"guides": guides, "orders": orders, "since": clock.day_start(MONTH), "at": at}
    for statement in (GUIDES, ORDERS, LINES):
        sql.execute(statement, given)
    for kind, terms in TERMS.items():
        policies.publish(policy=policies.keep(kind=kind, terms=terms, at=at), starts_on=MONTH, at=at)
    sql.vacuum("members_order", "members_orderline", "stores_post", "kernel_user")


def _scan(meter: Meter, rounds: int) -> Took:
    """Scan the same lines, narrow and serial, as the floor of every other figure is scanned."""
    sql.execute(NARROW)
    sql.execute("SET max_parallel_workers_per_gather = 0")
    took = [meter.take(lambda: sql.rows(FLOOR))[1] for _round in range(rounds + 1)][1:]
    sql.execute("RESET max_parallel_workers_per_gather")
    return middle(took)


def _bring(month: date) -> None:
    at = clock.day_start(clock.month_after(month)) + timedelta(days=9)
    commission_months.compute(month=month, at=at)
    commission_months.close(month=month, at=at, unreviewed=True)


@transaction.atomic
def _row_by_row(lines: int) -> float:
    """Book a sample of lines one by one through the ORM, as such a month is usually run; give its seconds."""
    began, rate = perf_counter(), TERMS[Policy.Kind.COMMISSION]["levels"]["1"]
    for line in OrderLine.objects.filter(order__source="pay").order_by("pk")[:lines]:
        for credit in Credit.objects.current().filter(order=line.order):
            account = CommissionAccount.objects.select_for_update().get(user=credit.post and credit.post.user)
            cents = line.amount_cents * rate * credit.share_bp // 10**8
            CommissionEntry.objects.create(
                account=account, post=credit.post, kind="accrue", month=MONTH, amount_cents=cents,
                provisional_cents=cents, order=line.order, line_no=line.line_no, role=credit.role, nth=1,
                earned_at=line.order.paid_at, made_at=line.order.paid_at, entry_id=0,
            )  # fmt: skip
            account.provisional_cents += cents
            account.save()
    transaction.set_rollback(True)
    return perf_counter() - began


def measure(ground: Ground) -> list[Figure]:
    """Accrue a month's lines, bring the month to its close, assess the guides by it; each beside its reference."""
    ground.say("a month of commission")
    lines = MANY.get(ground.scale.name, FEW)
    guides, orders = max(lines // LINES_OF_A_GUIDE, 5), lines // LINES_OF_AN_ORDER
    with brand(SMALL):
        _fill(guides, orders)
        meter = Meter()
        floor = _scan(meter, ground.scale.rounds)
        over = clock.day_start(clock.month_after(MONTH))
        act = partial(commissions.settle_days, first=MONTH, last=clock.month_after(MONTH), at=over)
        made, accrued = meter.take(act)
        sql.vacuum("guides_commissionentry", "guides_credit")
        _accounts, vested = meter.take(partial(commissions.vest, as_of=LAST, at=over))
        _none, closed = meter.take(partial(_bring, MONTH))
        _levels, assessed = meter.take(
            partial(guide_levels.assess, month=MONTH, kpis=None, at=over + timedelta(days=9))
        )
        sample = min(SAMPLE, lines)
        singly = _row_by_row(sample) / sample * made["entries"]
        total = CommissionStatement.objects.count()
        again = act()["entries"]
        kept = CommissionEntry.objects.filter(kind="accrue").count()
    scan = f"scan {floor.words}"
    return [
        at_most(Figure(f"commission: a month of {made['entries']:,} lines computed and closed for {guides:,} guides",
                       closed.words, scan, closed.wall / floor.wall), 6),
        at_least(Figure("commission: the month from nothing to its close", spoken(accrued.wall + closed.wall),
                        f"one by one {spoken(singly)}", singly / (accrued.wall + closed.wall)), 50),
        Figure("commission: all of it vested in one night", vested.words, scan, vested.wall / floor.wall),
        Figure("commission: accrued from nothing", accrued.words, scan, accrued.wall / floor.wall),
        at_most(Figure(f"levels: {guides:,} guides assessed by it", assessed.words, scan,
                       assessed.wall / floor.wall), 2),
        holds("commission: the same month again", f"{again} more, {kept:,} in all, {total:,} statements", "0 more",
              ok=not again and kept == made["entries"]),
    ]  # fmt: skip
