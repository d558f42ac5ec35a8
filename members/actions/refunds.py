"""Record refunds; one that comes before its order can be parked until the order comes."""

from datetime import datetime

from members.actions.orders import THE_ORDER, lock_orders
from newretail.kernel import sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb

# What lies outside the stores an integration is confined to is not there for it.
WITHIN = "(%(within)s::bigint[] IS NULL OR x.store_id = ANY(%(within)s::bigint[]))"
REFUNDS = staging.Recipe(
    name="refunds",
    line_name="members.refund.recorded",
    types={
        "line": "int",
        "dup_of": "int",
        "line_no": "int",
        "quantity": "int",
        "amount_cents": "bigint",
        "refunded_at": "timestamptz",
    },
    resolve="""
SELECT i.*, o.id AS order_id, f.id AS existing, o.amount_cents AS order_cents, l.amount_cents AS line_cents,
  f.id IS NOT NULL AND (coalesce(i.quantity, f.quantity), i.amount_cents, i.refunded_at)
    IS NOT DISTINCT FROM (f.quantity, f.amount_cents, f.refunded_at) AS same,
  CASE
    WHEN i.refunded_at > %(at)s::timestamptz + interval '1 day' THEN 'in_future'
    WHEN o.id IS NULL THEN 'unknown_order'
    WHEN i.line_no > 0 AND l.id IS NULL AND EXISTS (SELECT 1 FROM members_orderline x WHERE x.order_id = o.id)
      THEN 'unknown_line'
    WHEN f.id IS NOT NULL AND (coalesce(i.quantity, f.quantity), i.amount_cents, i.refunded_at)
      IS DISTINCT FROM (f.quantity, f.amount_cents, f.refunded_at) THEN 'refund_differs'
  END AS error,
  CASE WHEN i.refunded_at > %(at)s::timestamptz + interval '1 day' THEN 'refunded_at'
    WHEN o.id IS NULL THEN 'order_no' WHEN i.line_no > 0 AND l.id IS NULL THEN 'line_no'
    ELSE 'refund_no' END AS error_column
FROM tmp_refunds_in i
LEFT JOIN """
    + THE_ORDER.replace("SELECT * FROM members_order x WHERE", f"SELECT * FROM members_order x WHERE {WITHIN} AND")
    + """ o ON true
LEFT JOIN members_orderline l ON l.order_id = o.id AND l.line_no = i.line_no
LEFT JOIN members_refund f ON f.order_id = o.id AND upper(f.refund_no) = upper(i.refund_no)
  AND f.line_no = coalesce(i.line_no, 0)
""",
    write="""
INSERT INTO members_refund (order_id, refund_no, line_no, quantity, amount_cents, refunded_at, entry_id)
SELECT t.order_id, t.refund_no, coalesce(t.line_no, 0), coalesce(t.quantity, 0), t.amount_cents, t.refunded_at,
  %(entry)s
FROM tmp_refunds t WHERE t.error IS NULL AND t.existing IS NULL ORDER BY t.order_id, t.refund_no, t.line_no
ON CONFLICT DO NOTHING RETURNING true
""",
    back_name="members.refund.withdrawn",
    trail=Trail(creates=("members_refund",), counted=(("members_refund", "created"),)),
)
# Rows of the batch go in by line while they fit: a running sum tells where an order or a line is used up. Only the
# first row too many of each order is refused at a time, so that a refused row uses up nothing.
REFUND_EXCEEDS = """
WITH running AS (
  SELECT t.line, t.order_id,
    sum(t.amount_cents) OVER (PARTITION BY t.order_id ORDER BY t.line) + o.refunded_cents > o.amount_cents
    OR t.line_cents IS NOT NULL AND sum(t.amount_cents) OVER (PARTITION BY t.order_id, t.line_no ORDER BY t.line)
      + coalesce((SELECT sum(f.amount_cents) FROM members_refund f
                  WHERE f.order_id = t.order_id AND f.line_no = t.line_no), 0) > t.line_cents AS over
  FROM tmp_refunds t JOIN members_order o ON o.id = t.order_id
  WHERE t.error IS NULL AND t.existing IS NULL)
UPDATE tmp_refunds t SET error = 'refund_exceeds', error_column = 'amount'
FROM (SELECT DISTINCT ON (order_id) line FROM running WHERE over ORDER BY order_id, line) first
WHERE first.line = t.line
"""
ADD_UP = """
UPDATE members_order o SET refunded_cents = o.refunded_cents + r.cents
FROM (SELECT order_id, sum(amount_cents) AS cents FROM members_refund WHERE entry_id = %(entry)s GROUP BY order_id) r
WHERE o.id = r.order_id
"""
# A refund parked before with other values stands as it came; one of the batch repeated in it is parked once.
PARKED_DIFFERS = """
UPDATE tmp_refunds t SET error = 'refund_differs', error_column = 'refund_no'
FROM members_parkedrefund p
WHERE t.error = 'unknown_order' AND p.source = t.source AND upper(p.order_no) = upper(t.order_no)
  AND upper(p.refund_no) = upper(t.refund_no) AND p.line_no = coalesce(t.line_no, 0)
  AND (p.quantity, p.amount_cents, p.refunded_at) IS DISTINCT FROM
    (coalesce(t.quantity, 0), t.amount_cents, t.refunded_at)
"""
REPEATED = """
WITH parked AS (SELECT line FROM tmp_refunds WHERE error = 'unknown_order')
DELETE FROM tmp_refunds_in d USING tmp_refunds_in f, parked
WHERE f.line = d.dup_of AND parked.line = f.line
  AND (d.quantity, d.amount_cents, d.refunded_at) IS NOT DISTINCT FROM (f.quantity, f.amount_cents, f.refunded_at)
RETURNING d.line
"""
PARK = """
INSERT INTO members_parkedrefund (source, order_no, refund_no, line_no, quantity, amount_cents, refunded_at, within,
  state, reason, parked_at, entry_id)
SELECT t.source, t.order_no, t.refund_no, coalesce(t.line_no, 0), coalesce(t.quantity, 0), t.amount_cents,
  t.refunded_at, %(within)s, 'waiting', '', %(at)s, %(entry)s
FROM tmp_refunds t WHERE t.error = 'unknown_order' ORDER BY t.source, upper(t.order_no), upper(t.refund_no), t.line_no
ON CONFLICT (source, upper(order_no), upper(refund_no), line_no) DO UPDATE
SET state = 'waiting', parked_at = excluded.parked_at, settled_at = NULL, entry_id = excluded.entry_id
WHERE members_parkedrefund.state = 'expired'
"""
LEAVE = "DELETE FROM tmp_refunds WHERE error = 'unknown_order' RETURNING line"


def _park(params: sql.Params, by: User | None) -> list[int]:
    """Put aside what has no order yet, and take it out of the batch; return the lines."""
    sql.execute(PARKED_DIFFERS)
    repeated = [line for (line,) in sql.rows(REPEATED)]
    entry_id = journal.reserve()
    if parked := sql.execute(PARK, {**params, "entry": entry_id}):
        journal.write("members.refund.parked", at=params["at"], by=by, entry_id=entry_id, refunds=parked)
    return repeated + [line for (line,) in sql.rows(LEAVE)]


@verb
def record(
    *,
    batch: Batch,
    at: datetime,
    by: User | None = None,
    within: list[int] | None = None,
    park: bool = False,
) -> Outcome:
    """Record refunds per line (line 0: of an order without lines); never more than was paid.

    Batch columns: those of `members.importers.REFUNDS`. A recorded refund never changes. `within`: stores (ids) beyond
    which no order is there. With `park` a refund whose order is not there waits for it (`parked.apply`).
    Row refusals: unknown_order, unknown_line, refund_differs, in_future, refund_exceeds.
    Writes: members.refund.recorded, members.refund.parked.
    """
    parked: list[int] = []

    def lock(_params: sql.Params, _outcome: Outcome) -> None:
        lock_orders("tmp_refunds_in")

    def judge(params: sql.Params, _outcome: Outcome) -> None:
        if park:
            parked.extend(_park(params, by))
        while sql.execute(REFUND_EXCEEDS):
            pass

    def add_up(params: sql.Params, _outcome: Outcome) -> None:
        sql.execute(ADD_UP, params)

    steps = staging.Steps(prepare=lock, between=judge, after=add_up)
    outcome = staging.record(REFUNDS, batch, at=at, by=by, params={"within": within}, steps=steps)
    outcome.fates.update(dict.fromkeys(parked, "parked"))
    return outcome
