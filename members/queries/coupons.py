"""What a coupon would give: for a purchase, in a store, by a channel, at an instant; and why not."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from members.queries import coupon_reasons as reasons
from newretail.kernel import clock, money, sql
from newretail.kernel.templatetags.people import moment
from newretail.kernel.templatetags.people import money as yuan


@dataclass(frozen=True)
class Line:
    """A line of a purchase, before any coupon."""

    sku: str
    amount_cents: int
    quantity: int = 1
    category_id: int | None = None


@dataclass(frozen=True)
class Purchase:
    """A purchase a coupon is held to: its amount before coupons, freight included, where and whose (her root) it is."""

    amount_cents: int
    store_id: int | None = None
    region_id: int | None = None
    channel_id: int | None = None
    member_id: int | None = None
    freight_cents: int = 0
    lines: Sequence[Line] = field(default_factory=tuple)


@dataclass(frozen=True)
class Use:
    """A coupon shown for a purchase that (source, source_no) names; `told_cents` is what the till has taken off."""

    code: str
    purchase: Purchase
    source: str = ""
    source_no: str = ""
    told_cents: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        """Give the name of the purchase."""
        return self.source, self.source_no


@dataclass(frozen=True)
class Found:
    """A coupon with its plan, and the coupons that the same purchase has used before, as one query reads them."""

    id: int
    code: str
    state: str
    member_id: int | None
    valid_from: datetime
    valid_until: datetime
    source: str
    source_no: str
    locked_until: datetime | None
    redeemed_at: datetime | None
    store_id: int | None
    store_name: str
    amount_cents: int
    discount_cents: int
    plan_id: int
    plan_code: str
    plan_name: str
    plan_state: str
    kind: str
    off_cents: int
    off_bp: int
    cap_cents: int | None
    threshold_cents: int
    stacks: str
    comes_back: bool
    undo_minutes: int
    product_sku: str | None
    product_name: str
    stores: list[int]
    regions: list[int]
    channels: list[int]
    skus: list[str]
    categories: list[int]
    used_before: bool
    other_plans: list[int]
    other_rules: list[str]
    other_cents: int

    @property
    def key(self) -> tuple[str, str]:
        """Give the name of the purchase that holds or has used it."""
        return self.source, self.source_no

    def is_held(self, at: datetime) -> bool:
        """Tell whether a purchase holds it."""
        return self.locked_until is not None and at < self.locked_until

    def undone_until(self) -> datetime | None:
        """Tell until when a till may undo its redemption."""
        return self.redeemed_at + timedelta(minutes=self.undo_minutes) if self.redeemed_at else None


def named(code: str, source: str, source_no: str) -> Use:
    """Speak of a coupon and a purchase that is known already."""
    return Use(code, Purchase(0), source, source_no)


# One probe of an index for each coupon and each list of its plan.
FIND = """
SELECT c.id, c.code, c.state, coalesce(m.merged_into_id, c.member_id), c.valid_from, c.valid_until,
  c.source, c.source_no, c.locked_until,
  c.redeemed_at, c.store_id, coalesce(s.name, ''), c.amount_cents, c.discount_cents,
  p.id, p.code, p.name, p.state, p.kind, p.amount_cents, p.off_bp, p.cap_cents, p.threshold_cents, p.stacks,
  p.comes_back, p.undo_minutes, g.sku, coalesce(g.name, ''),
  ARRAY(SELECT store_id FROM members_couponplan_stores x WHERE x.couponplan_id = p.id),
  ARRAY(SELECT region_id FROM members_couponplan_regions x WHERE x.couponplan_id = p.id),
  ARRAY(SELECT channel_id FROM members_couponplan_channels x WHERE x.couponplan_id = p.id),
  ARRAY(SELECT y.sku::text FROM members_couponplan_products x JOIN stores_product y ON y.id = x.product_id
        WHERE x.couponplan_id = p.id),
  ARRAY(SELECT category_id FROM members_couponplan_categories x WHERE x.couponplan_id = p.id),
  EXISTS (SELECT 1 FROM members_couponevent e WHERE e.coupon_id = c.id AND e.move = 'redeemed'
          AND (e.source, e.source_no) = (u.source, u.source_no)),
  coalesce(o.plans, '{}'), coalesce(o.rules, '{}'), coalesce(o.cents, 0)::bigint
FROM unnest(%(codes)s::text[], %(sources)s::text[], %(numbers)s::text[]) AS u(code, source, source_no)
JOIN members_coupon c ON c.code = u.code
JOIN members_couponplan p ON p.id = c.plan_id
LEFT JOIN members_member m ON m.id = c.member_id
LEFT JOIN stores_store s ON s.id = c.store_id
LEFT JOIN stores_product g ON g.id = p.product_id
LEFT JOIN LATERAL (
  SELECT array_agg(x.plan_id) AS plans, array_agg(q.stacks::text) AS rules, sum(x.discount_cents) AS cents
  FROM members_coupon x JOIN members_couponplan q ON q.id = x.plan_id
  WHERE u.source <> '' AND x.source <> '' AND (x.source_no, x.source) = (u.source_no, u.source)
    AND x.state = 'redeemed' AND x.id <> c.id) o ON true
"""


def given(uses: Sequence[Use]) -> sql.Params:
    """Write what is asked for as the parameters of FIND."""
    return {
        "codes": [use.code for use in uses],
        "sources": [use.source for use in uses],
        "numbers": [use.source_no for use in uses],
    }


def found(uses: Sequence[Use], *before: str) -> dict[str, Found]:
    """Read coupons with their plans by their codes; in the same round trip after what is to be done before."""
    rows = sql.prepared(given(uses), *before, FIND)
    return {row[1]: Found(*row) for row in rows}


@dataclass(frozen=True)
class Worth:
    """What a coupon gives for a purchase."""

    discount_cents: int
    product_sku: str | None = None
    product_name: str = ""


def day(at: datetime) -> str:
    """Write the business day of an instant."""
    return f"{clock.business_day(at):%Y-%m-%d}"


def check_state(coupon: Found, use: Use, at: datetime) -> None:
    """Refuse a coupon that is spent, stopped, held by another purchase, or out of its time."""
    if coupon.state == "void":
        raise reasons.Voided
    if coupon.redeemed_at:
        raise reasons.AlreadyRedeemed(when=moment(coupon.redeemed_at), where=coupon.store_name or coupon.source)
    if coupon.plan_state != "active":
        raise reasons.PlanStopped
    held = coupon.is_held(at)
    if held and coupon.key != use.key:
        raise reasons.HeldElsewhere(until=moment(coupon.locked_until or at))
    if at < coupon.valid_from:
        raise reasons.NotYet(first=day(coupon.valid_from))
    if coupon.state == "expired" or (at >= coupon.valid_until and not held):
        raise reasons.Expired(last=day(coupon.valid_until - timedelta(seconds=1)))
    if coupon.used_before:
        raise reasons.UsedBefore


def check_place(coupon: Found, purchase: Purchase) -> None:
    """Refuse a coupon in a store, by a channel or in a hand it does not count in."""
    if coupon.member_id and purchase.member_id and coupon.member_id != purchase.member_id:
        raise reasons.OthersMember
    places = coupon.stores or coupon.regions
    if places and purchase.store_id not in coupon.stores and purchase.region_id not in coupon.regions:
        raise reasons.WrongStore
    if coupon.channels and purchase.channel_id not in coupon.channels:
        raise reasons.WrongChannel


def counting_cents(coupon: Found, purchase: Purchase) -> int:
    """Sum what of a purchase the coupon counts for."""
    if not (coupon.skus or coupon.categories):
        return purchase.amount_cents
    if not purchase.lines:
        raise reasons.LinesNeeded
    of_it = [line for line in purchase.lines if line.sku in coupon.skus or line.category_id in coupon.categories]
    if not of_it:
        raise reasons.NoneOfThese
    return sum(line.amount_cents for line in of_it)


def _off(coupon: Found, purchase: Purchase, counts: int) -> int:
    """Give what it takes off before its cap: of an exchange the price of one piece where the purchase holds it."""
    if coupon.kind == "amount":
        return min(coupon.off_cents, counts)
    if coupon.kind == "percent":
        return money.share(counts, coupon.off_bp)
    if coupon.kind == "shipping":
        return purchase.freight_cents
    pieces = [line.amount_cents // line.quantity for line in purchase.lines if line.sku == coupon.product_sku]
    return max(pieces, default=0)


def worth(coupon: Found, use: Use, at: datetime) -> Worth:
    """Tell what a coupon gives for a purchase now.

    Refuses: whatever of `coupon_reasons` holds first.
    """
    purchase = use.purchase
    check_state(coupon, use, at)
    check_place(coupon, purchase)
    counts = counting_cents(coupon, purchase)
    if counts < coupon.threshold_cents:
        raise reasons.BelowThreshold(needs=yuan(coupon.threshold_cents), has=yuan(counts))
    if coupon.other_plans and not _go_together(coupon):
        raise reasons.NotTogether
    off = min(_off(coupon, purchase, counts), purchase.amount_cents - coupon.other_cents)
    if coupon.cap_cents is not None:
        off = min(off, coupon.cap_cents)
    if off <= 0 and coupon.kind != "exchange":
        raise reasons.NothingLeft
    off = max(off, 0)
    if use.told_cents is not None and use.told_cents != off:
        raise reasons.DiscountDiffers(gives=yuan(off), told=yuan(use.told_cents))
    return Worth(off, coupon.product_sku, coupon.product_name)


def _go_together(coupon: Found) -> bool:
    """Tell whether a coupon and those used before go in one purchase, by the strictest rule among them."""
    rules = {coupon.stacks, *coupon.other_rules}
    if "alone" in rules:
        return False
    return "others" not in rules or coupon.plan_id not in coupon.other_plans
