"""Record orders and their lines."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from members.actions import enrolment, tombstones
from members.actions.members import take_seats
from members.queries import carried
from newretail.kernel import sql, staging
from newretail.kernel.actions.images import Trail
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb
from stores.actions import catalogue

# One probe of the index for each row, however large the table: LIMIT keeps the planner from hashing all orders.
THE_ORDER = """LATERAL (
  SELECT * FROM members_order x WHERE x.source = i.source AND upper(x.order_no) = upper(i.order_no) LIMIT 1)"""
CHANGING = "SELECT existing FROM tmp_{0} WHERE error IS NULL AND same IS NOT TRUE AND existing IS NOT NULL"
# Where nothing changes, which is asked first, the large table is not looked at.
KEPT = f"EXISTS ({CHANGING}) AND k.id IN ({CHANGING})"
# What lies outside the stores an integration is confined to is not there for it.
OUTSIDE = """(%(within)s::bigint[] IS NOT NULL
  AND (s.id IS NULL OR s.id <> ALL(%(within)s::bigint[]) OR o.store_id <> ALL(%(within)s::bigint[])))"""
# A number of two persons' rows; the rows of a family are one person.
TWO = """(m.member_no <> i.member_no AND m.member_no NOT LIKE 'NR-%%' OR k.persons > 1
  OR n.id IS NOT NULL AND d.member_id <> n.id AND coalesce(n.merged_into_id, n.id) <>
    (SELECT coalesce(x.merged_into_id, x.id) FROM members_member x WHERE x.id = d.member_id))"""
RESOLVE = (
    """
SELECT i.*, o.id AS existing, s.id AS store_id,
  CASE WHEN i.channel IS NULL THEN coalesce(o.channel_id, c.id) ELSE c.id END AS channel_id,
  e.id AS scene_id, p.post_id, m.id AS member_id,
  coalesce(NOT m.joined_told AND i.paid_at < m.joined_at, false) AS before_joining,
  o.id IS NOT NULL
    AND (coalesce(m.id, o.member_id), coalesce(s.id, o.store_id),
         CASE WHEN i.channel IS NULL THEN o.channel_id ELSE c.id END, coalesce(e.id, o.scene_id),
         coalesce(p.post_id, o.sold_by_id), i.paid_at, i.amount_cents)
      IS NOT DISTINCT FROM
        (o.member_id, o.store_id, o.channel_id, o.scene_id, o.sold_by_id, o.paid_at, o.amount_cents) AS same,
  CASE
    WHEN i.store_code IS NOT NULL AND s.id IS NULL OR """
    + OUTSIDE
    + """ THEN 'unknown_store'
    WHEN i.staff_no IS NOT NULL AND p.post_id IS NULL THEN 'unknown_staff'
    WHEN i.paid_at > %(at)s::timestamptz + interval '1 day' THEN 'in_future'
    WHEN o.id IS NOT NULL AND o.amount_cents <> i.amount_cents AND o.refunded_cents > i.amount_cents
      THEN 'below_refunds'
    WHEN o.id IS NOT NULL AND o.amount_cents > i.amount_cents AND i.amount_cents <
      (SELECT sum(l.amount_cents) FROM members_orderline l WHERE l.order_id = o.id) THEN 'below_lines'
    WHEN """
    + TWO
    + """ THEN 'two_members'
    WHEN m.id IS NULL AND """
    + carried.named("i")
    + """ IS NOT NULL THEN 'unknown_member'
  END AS error,
  CASE
    WHEN i.store_code IS NOT NULL AND s.id IS NULL OR """
    + OUTSIDE
    + """ THEN 'store_code'
    WHEN i.staff_no IS NOT NULL AND p.post_id IS NULL THEN 'staff_no'
    WHEN i.paid_at > %(at)s::timestamptz + interval '1 day' THEN 'paid_at'
    WHEN o.amount_cents <> i.amount_cents AND o.refunded_cents > i.amount_cents THEN 'amount'
    WHEN """
    + TWO
    + """ THEN coalesce(k.odd, CASE WHEN i.phone IS NULL THEN 'member_no' ELSE 'phone' END)
    WHEN m.id IS NULL AND """
    + carried.named("i")
    + """ IS NOT NULL THEN """
    + carried.named_in("i")
    + """
    ELSE 'amount'
  END AS error_column
FROM tmp_orders_in i
LEFT JOIN stores_store s ON s.code = i.store_code
LEFT JOIN stores_channel c ON c.code = coalesce(i.channel, CASE WHEN i.store_code IS NULL THEN 'mall' ELSE 'store' END)
LEFT JOIN stores_scene e ON e.code = i.scene
LEFT JOIN LATERAL (
  SELECT q.id AS post_id FROM stores_post q JOIN kernel_user u ON u.id = q.user_id
  WHERE u.staff_no = i.staff_no ORDER BY q.store_id = s.id DESC NULLS LAST, q.until DESC NULLS FIRST, q.id LIMIT 1
) p ON i.staff_no IS NOT NULL
LEFT JOIN members_member n ON n.member_no = i.member_no
LEFT JOIN members_identity d ON d.kind = 'phone' AND d.value = i.phone
LEFT JOIN ({known}) k ON k.line = i.line
LEFT JOIN members_member m ON m.id = coalesce(n.id, d.member_id, k.member_id)
LEFT JOIN """
    + THE_ORDER
    + """ o ON true
"""
)


def _resolve() -> str:
    """Write how orders are resolved; identities besides number and phone are looked up where any row carries one."""
    known = carried.known("tmp_orders_in") if carried.filled("tmp_orders_in") else carried.NOBODY
    return RESOLVE.replace("{known}", known)


ORDERS = staging.Recipe(
    name="orders",
    line_name="members.order.recorded",
    types={"line": "int", "dup_of": "int", "paid_at": "timestamptz", "amount_cents": "bigint"},
    resolve=_resolve,
    write="""
INSERT INTO members_order AS o (source, order_no, member_id, store_id, channel_id, scene_id, sold_by_id,
  paid_at, amount_cents, refunded_cents, entry_id)
SELECT t.source, t.order_no, t.member_id, t.store_id, t.channel_id, t.scene_id, t.post_id,
  t.paid_at, t.amount_cents, 0, %(entry)s
FROM tmp_orders t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY t.source, upper(t.order_no)
ON CONFLICT (source, upper(order_no)) DO UPDATE SET
  member_id = coalesce(excluded.member_id, o.member_id), store_id = coalesce(excluded.store_id, o.store_id),
  channel_id = excluded.channel_id, scene_id = coalesce(excluded.scene_id, o.scene_id),
  sold_by_id = coalesce(excluded.sold_by_id, o.sold_by_id), paid_at = excluded.paid_at,
  amount_cents = excluded.amount_cents, entry_id = excluded.entry_id
RETURNING old.id IS NULL, old.member_id, old.paid_at
""",
    back_name="members.order.withdrawn",
    trail=Trail(
        creates=("members_order", "members_claim", "members_duplicate", "members_identity", "members_member"),
        counted=(("members_order", "created"), ("members_member", "enrolled")),
        words=("stores_channel", "stores_scene"),
        keeps=(("members_order", KEPT.format("orders")),),
    ),
)
LINES = staging.Recipe(
    name="lines",
    line_name="members.order_line.recorded",
    types={
        "line": "int",
        "dup_of": "int",
        "line_no": "int",
        "quantity": "int",
        "amount_cents": "bigint",
        "discount_cents": "bigint",
    },
    resolve="""
SELECT i.*, o.id AS order_id, p.id AS product_id, l.id AS existing,
  l.id IS NOT NULL AND (p.id, i.quantity, i.amount_cents, coalesce(i.discount_cents, l.discount_cents))
    IS NOT DISTINCT FROM (l.product_id, l.quantity, l.amount_cents, l.discount_cents) AS same,
  CASE
    WHEN o.id IS NULL THEN 'unknown_order'
    WHEN p.id IS NULL THEN 'unknown_product'
    WHEN i.amount_cents < (SELECT sum(f.amount_cents) FROM members_refund f
      WHERE f.order_id = o.id AND f.line_no = i.line_no) THEN 'below_refunds'
  END AS error,
  CASE WHEN o.id IS NULL THEN 'order_no' WHEN p.id IS NULL THEN 'sku' ELSE 'amount' END AS error_column,
  coalesce(i.amount_cents - l.amount_cents, i.amount_cents) AS more_cents, o.amount_cents AS order_cents
FROM tmp_lines_in i
LEFT JOIN """
    + THE_ORDER
    + """ o ON true
LEFT JOIN stores_product p ON p.sku = i.sku
LEFT JOIN members_orderline l ON l.order_id = o.id AND l.line_no = i.line_no
""",
    write="""
INSERT INTO members_orderline AS l (order_id, line_no, product_id, quantity, amount_cents, discount_cents, entry_id)
SELECT t.order_id, t.line_no, t.product_id, t.quantity, t.amount_cents, coalesce(t.discount_cents, 0), %(entry)s
FROM tmp_lines t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY t.order_id, t.line_no
ON CONFLICT (order_id, line_no) DO UPDATE SET product_id = excluded.product_id, quantity = excluded.quantity,
  amount_cents = excluded.amount_cents, discount_cents = excluded.discount_cents, entry_id = excluded.entry_id
RETURNING xmax = 0
""",
    back_name="members.order_line.withdrawn",
    trail=Trail(
        creates=("members_orderline",),
        counted=(("members_orderline", "created"),),
        keeps=(("members_orderline", KEPT.format("lines")),),
    ),
)
# The lines of an order may never sum to more than it; the whole order's rows of the batch are refused then.
TOO_MUCH = """
WITH touched AS (
  SELECT order_id, order_cents, sum(more_cents) AS more FROM tmp_lines WHERE error IS NULL AND same IS NOT TRUE
  GROUP BY order_id, order_cents HAVING sum(more_cents) > 0),
over AS (
  SELECT c.order_id FROM touched c WHERE c.more + coalesce(
    (SELECT sum(l.amount_cents) FROM members_orderline l WHERE l.order_id = c.order_id), 0) > c.order_cents)
UPDATE tmp_lines t SET error = 'lines_exceed_order', error_column = 'amount'
FROM over WHERE over.order_id = t.order_id AND t.error IS NULL
"""


@dataclass(frozen=True)
class Terms:
    """On what terms a batch is taken.

    Stores (ids) beyond which nothing is there, lines that are left out; `nameless`: payers whom nobody knows stay so.
    """

    within: list[int] | None = None
    without: tuple[int, ...] = ()
    nameless: bool = False

    def leave_out(self, name: str) -> None:
        """Take the lines left out away from the loaded batch."""
        if self.without:
            sql.execute(f"DELETE FROM tmp_{name}_in WHERE line = ANY(%(lines)s)", {"lines": list(self.without)})


USUAL = Terms()


def lock_orders(table: str) -> None:
    """Lock the orders a batch touches, in the order of their ids, before anything about them is read."""
    sql.execute(
        "SELECT 1 FROM members_order o WHERE o.id IN (SELECT x.id"
        f" FROM (SELECT DISTINCT source, order_no FROM {table}) i, {THE_ORDER} x) ORDER BY o.id FOR NO KEY UPDATE"
    )


def _lock_changing() -> bool:
    """Lock the orders that would change; True when there are any, and what was resolved must be resolved again."""
    changing = "SELECT existing FROM tmp_orders WHERE existing IS NOT NULL AND same IS NOT TRUE"
    return bool(sql.execute(f"SELECT 1 FROM members_order WHERE id IN ({changing}) ORDER BY id FOR NO KEY UPDATE"))


def _left_behind(params: sql.Params, _outcome: Outcome) -> dict[str, object]:
    """Name the members and instants that changed orders leave, so that their figures are counted anew."""
    left = [(member, paid_at) for created, member, paid_at in params["written"] if not created]
    members = sorted({member for member, _ in left if member})
    instants = sorted({paid_at.isoformat() for _, paid_at in left})
    return {"left_members": members, "left_instants": instants} if left else {}


# One look: is there a payer to enrol, an order that changes, one before its member joined?
LOOK = """
SELECT coalesce(bool_or(error = 'unknown_member'), false), coalesce(bool_or(existing IS NOT NULL AND same IS NOT TRUE),
  false), coalesce(bool_or(error IS NULL AND before_joining), false) FROM tmp_orders
"""


# Why an order is refused is judged in one order, the unknown member last: without it nothing speaks against the order.
NAMELESS = "UPDATE tmp_orders SET error = NULL, error_column = NULL WHERE error = 'unknown_member'"


def _judge(params: sql.Params, outcome: Outcome, *, enrol: bool, nameless: bool) -> dict[str, object]:
    unknown, changing, early = sql.rows(LOOK)[0]
    if enrol and unknown:
        take_seats(0)  # whoever enrols queues here, as who erases does, then looks again
        tombstones.strike()
        staging.resolve(ORDERS, "i.dup_of = 0", params)
        outcome.enrolled += enrolment.enrol_payers(params)
        _unknown, changing, early = sql.rows(LOOK)[0]
    if changing and _lock_changing():
        staging.resolve(ORDERS, "i.dup_of = 0", params)
        early = True
    if nameless:
        sql.execute(NAMELESS)
    facts = {"enrolled": outcome.enrolled, "left_instants": enrolment.join_earlier(params) if early else []}
    return {name: fact for name, fact in facts.items() if fact}


def take_in(
    batch: Batch,
    *,
    at: datetime,
    by: User | None,
    enrol: bool = False,
    terms: Terms = USUAL,
) -> Outcome:
    """Take paid orders into the books under these terms; part of the verbs that record them."""

    def reference(_params: sql.Params, _outcome: Outcome) -> None:
        terms.leave_out("orders")
        tombstones.strike()
        catalogue.know_channels(table="tmp_orders_in")

    steps = staging.Steps(reference, partial(_judge, enrol=enrol, nameless=terms.nameless), _left_behind)
    params = {"within": terms.within}
    return staging.record(ORDERS, batch, at=at, by=by, params=params, steps=steps)


def take_lines_in(batch: Batch, *, at: datetime, by: User | None, terms: Terms = USUAL) -> Outcome:
    """Take order lines into the books under these terms; part of the verbs that record them."""

    def lock(_params: sql.Params, _outcome: Outcome) -> None:
        terms.leave_out("lines")
        lock_orders("tmp_lines_in")

    def judge(_params: sql.Params, _outcome: Outcome) -> None:
        sql.execute(TOO_MUCH)

    steps = staging.Steps(prepare=lock, between=judge)
    return staging.record(LINES, batch, at=at, by=by, steps=steps)


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, enrol: bool = False) -> Outcome:
    """Record paid orders; (source, order no.) is the key, an order without member or store is allowed.

    Batch columns: those of `members.importers.ORDERS`. With `enrol` an unknown number, phone or other
    identity makes a member.
    Row refusals: unknown_store, unknown_staff, in_future, below_refunds, below_lines, two_members, unknown_member.
    Writes: members.order.recorded.
    """
    return take_in(batch, at=at, by=by, enrol=enrol)


@verb
def record_lines(*, batch: Batch, at: datetime, by: User | None = None) -> Outcome:
    """Record the lines of known orders; an order's lines never sum to more than its amount.

    Batch columns: those of `members.importers.ORDER_LINES`.
    Row refusals: unknown_order, unknown_product, below_refunds, lines_exceed_order.
    Writes: members.order_line.recorded.
    """
    return take_lines_in(batch, at=at, by=by)
