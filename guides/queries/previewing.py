"""What the newest orders would earn by a draft, line by line, with every factor of the arithmetic."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from guides.queries import crediting
from guides.queries.trials import Draft, Trial
from newretail.kernel import sql

ORDERS, LOOKED_AT, MOST_LINES = 10, 300, 80
NEWEST = "o.id IN (SELECT id FROM members_order WHERE paid_at < %(at)s ORDER BY paid_at DESC, id DESC LIMIT %(most)s)"
LINES = """
SELECT o.order_no, s.paid_at, h.name, coalesce(d.name, ''), u.name, s.role, s.cents, round(s.back)::bigint, s.share_bp,
  s.level, s.level_bp, s.goods_bp, s.channel_bp, s.fresh_bp, s.rate_bp, s.gross, s.net
FROM tmp_pay_should s JOIN members_order o ON o.id = s.order_id JOIN stores_channel h ON h.id = o.channel_id
JOIN kernel_user u ON u.id = s.user_id
LEFT JOIN members_orderline l ON l.order_id = s.order_id AND l.line_no = s.line_no
LEFT JOIN stores_product d ON d.id = l.product_id
WHERE s.order_id IN (
  SELECT order_id FROM tmp_pay_should GROUP BY order_id ORDER BY max(paid_at) DESC, order_id DESC LIMIT %(orders)s)
ORDER BY s.paid_at DESC, s.order_id DESC, s.line_no, s.role, s.post_id LIMIT %(lines)s
"""


@dataclass(frozen=True)
class Line:
    """What a line of an order would earn a guide: cents × rate × share = gross, less what was given back of it: net.

    Rates, factors and shares are basis points.
    """

    order_no: str
    paid_at: datetime
    channel: str
    goods: str
    guide: str
    role: str
    cents: int
    back: int
    share_bp: int
    level: int
    level_bp: int
    goods_bp: int
    channel_bp: int
    fresh_bp: int
    rate_bp: int
    gross: int
    net: int

    @property
    def capped(self) -> bool:
        """Tell whether the rate is below what its factors come to: the cap holds it down."""
        return self.rate_bp * 10**12 + 10**12 // 2 < self.level_bp * self.goods_bp * self.channel_bp * self.fresh_bp


@transaction.atomic
def preview(draft: Draft, *, at: datetime) -> list[Line]:
    """List what the ten newest orders that earn anybody anything would earn by a draft, the newest first."""
    trial = Trial.of(draft)
    crediting.lay_orders(NEWEST, {"at": at, "most": LOOKED_AT})
    trial.lay_credits()
    trial.lay_earned()
    return [Line(*row) for row in sql.rows(LINES, {"orders": ORDERS, "lines": MOST_LINES})]
