"""One order: as it is told outside, with its lines, in one look; and as the purchase a coupon is held to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from members.queries.coupons import Line, Purchase
from newretail.kernel import sql

# One probe of an index for each name: nothing is joined, so there is no order of joins to plan.
TOLD = """
SELECT o.source, o.order_no, o.paid_at, o.amount_cents, o.refunded_cents,
  (SELECT m.member_no FROM members_member m WHERE m.id = o.member_id),
  (SELECT s.code FROM stores_store s WHERE s.id = o.store_id),
  (SELECT c.code FROM stores_channel c WHERE c.id = o.channel_id),
  (SELECT e.code FROM stores_scene e WHERE e.id = o.scene_id),
  (SELECT u.staff_no FROM kernel_user u WHERE u.id = (SELECT p.user_id FROM stores_post p WHERE p.id = o.sold_by_id)),
  (SELECT coalesce(json_agg(json_build_object('line_no', l.line_no, 'quantity', l.quantity,
      'sku', (SELECT p.sku FROM stores_product p WHERE p.id = l.product_id),
      'amount_cents', l.amount_cents, 'discount_cents', l.discount_cents) ORDER BY l.line_no), '[]')
    FROM members_orderline l WHERE l.order_id = o.id)
FROM members_order o WHERE o.source = %(source)s AND upper(o.order_no) = upper(%(order_no)s)
"""
Told = dict[str, Any]


def told(source: str, order_no: str) -> Told:
    """Tell an order by its source and number, as its row and those it leads to would: `member.member_no`, `lines`."""
    (row,) = sql.prepared({"source": source, "order_no": order_no}, TOLD)
    paid_at: datetime = row[2]
    lines = [{**line, "product": {"sku": line["sku"]}} for line in row[10]]
    return {
        "source": row[0], "order_no": row[1], "paid_at": paid_at, "amount_cents": row[3], "refunded_cents": row[4],
        "member": {"member_no": row[5]}, "store": {"code": row[6]}, "channel": {"code": row[7]},
        "scene": {"code": row[8]}, "sold_by": {"user": {"staff_no": row[9]}}, "lines": lines,
    }  # fmt: skip


# Lines before coupons: their discount is what was taken off them.
BOUGHT = """
SELECT o.source, o.order_no, o.member_id, o.amount_cents, o.store_id,
  (SELECT s.region_id FROM stores_store s WHERE s.id = o.store_id), o.channel_id,
  (SELECT coalesce(m.merged_into_id, m.id) FROM members_member m WHERE m.id = o.member_id),
  (SELECT coalesce(json_agg(json_build_array(p.sku, l.amount_cents + l.discount_cents, l.quantity, p.category_id)
      ORDER BY l.line_no), '[]')
    FROM members_orderline l JOIN stores_product p ON p.id = l.product_id WHERE l.order_id = o.id)
FROM members_order o WHERE o.source = %(source)s AND upper(o.order_no) = upper(%(order_no)s)
"""


@dataclass(frozen=True)
class Bought:
    """An order by its name as it was first spelled, its payer (id), and the purchase it is: paid, its lines before."""

    source: str
    order_no: str
    payer_id: int | None
    purchase: Purchase


def bought(source: str, order_no: str) -> Bought:
    """Read an order of the books as the purchase that coupons are held to."""
    (row,) = sql.rows(BOUGHT, {"source": source, "order_no": order_no})
    lines = [Line(*line) for line in row[8]]
    amount, store, region, channel, person = row[3:8]
    return Bought(row[0], row[1], row[2], Purchase(amount, store, region, channel, person, lines=lines))
