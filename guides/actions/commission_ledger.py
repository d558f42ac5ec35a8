"""Write moves of commission into the books: one at a time in a brand, entries first, then what accounts hold.

A verb takes `lock`, lays what shall move into tmp_pay_moves (`begin`), and calls `post`.
"""

from datetime import datetime

from guides.queries import payroll
from newretail.kernel import clock, sql
from newretail.kernel.models import User

# One writer at a time: a refund, a decision, a close each find the books as the other left them.
LOCK = "SELECT pg_advisory_xact_lock(hashtext('guides.commission'), hashtext(current_schema()))"
MOVES = """
CREATE TEMPORARY TABLE tmp_pay_moves (
  account_id bigint NOT NULL, post_id bigint, kind text NOT NULL, month date NOT NULL, vests_on date,
  provisional bigint NOT NULL DEFAULT 0, vested bigint NOT NULL DEFAULT 0, payable bigint NOT NULL DEFAULT 0,
  paid bigint NOT NULL DEFAULT 0, debt bigint NOT NULL DEFAULT 0, order_id bigint, line_no int NOT NULL DEFAULT 0,
  role text NOT NULL DEFAULT '', bond_id bigint, task_id bigint, ref uuid, nth int NOT NULL DEFAULT 0,
  base bigint NOT NULL DEFAULT 0, share_bp int NOT NULL DEFAULT 0, rate_bp int NOT NULL DEFAULT 0,
  level_bp int NOT NULL DEFAULT 0, goods_bp int NOT NULL DEFAULT 0, channel_bp int NOT NULL DEFAULT 0,
  fresh_bp int NOT NULL DEFAULT 0, level int NOT NULL DEFAULT 0, policy_id bigint, reason text NOT NULL DEFAULT '',
  earned_at timestamptz) ON COMMIT DROP
"""
ENTRIES = """
INSERT INTO guides_commissionentry (account_id, post_id, kind, month, vests_on, amount_cents, provisional_cents,
  vested_cents, payable_cents, paid_cents, debt_cents, order_id, line_no, role, bond_id, task_id, ref, nth, base_cents,
  share_bp, rate_bp, level_bp, goods_bp, channel_bp, fresh_bp, level, policy_id, reason, earned_at, made_at, by_id,
  entry_id)
SELECT account_id, post_id, kind, month, vests_on, provisional + vested + payable + paid - debt, provisional, vested,
  payable, paid, debt, order_id, line_no, role, bond_id, task_id, ref, nth, base, share_bp, rate_bp, level_bp, goods_bp,
  channel_bp, fresh_bp, level, policy_id, reason, coalesce(earned_at, %(at)s), %(at)s, %(by)s, %(entry)s
FROM tmp_pay_moves ORDER BY account_id, order_id, line_no, post_id, kind
"""
ADD_UP = """
UPDATE guides_commissionaccount a SET provisional_cents = a.provisional_cents + m.provisional,
  vested_cents = a.vested_cents + m.vested, payable_cents = a.payable_cents + m.payable,
  paid_cents = a.paid_cents + m.paid, debt_cents = a.debt_cents + m.debt
FROM (SELECT account_id, sum(provisional) AS provisional, sum(vested) AS vested, sum(payable) AS payable,
    sum(paid) AS paid, sum(debt) AS debt FROM tmp_pay_moves GROUP BY account_id) m
WHERE a.id = m.account_id
"""
OPEN_ACCOUNTS = """
INSERT INTO guides_commissionaccount (user_id, provisional_cents, vested_cents, payable_cents, paid_cents, debt_cents,
  vested_until)
SELECT DISTINCT s.user_id, 0, 0, 0, 0, 0, (SELECT max(vested_until) FROM guides_commissionaccount) FROM ({users}) s
WHERE NOT EXISTS (SELECT FROM guides_commissionaccount a WHERE a.user_id = s.user_id)
ORDER BY 1 ON CONFLICT (user_id) DO NOTHING
"""


def lock() -> None:
    """Wait until nobody else writes commission in this brand; the lock ends with the transaction."""
    sql.rows(LOCK)


def params(*, entry: int, at: datetime, by: User | None) -> sql.Params:
    """Give what every statement needs; `open_from` is the first month that is not closed."""
    return {
        "entry": entry, "at": at, "by": by.pk if by else None, "zone": clock.brand_zone().key,
        "open_from": payroll.open_from(),
    }  # fmt: skip


def open_accounts(users: str, given: sql.Params) -> None:
    """Open the accounts of the persons that a SELECT of `user_id` names, for those who have none."""
    sql.execute(OPEN_ACCOUNTS.format(users=users), given)


def begin() -> None:
    """Begin with no moves."""
    sql.execute("DROP TABLE IF EXISTS pg_temp.tmp_pay_moves")
    sql.execute(MOVES)


def post(given: sql.Params) -> int:
    """Write the moves into the books and add them up; return how many there were."""
    written = sql.execute(ENTRIES, given)
    if written:
        sql.execute(ADD_UP)
    return written
