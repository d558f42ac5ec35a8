"""What a month of commission comes to: gross by person, the lines that add up to it, what accounting books for it.

A closed month is told by its statements. Any other is told as the books stand at the moment: what is computed for it
only once it is over (reward steps, the cap) is in it from then on.
"""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import IO, Any

from django.db.models import Count, Sum

from guides.models import CommissionEntry, CommissionMonth, CommissionStatement, CreditDispute, Policy
from guides.models.commissions import MOVED_ON, EntryQuerySet
from guides.queries import policies
from guides.queries.policy_terms import Scheme
from newretail.kernel import clock, sql
from newretail.kernel.files import copying

MONTH = re.compile(r"\d{4}-\d\d", re.ASCII)
EARNS = f"e.month = %(month)s AND e.kind NOT IN {MOVED_ON}"
# A refund may leave less than nothing: it is owed. A debt is paid back of what was earned, up to the scheme's part.
FIGURES = f"""
SELECT s.account_id, s.lines, s.earned, greatest(-s.earned, 0) AS owed, a.debt_cents AS debt,
  least(a.debt_cents, greatest(s.earned, 0) * %(recovery)s::bigint / 10000) AS recovered
FROM (SELECT e.account_id, count(*) AS lines, sum(e.amount_cents)::bigint AS earned
  FROM guides_commissionentry e WHERE {EARNS} GROUP BY e.account_id) s
JOIN guides_commissionaccount a ON a.id = s.account_id
"""
STATED = """
SELECT account_id, lines, earned_cents AS earned, recovered_cents AS recovered, owed_cents AS owed
FROM guides_commissionstatement WHERE month_id = %(month_id)s
"""
STAFF_NO = "coalesce(u.staff_no, u.username)"
# A person's pay is booked where she stands on the month's last day, else where she stood next to it.
PERSONS = f"""
SELECT {STAFF_NO} AS staff_no, u.name, coalesce(w.code, '') AS store, f.lines, f.earned, f.recovered, f.owed,
  f.earned - f.recovered + f.owed AS gross
FROM ({{figures}}) f JOIN guides_commissionaccount a ON a.id = f.account_id JOIN kernel_user u ON u.id = a.user_id
LEFT JOIN LATERAL (
  SELECT s.code FROM stores_post p JOIN stores_store s ON s.id = p.store_id
  WHERE p.user_id = u.id ORDER BY p.since > %(last_day)s OR p.until <= %(last_day)s NULLS FIRST,
    abs(p.since - %(last_day)s) NULLS LAST, p.id LIMIT 1) w ON true
ORDER BY {STAFF_NO} COLLATE "C"
"""
# What is recovered of a debt and what is carried as one are lines too: the lines of a person are her gross.
LINES = f"""
SELECT {STAFF_NO} AS staff_no, u.name, coalesce(o.order_no, '') AS order_no, coalesce(o.source, '') AS source,
  CASE WHEN e.order_id IS NOT NULL THEN e.line_no END AS line_no, e.kind, e.base, e.rate_bp, e.share_bp, e.amount,
  p.version, nullif(e.level, 0) AS level, e.reason
FROM (
  SELECT e.account_id, e.order_id, e.line_no, e.kind, e.base_cents AS base, e.rate_bp, e.share_bp,
    e.amount_cents AS amount, e.policy_id, e.level, e.reason, e.id AS nth
  FROM guides_commissionentry e WHERE {EARNS}
  UNION ALL SELECT account_id, NULL, 0, 'recover', 0, 0, 0, -recovered, NULL, 0, '', NULL
    FROM ({{figures}}) r WHERE recovered > 0
  UNION ALL SELECT account_id, NULL, 0, 'carry', 0, 0, 0, owed, NULL, 0, '', NULL FROM ({{figures}}) c WHERE owed > 0) e
JOIN guides_commissionaccount a ON a.id = e.account_id JOIN kernel_user u ON u.id = a.user_id
LEFT JOIN members_order o ON o.id = e.order_id LEFT JOIN guides_policy p ON p.id = e.policy_id
ORDER BY {STAFF_NO} COLLATE "C", e.nth NULLS LAST
"""
# What was earned is an expense; what guides owe is an advance to them, given when it is carried, settled when it is
# recovered. Each store's debits are its credits.
BOOKED = """
SELECT s.store, v.account, v.debit, v.credit
FROM (SELECT store, sum(earned)::bigint AS earned, sum(recovered)::bigint AS recovered, sum(owed)::bigint AS owed,
    sum(gross)::bigint AS gross FROM ({persons}) p GROUP BY store) s
CROSS JOIN LATERAL (VALUES (1, 'expense', greatest(s.earned, 0), greatest(-s.earned, 0)), (2, 'advance', s.owed, 0),
  (3, 'advance', 0, s.recovered), (4, 'payable', 0, s.gross)) v (n, account, debit, credit)
WHERE v.debit > 0 OR v.credit > 0 ORDER BY s.store COLLATE "C", v.n
"""
TABLES = {"gross": PERSONS, "lines": LINES, "booked": BOOKED.format(persons=PERSONS)}
GROSS_COLUMNS = "staff_no,gross"
LINE_COLUMNS = "staff_no,order_no,source,line_no,kind,base,rate_bp,share_bp,amount,version,level"
GROSS_FILE = f"""SELECT {copying.safe("t.staff_no")}, {copying.yuan("t.gross")} FROM ({{table}}) t"""
LINES_FILE = f"""
SELECT {copying.safe("t.staff_no")}, {copying.safe("t.order_no")}, {copying.safe("t.source")}, t.line_no, t.kind,
  {copying.yuan("t.base")}, t.rate_bp, t.share_bp, {copying.yuan("t.amount")}, t.version, t.level FROM ({{table}}) t
"""
SIZE = "SELECT count(*) FROM ({table}) t"
OPEN_FROM = """
SELECT coalesce(max(month) + interval '1 month', '0001-01-01')::date FROM guides_commissionmonth
WHERE state IN ('closed', 'exported', 'paid')
"""


@dataclass(frozen=True)
class MonthTotals:
    """A month as a person sees it: earned, gross (None: not computed), by how many, reviewed of them, open disputes."""

    kept: CommissionMonth
    earned_cents: int
    gross_cents: int | None
    persons: int
    reviewed: int
    disputes: int

    @property
    def computes(self) -> bool:
        """Tell whether it can be computed: it is over, and not closed."""
        return not self.kept.closed_at and clock.month_after(self.kept.month) <= clock.business_day(clock.now())


def open_from() -> date:
    """Give the first month that is not closed."""
    first: date = sql.rows(OPEN_FROM)[0][0]
    return first


def month_named(text: str) -> date | None:
    """Read a month as people write it, 2026-05; None where it is none."""
    try:
        return date.fromisoformat(f"{text}-01") if MONTH.fullmatch(text) else None
    except ValueError:
        return None


def scheme_of(month: date) -> tuple[int | None, Scheme]:
    """Give the scheme of a month's last day, by which the month as a whole is paid, and its key."""
    found = policies.in_force(Policy.Kind.COMMISSION, clock.month_end(month))
    return (found.policy.pk, found.terms) if found else (None, Scheme(levels={}))


def kept(month: date) -> CommissionMonth:
    """Give a month as it is kept; one that is not is open."""
    return CommissionMonth.objects.filter(month=month).first() or CommissionMonth(month=month)


def table(name: str, month: CommissionMonth) -> tuple[str, sql.Params]:
    """Give the SELECT of a table of a month (`gross`, `lines`, `booked`; in cents) and what it is asked with."""
    given = {
        "month": month.month, "month_id": month.pk, "last_day": clock.month_end(month.month),
        "recovery": scheme_of(month.month)[1].recovery_bp,
    }  # fmt: skip
    return TABLES[name].format(figures=STATED if month.closed_at else FIGURES), given


def size(select: str, given: sql.Params) -> int:
    """Count the rows of such a table."""
    return int(sql.rows(SIZE.format(table=select), given)[0][0])


def write(file: IO[str], *, month: CommissionMonth, lines: bool) -> int:
    """Write everybody's gross of a month as CSV, or the lines that add up to it; return the rows written."""
    name, columns, select = ("lines", LINE_COLUMNS, LINES_FILE) if lines else ("gross", GROSS_COLUMNS, GROSS_FILE)
    of_month, given = table(name, month)
    return copying.write(file, columns, select.format(table=of_month), given)


def earning(entries: EntryQuerySet) -> EntryQuerySet:
    """Narrow entries to those that a month's pay is made of."""
    return entries.exclude(kind__in=MOVED_ON)


def months(user: object) -> list[MonthTotals]:
    """List the months in which anything was earned within a person's sight, the newest first."""
    known = {each.month: each for each in CommissionMonth.objects.all()}
    stated = CommissionStatement.objects.visible_to(user).order_by().values("month__month")
    rows: dict[date, dict[str, Any]] = {}
    for told in stated.annotate(
        earned=Sum("earned_cents"), gross=Sum("gross_cents"), persons=Count("pk"), seen=Count("reviewed_at")
    ):
        rows[told["month__month"]] = {**told}
    seen = earning(CommissionEntry.objects.visible_to(user)).order_by()
    going = seen.filter(month__gte=open_from()).exclude(month__in=rows).values("month")
    for each in going.annotate(earned=Sum("amount_cents"), persons=Count("account", distinct=True)):
        rows[each["month"]] = {**each, "gross": None, "seen": 0}
    waiting = Counter(CreditDispute.objects.open().visible_to(user).values_list("month", flat=True))
    return [
        MonthTotals(
            known.get(month) or CommissionMonth(month=month), row["earned"], row["gross"], row["persons"], row["seen"],
            waiting[month],
        )
        for month, row in sorted(rows.items(), reverse=True)
    ]  # fmt: skip


def by_kind(month: date, user: object) -> list[dict[str, Any]]:
    """Sum what a month comes to within a person's sight by what moved: kind, lines, persons, cents."""
    seen = earning(CommissionEntry.objects.visible_to(user)).filter(month=month).order_by("kind")
    sums = seen.values("kind").annotate(lines=Count("pk"), persons=Count("account", distinct=True),
                                        cents=Sum("amount_cents"))  # fmt: skip
    return [{**each, "named": CommissionEntry.Kind(each["kind"]).label} for each in sums]
