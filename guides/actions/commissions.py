"""What lines of orders earn their guides: accrued at payment, taken back by refund, vested after the return window.

Nothing is added to what was earned before: what each line should have earned is derived from the order as it stands,
compared with what the books say, and the difference is posted. Whatever is sent twice, late or in another order ends
at the same cents.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from guides.actions import commission_ledger as ledger
from guides.models import Policy
from guides.queries import crediting, earning, policies
from guides.queries.policies import Counting
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.failpoint import failpoint
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

TOUCHED = """
o.id IN (
  SELECT id FROM members_order WHERE entry_id = %(line)s
  UNION SELECT order_id FROM members_orderline WHERE entry_id = %(line)s
  UNION SELECT order_id FROM members_refund WHERE entry_id = %(line)s
  UNION SELECT c.order_id FROM guides_credit c WHERE c.entry_id = %(line)s OR c.end_entry_id = %(line)s)
AND o.paid_at >= %(first)s
"""
PAID_ON = "o.paid_at >= %(since)s AND o.paid_at < %(until)s AND o.paid_at >= %(first)s"
ON_DAYS = """
EXISTS (SELECT FROM unnest(%(days)s::date[]) d(day) WHERE o.paid_at >= d.day::timestamp AT TIME ZONE %(zone)s
  AND o.paid_at < (d.day + 1)::timestamp AT TIME ZONE %(zone)s) AND o.paid_at >= %(first)s
"""
# Orders that were taken back leave what they earned, and whose they were.
GONE = """
SELECT DISTINCT e.order_id FROM {table} e JOIN unnest(%(days)s::date[]) d(day)
  ON e.{at} >= d.day::timestamp AT TIME ZONE %(zone)s AND e.{at} < (d.day + 1)::timestamp AT TIME ZONE %(zone)s
WHERE e.order_id IS NOT NULL AND NOT EXISTS (SELECT FROM members_order o WHERE o.id = e.order_id)
"""
NONE_GONE = "SELECT NULL::bigint AS order_id WHERE false"
LEFT_BEHIND = (("guides_commissionentry", "earned_at"), ("guides_credit", "paid_at"))
END_CREDITS = """
UPDATE guides_credit SET end_entry_id = %(entry)s
WHERE order_id IN (SELECT order_id FROM tmp_pay_gone) AND end_entry_id IS NULL
"""
CREDIT = """
INSERT INTO guides_credit (order_id, role, post_id, share_bp, policy_id, paid_at, own, entry_id)
SELECT order_id, role, post_id, share_bp, policy_id, paid_at, own, %(entry)s FROM tmp_pay_derived
ORDER BY order_id, role, post_id
"""
HAS = """
SELECT e.order_id, e.line_no, e.post_id, e.role, e.account_id, sum(e.amount_cents)::bigint AS total,
  sum(e.base_cents)::bigint AS base, max(e.amount_cents) FILTER (WHERE e.kind = 'accrue') AS accrued,
  max(e.vests_on) FILTER (WHERE e.kind = 'accrue') AS vests_on, max(e.month) FILTER (WHERE e.kind = 'accrue') AS month,
  max(e.earned_at) AS earned_at, count(*) AS n
FROM guides_commissionentry e
WHERE e.order_id IN (SELECT id FROM tmp_pay_orders UNION SELECT order_id FROM tmp_pay_gone)
GROUP BY 1, 2, 3, 4, 5
"""
INTO = """
INSERT INTO tmp_pay_moves (account_id, post_id, kind, month, vests_on, provisional, vested, order_id, line_no, role,
  base, share_bp, rate_bp, level_bp, goods_bp, channel_bp, fresh_bp, level, policy_id, earned_at)
"""
# What comes so late that its return window is over has vested.
ACCRUE = f"""{INTO}
SELECT s.account_id, s.post_id, 'accrue', greatest(date_trunc('month', s.vests_on)::date, %(open_from)s::date),
  s.vests_on, CASE WHEN s.waits THEN s.gross ELSE 0 END, CASE WHEN s.waits THEN 0 ELSE s.gross END, s.order_id,
  s.line_no, s.role, s.cents, s.share_bp, s.rate_bp, s.level_bp, s.goods_bp, s.channel_bp, s.fresh_bp,
  s.level, s.policy_id, s.paid_at
FROM (SELECT s.*, a.id AS account_id, s.vests_on > coalesce(a.vested_until, '-infinity') AS waits
  FROM tmp_pay_should s JOIN guides_commissionaccount a ON a.user_id = s.user_id
  WHERE NOT EXISTS (SELECT FROM tmp_pay_has h WHERE (h.order_id, h.line_no, h.post_id, h.role)
    = (s.order_id, s.line_no, s.post_id, s.role) AND h.accrued IS NOT NULL)) s
"""
# What the books say, with what was just accrued, against what should be left of it.
DIFFER = """
INSERT INTO tmp_pay_moves (account_id, post_id, kind, month, vests_on, provisional, vested, order_id, line_no, role,
  nth, base, share_bp, rate_bp, level, policy_id, earned_at)
SELECT d.account_id, d.post_id, d.kind, greatest(d.month, %(open_from)s::date), d.vests_on,
  CASE WHEN d.waits THEN d.amount ELSE 0 END, CASE WHEN d.waits THEN 0 ELSE d.amount END, d.order_id, d.line_no, d.role,
  d.nth, d.base, d.share_bp, d.rate_bp, d.level, d.policy_id, d.earned_at
FROM (
  SELECT b.account_id, b.order_id, b.line_no, b.post_id, b.role, b.month, b.vests_on, b.nth, b.earned_at,
    coalesce(s.net, 0) - b.total AS amount, coalesce(s.cents - round(s.back)::bigint, 0) - b.base AS base,
    CASE WHEN s.gross = b.accrued AND s.net < b.total THEN 'claw_back' ELSE 'correct' END AS kind,
    coalesce(s.share_bp, 0) AS share_bp, coalesce(s.rate_bp, 0) AS rate_bp, coalesce(s.level, 0) AS level, s.policy_id,
    b.vests_on > coalesce(a.vested_until, '-infinity') AS waits
  FROM (
    SELECT h.account_id, h.order_id, h.line_no, h.post_id, h.role, h.total, h.base, h.accrued, h.month, h.vests_on,
      h.n AS nth, h.earned_at FROM tmp_pay_has h WHERE h.accrued IS NOT NULL
    UNION ALL SELECT m.account_id, m.order_id, m.line_no, m.post_id, m.role, m.provisional + m.vested, m.base,
      m.provisional + m.vested, m.month, m.vests_on, 0, m.earned_at FROM tmp_pay_moves m) b
  JOIN guides_commissionaccount a ON a.id = b.account_id
  LEFT JOIN tmp_pay_should s USING (order_id, line_no, post_id, role)
  WHERE b.total <> coalesce(s.net, 0)) d
"""
USERS = "SELECT user_id FROM tmp_pay_should"
DUE = """
SELECT e.account_id, e.month, sum(e.provisional_cents)::bigint AS cents
FROM guides_commissionentry e JOIN guides_commissionaccount a ON a.id = e.account_id
WHERE e.vests_on <= %(as_of)s AND e.vests_on > (
    SELECT coalesce(min(vested_until), '-infinity') FROM guides_commissionaccount)
  AND e.kind <> 'vest' AND (a.vested_until IS NULL OR e.vests_on > a.vested_until)
GROUP BY e.account_id, e.month
"""
VEST = """
INSERT INTO tmp_pay_moves (account_id, kind, month, vests_on, provisional, vested)
SELECT account_id, 'vest', month, %(as_of)s, -cents, cents FROM tmp_pay_due WHERE cents <> 0
"""
VESTED = """
UPDATE guides_commissionaccount SET vested_until = %(as_of)s
WHERE vested_until IS NULL OR vested_until < %(as_of)s
"""


class _Versions(NamedTuple):
    """What counts: whose orders are, and what they earn."""

    rules: list[Counting]
    schemes: list[Counting]

    @property
    def first(self) -> datetime:
        """Give the instant from which on orders earn: when rules and a scheme count."""
        return clock.day_start(max(self.rules[0].from_on, self.schemes[0].from_on))


def _counting() -> _Versions | None:
    """Read what counts; None until there are rules and a scheme."""
    rules, schemes = (policies.counting(kind) for kind in (Policy.Kind.CREDITS, Policy.Kind.COMMISSION))
    return _Versions(rules, schemes) if rules and schemes else None


def _bring_to(where: str, versions: _Versions, given: sql.Params, days: Sequence[date] = ()) -> dict[str, int]:
    """Bring credits and commission of orders to what they should be; the caller holds the lock."""
    parts = [GONE.format(table=table, at=at) for table, at in LEFT_BEHIND] if days else [NONE_GONE]
    given = {**given, "first": versions.first, "days": list(days)}
    sql.temporary("tmp_pay_gone", " UNION ".join(parts), given)
    laid = crediting.lay_orders(where, given)
    if not laid and not sql.count("tmp_pay_gone"):
        return {"credits": 0, "entries": 0}
    crediting.derive(versions.rules)
    sql.execute(END_CREDITS, given)
    credited = sql.execute(CREDIT, given)
    sql.temporary("tmp_pay_credits", crediting.STANDING)
    sql.temporary("tmp_pay_levels", earning.LEVELS)
    earning.lay_schemes(versions.schemes)
    earning.should_be("tmp_pay_should")
    sql.temporary("tmp_pay_has", HAS)
    ledger.open_accounts(USERS, given)
    ledger.begin()
    sql.execute(ACCRUE, given)
    sql.execute(DIFFER, given)
    return {"credits": credited, "entries": ledger.post(given)}


@verb
def settle(*, line: int, facts: dict[str, Any], at: datetime, by: User | None = None) -> dict[str, int]:
    """Bring credits and commission of the orders that a journal line is about to what they should be.

    Accrues what is missing, takes back what was refunded; again, it finds nothing to do. What belongs to a closed month
    goes to the first open one. Returns counts: credits, entries.
    Writes: guides.commission.settled.
    """
    versions = _counting()
    if versions is None:
        return {"credits": 0, "entries": 0}
    ledger.lock()
    given = {**ledger.params(entry=journal.reserve(), at=at, by=by), "line": line}
    instants = facts.get("left_instants") or []
    days = sorted({clock.business_day(datetime.fromisoformat(text)) for text in instants})
    where = f"({TOUCHED}) OR ({ON_DAYS})" if days else TOUCHED
    counts = _bring_to(where, versions, given, days)
    failpoint("commission.settled")
    if any(counts.values()):
        journal.write("guides.commission.settled", at=at, by=by, entry_id=given["entry"], line=line,
                      credits=counts["credits"], entries=counts["entries"])  # fmt: skip
    return counts


@verb
def settle_days(*, first: date, last: date, at: datetime, by: User | None = None) -> dict[str, int]:
    """Bring credits and commission of all orders paid on the days [first, last) to what they should be.

    For what was there before the first scheme counted, or to be sure. Returns counts: credits, entries.
    Writes: guides.commission.settled.
    """
    versions = _counting()
    if versions is None:
        return {"credits": 0, "entries": 0}
    ledger.lock()
    given = {
        **ledger.params(entry=journal.reserve(), at=at, by=by), "since": clock.day_start(first),
        "until": clock.day_start(last),
    }  # fmt: skip
    counts = _bring_to(PAID_ON, versions, given)
    failpoint("commission.days_settled")
    if any(counts.values()):
        journal.write("guides.commission.settled", at=at, by=by, entry_id=given["entry"], first=first.isoformat(),
                      last=last.isoformat(), credits=counts["credits"], entries=counts["entries"])  # fmt: skip
    return counts


@verb
def vest(*, as_of: date, at: datetime, by: User | None = None) -> int:
    """Let vest what is provisional and whose return window has ended by the start of a day; return how many accounts.

    Writes: guides.commission.vested.
    """
    ledger.lock()
    given = {**ledger.params(entry=journal.reserve(), at=at, by=by), "as_of": as_of}
    sql.temporary("tmp_pay_due", DUE, given)
    ledger.begin()
    accounts = sql.execute(VEST, given)
    ledger.post(given)
    sql.execute(VESTED, given)
    failpoint("commission.vested")
    if accounts:
        journal.write("guides.commission.vested", at=at, by=by, entry_id=given["entry"], as_of=str(as_of),
                      moves=accounts)  # fmt: skip
    return accounts
