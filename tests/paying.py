"""What 小美 and 小丽 earned in June, of every kind that a phone explains: sold, shared, pooled, first, given back."""

from datetime import date
from typing import Any

from guides.models import Policy
from tests import earning, world

JUNE = date(2026, 6, 1)
SHARED = {"channels": {"*": {"seller": 10_000}, "mall": {"bonded": 7_000, "sharer": 3_000},
                       "live": {"seller": 6_667, "pool": 3_333}}}  # fmt: skip


def shops(**more: Any) -> None:
    """The shops of `earning`; goods, channel and a first purchase count, the pool has a third of what is sold live."""
    factors = {"categories": {"茶": 15_000}, "channels": {"mall": 8_000}, "fresh_bp": 12_000}
    earning.shops(**{**factors, **more})
    earning.publish(Policy.Kind.CREDITS, SHARED, date(2026, 6, 2))


def rules() -> None:
    """Whose an order is, and what it earns, since January."""
    earning.publish(Policy.Kind.CREDITS, earning.CREDITS)
    earning.publish(Policy.Kind.COMMISSION, earning.SCHEME)


def sold() -> None:
    """小美 sells 张三 tea and nuts, of the tea a third is given back."""
    world.buy(world.order("A1", "99.99", "2026-06-03", member_no="V1", store_code="SH01", staff_no="G1"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "66.66"},
                {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "33.33"})  # fmt: skip
    earning.hear()
    earning.refund("22.22", line_no=1, refunded_at="2026-06-05")


def online() -> None:
    """张三 buys in the mall: 小美, who serves her, has it whole; and live, where the pool has its part."""
    later = {"store_code": "SH01", "member_no": "V1"}
    earning.buy("M1", "88.88", "2026-06-15T13:00:00+08:00", channel="mall", staff_no="", **later)
    earning.buy("L1", "77.77", "2026-06-15T14:00:00+08:00", channel="live", staff_no="G1", **later)
