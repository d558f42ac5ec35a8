"""What is earned beside sales: a bounty for each customer won, a bonus for each task done in time.

As with orders, what should be in the books is derived and compared with what is; the difference is posted.
"""

from dataclasses import dataclass
from datetime import date, datetime

from guides.actions import commission_ledger as ledger
from guides.models import Policy
from guides.queries import earning_extras, policies
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.registry import Counts
from newretail.kernel.verbs import verb


@dataclass(frozen=True)
class _Part:
    """Entries of a kind that shall be settled: their key in the books, a SELECT of what should be there of some rows.

    `touched` names rows beside those: what they brought is taken back where nothing should be there any more.
    """

    kind: str
    column: str
    should: str
    touched: str


# The bonds that the line made or ended; the tasks of the months of those whom it concerns.
BONDS_OF_LINE = _Part(
    kind="bounty",
    column="bond_id",
    should=earning_extras.WON.format(where="b.entry_id = %(line)s OR b.end_entry_id = %(line)s"),
    touched="SELECT id FROM guides_bond WHERE entry_id = %(line)s OR end_entry_id = %(line)s",
)
TASKS_OF_LINE = _Part(
    kind="task",
    column="task_id",
    should=earning_extras.DONE.format(
        concerned="""
  SELECT DISTINCT k.post_id, date_trunc('month', v.at AT TIME ZONE %(zone)s) AS month
  FROM guides_taskmove m JOIN guides_task k ON k.id = m.task_id
  JOIN guides_taskmove v ON v.task_id = k.id WHERE m.entry_id = %(line)s"""
    ),
    touched="SELECT task_id FROM guides_taskmove WHERE entry_id = %(line)s",
)
# What is booked for the days, of a task that was undone or done again on another day too.
BOOKED = """
FROM guides_commissionentry e WHERE e.{column} IS NOT NULL AND e.earned_at >= %(since)s AND e.earned_at < %(until)s
"""
BONDS_OF_DAYS = _Part(
    kind="bounty",
    column="bond_id",
    should=earning_extras.WON_WITHIN,
    touched=f"SELECT e.bond_id {BOOKED.format(column='bond_id')}",
)
TASKS_OF_DAYS = _Part(
    kind="task",
    column="task_id",
    should=earning_extras.DONE.format(
        concerned=f"""
  SELECT k.post_id, date_trunc('month', k.ended_at AT TIME ZONE %(zone)s) AS month FROM guides_task k
  WHERE (k.ended_at >= %(since)s AND k.ended_at < %(until)s)
    OR k.id IN (SELECT e.task_id {BOOKED.format(column="task_id")})
  UNION SELECT e.post_id, date_trunc('month', e.earned_at AT TIME ZONE %(zone)s)
  {BOOKED.format(column="task_id")}"""
    ),
    touched=f"SELECT e.task_id {BOOKED.format(column='task_id')}",
)
# What is booked already, also of tasks that were taken back and stand nowhere else any more.
HAS = """
SELECT e.{column} AS ref, e.account_id, e.post_id, sum(e.amount_cents)::bigint AS total, max(e.month) AS month,
  max(e.vests_on) AS vests_on, max(e.earned_at) AS earned_at, count(*) AS n
FROM guides_commissionentry e WHERE e.{column} IN (SELECT ref FROM tmp_pay_should UNION {touched}) GROUP BY 1, 2, 3
"""
DIFFER = """
INSERT INTO tmp_pay_moves (account_id, post_id, kind, month, vests_on, provisional, vested, {column}, nth, base,
  policy_id, earned_at)
SELECT d.account_id, d.post_id, d.kind, greatest(d.month, %(open_from)s::date), d.vests_on,
  CASE WHEN d.waits THEN d.amount ELSE 0 END, CASE WHEN d.waits THEN 0 ELSE d.amount END, d.ref, d.n, d.amount,
  d.policy_id, d.earned_at
FROM (
  SELECT a.id AS account_id, post_id, ref, s.policy_id, coalesce(h.n, 0) AS n,
    CASE WHEN h.n IS NULL THEN '{kind}' WHEN coalesce(s.cents, 0) < h.total THEN 'claw_back' ELSE 'correct' END AS kind,
    coalesce(s.cents, 0) - coalesce(h.total, 0) AS amount, coalesce(h.earned_at, s.earned_at) AS earned_at,
    coalesce(h.month, date_trunc('month', s.vests_on)::date) AS month, coalesce(h.vests_on, s.vests_on) AS vests_on,
    coalesce(h.vests_on, s.vests_on) > coalesce(a.vested_until, '-infinity') AS waits
  FROM tmp_pay_should s FULL JOIN tmp_pay_has h USING (ref, post_id)
  JOIN guides_commissionaccount a ON a.id = h.account_id OR (h.account_id IS NULL AND a.user_id = s.user_id)
  WHERE coalesce(s.cents, 0) <> coalesce(h.total, 0)) d
"""


def _counts_anything() -> bool:
    """Lay what the schemes that count pay beside sales; tell whether any does."""
    return earning_extras.lay_terms(policies.counting(Policy.Kind.COMMISSION))


def _bring_to(parts: tuple[_Part, ...], given: sql.Params) -> int:
    """Bring what the parts name to what it should be, as one posting; return how many entries that took."""
    ledger.begin()
    for part in parts:
        sql.temporary("tmp_pay_should", part.should, given)
        sql.temporary("tmp_pay_has", HAS.format(column=part.column, touched=part.touched), given)
        ledger.open_accounts("SELECT user_id FROM tmp_pay_should WHERE cents > 0", given)
        sql.execute(DIFFER.format(column=part.column, kind=part.kind), given)
    return ledger.post(given)


def _settle(part: _Part, *, line: int, at: datetime, by: User | None) -> Counts:
    if not _counts_anything():
        return {"entries": 0}
    ledger.lock()
    given = {**ledger.params(entry=journal.reserve(), at=at, by=by), "line": line}
    entries = _bring_to((part,), given)
    if entries:
        journal.write("guides.commission.settled", at=at, by=by, entry_id=given["entry"], line=line, entries=entries)
    return {"entries": entries}


@verb
def settle_bonds(*, line: int, at: datetime, by: User | None = None) -> Counts:
    """Bring the bounties of the bonds that a journal line made or ended to what they should be.

    A bounty is hers for a customer who scanned her code and had never been anybody's; it vests if she has not deleted
    her guide before the scheme's days are over. Returns counts: entries.
    Writes: guides.commission.settled.
    """
    return _settle(BONDS_OF_LINE, line=line, at=at, by=by)


@verb
def settle_tasks(*, line: int, at: datetime, by: User | None = None) -> Counts:
    """Bring the bonuses of the tasks that a journal line moved, and of their months, to what they should be.

    A task counts that was done by the time it was due, approved where that is asked. Returns counts: entries.
    Writes: guides.commission.settled.
    """
    return _settle(TASKS_OF_LINE, line=line, at=at, by=by)


@verb
def settle_days(*, first: date, last: date, at: datetime, by: User | None = None) -> dict[str, int]:
    """Bring bounties of customers won and bonuses of tasks done on the days [first, last) to what they should be.

    For what was done before the first scheme counted, or to be sure. Returns counts: entries.
    Writes: guides.commission.settled.
    """
    if not _counts_anything():
        return {"entries": 0}
    ledger.lock()
    given = {
        **ledger.params(entry=journal.reserve(), at=at, by=by),
        "since": clock.day_start(first), "until": clock.day_start(last),
    }  # fmt: skip
    entries = _bring_to((BONDS_OF_DAYS, TASKS_OF_DAYS), given)
    if entries:
        journal.write("guides.commission.settled", at=at, by=by, entry_id=given["entry"], first=first.isoformat(),
                      last=last.isoformat(), entries=entries)  # fmt: skip
    return {"entries": entries}
