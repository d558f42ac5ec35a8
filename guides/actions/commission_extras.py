"""What is earned beside sales: a bounty for each customer won, a bonus for each task done in time.

As with orders, what should be in the books is derived and compared with what is; the difference is posted.
"""

from datetime import datetime

from guides.actions import commission_ledger as ledger
from guides.models import Policy
from guides.queries import earning_extras, policies
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.registry import Counts
from newretail.kernel.verbs import verb

# The bonds that the line made or ended; the tasks of the months of those whom it concerns.
WON = earning_extras.WON.format(where="b.entry_id = %(line)s OR b.end_entry_id = %(line)s")
DONE = earning_extras.DONE.format(
    concerned="""
  SELECT DISTINCT k.post_id, date_trunc('month', v.at AT TIME ZONE %(zone)s) AS month
  FROM guides_taskmove m JOIN guides_task k ON k.id = m.task_id
  JOIN guides_taskmove v ON v.task_id = k.id WHERE m.entry_id = %(line)s"""
)
# What is booked already, also of tasks that were taken back and stand nowhere else any more.
HAS = """
SELECT e.{column} AS ref, e.account_id, e.post_id, sum(e.amount_cents)::bigint AS total, max(e.month) AS month,
  max(e.vests_on) AS vests_on, max(e.earned_at) AS earned_at, count(*) AS n
FROM guides_commissionentry e WHERE e.{column} IN (SELECT ref FROM tmp_pay_should UNION {touched}) GROUP BY 1, 2, 3
"""
TOUCHED = {
    "bond_id": "SELECT id FROM guides_bond WHERE entry_id = %(line)s OR end_entry_id = %(line)s",
    "task_id": "SELECT task_id FROM guides_taskmove WHERE entry_id = %(line)s",
}
DIFFER = """
INSERT INTO tmp_pay_moves (account_id, post_id, kind, month, vests_on, provisional, vested, {column}, nth, base,
  policy_id, earned_at)
SELECT d.account_id, d.post_id, d.kind, greatest(d.month, %(open_from)s::date), d.vests_on,
  CASE WHEN d.waits THEN d.amount ELSE 0 END, CASE WHEN d.waits THEN 0 ELSE d.amount END, d.ref, d.n, d.amount,
  d.policy_id, d.earned_at
FROM (
  SELECT x.*, x.vests_on > coalesce(a.vested_until, '-infinity') AS waits FROM (
    SELECT a.id AS account_id, coalesce(h.post_id, s.post_id) AS post_id, coalesce(h.ref, s.ref) AS ref,
      CASE WHEN h.ref IS NULL THEN '{kind}' WHEN coalesce(s.cents, 0) < h.total THEN 'claw_back' ELSE 'correct' END
        AS kind,
      coalesce(s.cents, 0) - coalesce(h.total, 0) AS amount, coalesce(h.n, 0) AS n, s.policy_id,
      coalesce(h.vests_on, s.vests_on) AS vests_on, coalesce(h.earned_at, s.earned_at)
        AS earned_at, coalesce(h.month,
        date_trunc('month', s.vests_on)::date) AS month
    FROM tmp_pay_should s FULL JOIN tmp_pay_has h ON h.ref = s.ref AND h.post_id = s.post_id
    JOIN guides_commissionaccount a ON a.id = h.account_id OR (h.account_id IS NULL AND a.user_id = s.user_id)
    WHERE coalesce(s.cents, 0) <> coalesce(h.total, 0)) x
  JOIN guides_commissionaccount a ON a.id = x.account_id) d
"""


def _settle(should: str, column: str, kind: str, *, line: int, at: datetime, by: User | None) -> Counts:
    if not earning_extras.lay_terms(policies.counting(Policy.Kind.COMMISSION)):
        return {"entries": 0}
    ledger.lock()
    given = {**ledger.params(entry=journal.reserve(), at=at, by=by), "line": line}
    sql.temporary("tmp_pay_should", should, given)
    sql.temporary("tmp_pay_has", HAS.format(column=column, touched=TOUCHED[column]), given)
    ledger.open_accounts("SELECT user_id FROM tmp_pay_should WHERE cents > 0", given)
    ledger.begin()
    sql.execute(DIFFER.format(column=column, kind=kind), given)
    entries = ledger.post(given)
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
    return _settle(WON, "bond_id", "bounty", line=line, at=at, by=by)


@verb
def settle_tasks(*, line: int, at: datetime, by: User | None = None) -> Counts:
    """Bring the bonuses of the tasks that a journal line moved, and of their months, to what they should be.

    A task counts that was done by the time it was due, approved where that is asked. Returns counts: entries.
    Writes: guides.commission.settled.
    """
    return _settle(DONE, "task_id", "task", line=line, at=at, by=by)
