"""Orders that may have been made up to earn by them (刷单): each sign, of whom, with the orders behind it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from newretail.kernel import clock, sql

DAYS = 90  # how far back is looked
REFUNDS = 3  # refunds of one customer's orders by one guide
SMALL_CENTS = 10_000  # an order below this is small
SMALL_ORDERS = 4  # small orders of one customer by one guide on one day
MOST_SHOWN, ORDERS_SHOWN = 200, 30
# Orders of the last days by which a guide within sight earned.
CREDITED = """
FROM members_order o JOIN guides_credit c ON c.order_id = o.id AND c.end_entry_id IS NULL
JOIN stores_post p ON p.id = c.post_id JOIN kernel_user u ON u.id = p.user_id
LEFT JOIN members_member m ON m.id = o.member_id
WHERE o.paid_at >= %(since)s AND (%(everywhere)s OR p.store_id = ANY(%(stores)s))
"""
WHOSE = "coalesce(u.staff_no, u.username) AS staff_no, u.name, m.member_no, m.name AS member"
# What goes back in the same day counts as bought; the orders are told newest first, each once.
BEHIND = f"""
(array_agg(o.id ORDER BY o.paid_at DESC, o.id DESC))[1:{ORDERS_SHOWN}] AS ids,
(array_agg(o.order_no ORDER BY o.paid_at DESC, o.id DESC))[1:{ORDERS_SHOWN}] AS numbers
"""
GROUPED = "GROUP BY u.id, m.id"
SELF = f"""
SELECT 'self' AS reason, {WHOSE}, NULL::date AS day, count(*) AS n, sum(o.amount_cents)::bigint AS cents, {BEHIND}
{CREDITED} AND u.phone <> '' AND m.phone = u.phone {GROUPED}
"""
STAFF = f"""
SELECT 'staff' AS reason, {WHOSE}, NULL::date AS day, count(*) AS n, sum(o.amount_cents)::bigint AS cents, {BEHIND}
FROM kernel_user u JOIN members_member m ON m.phone = u.phone JOIN members_order o ON o.member_id = m.id
WHERE u.phone <> '' AND o.paid_at >= %(since)s AND (%(everywhere)s OR o.store_id = ANY(%(stores)s))
  AND EXISTS (SELECT FROM stores_post p WHERE p.user_id = u.id) AND NOT EXISTS (
    SELECT FROM guides_credit c JOIN stores_post p ON p.id = c.post_id
    WHERE c.order_id = o.id AND c.end_entry_id IS NULL AND p.user_id = u.id)
{GROUPED}
"""
REFUNDED = f"""
SELECT 'refunds' AS reason, {WHOSE}, NULL::date AS day, sum(f.n) AS n, sum(f.cents)::bigint AS cents, {BEHIND}
{
    CREDITED.replace(
        "WHERE",
        '''JOIN LATERAL (
  SELECT count(*) AS n, sum(f.amount_cents) AS cents FROM members_refund f WHERE f.order_id = o.id
) f ON o.refunded_cents > 0 WHERE''',
    )
} AND m.id IS NOT NULL
{GROUPED} HAVING sum(f.n) >= {REFUNDS}
"""
SMALL = f"""
SELECT 'small' AS reason, {WHOSE}, (o.paid_at AT TIME ZONE %(zone)s)::date AS day, count(*) AS n,
  sum(o.amount_cents)::bigint AS cents, {BEHIND}
{CREDITED} AND m.id IS NOT NULL AND o.amount_cents < {SMALL_CENTS}
{GROUPED}, (o.paid_at AT TIME ZONE %(zone)s)::date HAVING count(*) >= {SMALL_ORDERS}
"""
FOUND = f"""
SELECT * FROM (({SELF}) UNION ALL ({STAFF}) UNION ALL ({REFUNDED}) UNION ALL ({SMALL})) s
ORDER BY array_position(ARRAY['self', 'staff', 'refunds', 'small'], reason), cents DESC, staff_no, member_no, day
"""


@dataclass(frozen=True)
class Suspicion:
    """A sign: why, of whom (who buys, or who earns by it), by which customer, how often, how much, which orders."""

    reason: str
    staff_no: str
    name: str
    member_no: str | None
    member: str | None
    day: date | None
    n: int
    cents: int
    ids: list[int]
    numbers: list[str]

    @property
    def orders(self) -> list[tuple[int, str]]:
        """Give the orders behind it, the newest ones."""
        return list(zip(self.ids, self.numbers, strict=True))


def asked(stores: list[int] | None, at: datetime) -> tuple[str, sql.Params]:
    """Give the SELECT of signs and what it is asked with: of these stores, None for all, up to now."""
    since = clock.day_start(clock.business_day(at) - timedelta(days=DAYS))
    given: dict[str, Any] = {"since": since, "everywhere": stores is None, "stores": stores or []}
    return FOUND, {**given, "zone": clock.brand_zone().key}


def found(stores: list[int] | None, at: datetime) -> list[Suspicion]:
    """List the gravest signs of these stores, None for all."""
    select, given = asked(stores, at)
    return [Suspicion(*row) for row in sql.rows(f"{select} LIMIT {MOST_SHOWN}", given)]
