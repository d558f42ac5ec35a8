"""Keep the facts: what each store did each day, counted anew where something changed."""

from datetime import date, datetime

from django.utils.translation import gettext_noop

from newretail.kernel import clock, staging
from newretail.kernel.actions import journal
from newretail.kernel.verbs import Refused, verb

STORE_DAYS = """
WITH orders AS (
  SELECT (o.paid_at AT TIME ZONE %(zone)s)::date AS day, o.store_id, count(*) AS orders,
    count(o.member_id) AS member_orders, count(DISTINCT o.member_id) AS buyers,
    sum(o.amount_cents) AS sales_cents, sum(o.refunded_cents) AS refunded_cents
  FROM members_order o WHERE o.paid_at >= %(from)s AND o.paid_at < %(to)s {of_orders} GROUP BY 1, 2),
recruits AS (
  SELECT (m.joined_at AT TIME ZONE %(zone)s)::date AS day, m.home_store_id AS store_id, count(*) AS recruits
  FROM members_member m WHERE m.joined_at >= %(from)s AND m.joined_at < %(to)s {of_members} GROUP BY 1, 2)
SELECT day, store_id, coalesce(o.orders, 0) AS orders, coalesce(o.member_orders, 0) AS member_orders,
  coalesce(o.buyers, 0) AS buyers, coalesce(o.sales_cents, 0)::bigint AS sales_cents,
  coalesce(o.refunded_cents, 0)::bigint AS refunded_cents, coalesce(r.recruits, 0) AS recruits
FROM orders o FULL JOIN recruits r USING (day, store_id)
"""
MOST_DAYS = 3660
COLUMNS = "day, store_id, orders, member_orders, buyers, sales_cents, refunded_cents, recruits"


def _lock() -> None:
    staging.execute("SELECT pg_advisory_xact_lock(hashtext('analytics.facts'), hashtext(current_schema()))")


def _count_anew(first: date, last: date) -> int:
    """Count the days of [first, last) anew from orders and members; return how many store days there are."""
    params: staging.Params = {
        "zone": clock.brand_zone().key, "from": clock.day_start(first), "to": clock.day_start(last),
        "first": first, "last": last,
    }  # fmt: skip
    staging.execute("DELETE FROM analytics_storeday WHERE day >= %(first)s AND day < %(last)s", params)
    # FULL JOIN USING never pairs the two rows of no store; they are added up here.
    return staging.execute(
        f"INSERT INTO analytics_storeday ({COLUMNS}) SELECT day, store_id, sum(orders), sum(member_orders),"
        " sum(buyers), sum(sales_cents), sum(refunded_cents), sum(recruits)"
        f" FROM ({STORE_DAYS.format(of_orders='', of_members='')}) raw GROUP BY 1, 2 ORDER BY 1, 2",
        params,
    )


class BadSpan(Refused):
    """The days do not follow each other, or are more than anybody counts at once."""

    code = "bad_span"
    sentence = gettext_noop("The span must not end before it begins and hold at most %(most)s days.")


@verb
def refresh(*, first: date, last: date, at: datetime) -> dict[str, int]:
    """Count the business days of [first, last) anew, whatever they held.

    Returns counts: days, store_days.
    Refuses: BadSpan.
    Writes: analytics.fact.refreshed.
    """
    if not 0 <= (last - first).days <= MOST_DAYS:
        raise BadSpan(most=MOST_DAYS)
    _lock()
    params: staging.Params = {"first": first, "last": last}
    staging.execute("DELETE FROM analytics_staleday WHERE day >= %(first)s AND day < %(last)s", params)
    written = _count_anew(first, last)
    journal.write("analytics.fact.refreshed", at=at, first=first.isoformat(), last=last.isoformat())
    return {"days": (last - first).days, "store_days": written}


@verb
def refresh_stale(*, at: datetime) -> dict[str, int]:
    """Count anew only the days whose orders or members changed since they were counted.

    Returns counts: days, store_days.
    Writes: analytics.fact.refreshed.
    """
    _lock()
    # Taken before anything is read: a day that becomes stale from here on stays for the next run.
    days = sorted(day for (day,) in staging.rows("DELETE FROM analytics_staleday RETURNING day"))
    written = sum(_count_anew(first, last) for first, last in _spans(days))
    if days:
        journal.write("analytics.fact.refreshed", at=at, first=days[0].isoformat(), last=days[-1].isoformat())
    return {"days": len(days), "store_days": written}


def _spans(days: list[date]) -> list[tuple[date, date]]:
    """Join neighbouring days into half-open spans."""
    spans: list[tuple[date, date]] = []
    for day in days:
        following = date.fromordinal(day.toordinal() + 1)
        if spans and spans[-1][1] == day:
            spans[-1] = (spans[-1][0], following)
        else:
            spans.append((day, following))
    return spans


@verb
def mark_stale(*, entry_id: int, facts: dict[str, object]) -> None:
    """Mark the days and members that the rows of a journal line touch, and those the line says were left.

    Writes no line: it follows from the line it reads.
    """
    params: staging.Params = {
        "entry": entry_id,
        "zone": clock.brand_zone().key,
        "members": list(facts.get("left_members") or []),  # type: ignore[call-overload]
        "instants": list(facts.get("left_instants") or []),  # type: ignore[call-overload]
    }
    staging.execute(MARK_MEMBERS, params)
    staging.execute(MARK_DAYS, params)


TOUCHED = """
SELECT member_id, paid_at AS at FROM members_order WHERE entry_id = %(entry)s
UNION ALL SELECT o.member_id, o.paid_at FROM members_refund f JOIN members_order o ON o.id = f.order_id
  WHERE f.entry_id = %(entry)s
UNION ALL SELECT id, joined_at FROM members_member WHERE entry_id = %(entry)s
"""
MARK_MEMBERS = f"""
INSERT INTO analytics_stalemember (member_id)
SELECT DISTINCT member_id FROM ({TOUCHED} UNION ALL SELECT unnest(%(members)s::bigint[]), NULL) t
WHERE member_id IS NOT NULL ORDER BY 1 ON CONFLICT DO NOTHING
"""
MARK_DAYS = f"""
INSERT INTO analytics_staleday (day)
SELECT DISTINCT (at AT TIME ZONE %(zone)s)::date
FROM ({TOUCHED} UNION ALL SELECT NULL, unnest(%(instants)s::timestamptz[])) t
WHERE at IS NOT NULL ORDER BY 1 ON CONFLICT DO NOTHING
"""
