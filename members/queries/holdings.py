"""What stands in a person's books: points, coupons, level and benefits, consents, open touches.

Each block is a question of its own over the rows of the family; what nobody may see is not asked.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from members.models import Consent, CouponPlan, Member, Touch
from members.queries import benefits, coupon_words, points, schemes
from members.queries import consents as said
from newretail.kernel import scopes
from newretail.kernel.scopes import Resource
from stores.models import Product

SHOWN = 5
POINTS = f"""
SELECT h.*, (SELECT id FROM members_pointsaccount WHERE member_id = %(root)s) AS account,
  n.day AS next_day, n.points AS next_points
FROM ({points.HELD}) h(balance, pending, debt) LEFT JOIN ({points.NEXT_END}) n(day, points) ON true
"""
COUPONS = """
SELECT c.id, p.name, c.valid_until, p.kind, p.amount_cents, p.off_bp, p.cap_cents, g.name AS product,
  count(*) OVER () AS usable
FROM members_coupon c JOIN members_couponplan p ON p.id = c.plan_id LEFT JOIN stores_product g ON g.id = p.product_id
WHERE c.member_id = ANY(%(family)s) AND c.state IN ('issued', 'locked') AND c.valid_until > %(at)s
  AND (c.state = 'issued' OR c.locked_until <= %(at)s) AND c.valid_from <= %(at)s AND p.state = 'active'
ORDER BY c.valid_until, c.id LIMIT %(shown)s
"""
STANDING = "SELECT growth, grace_until FROM members_levelstanding WHERE member_id = %(root)s"
LEVELS = "SELECT code, name FROM members_level"
USES = """
SELECT x.name, count(*) AS used FROM members_benefituse x
WHERE x.member_id = ANY(%(family)s) AND x.year = %(year)s AND x.back_of_id IS NULL
  AND NOT EXISTS (SELECT FROM members_benefituse b WHERE b.back_of_id = x.id)
GROUP BY x.name
"""
CONSENTS = f"""
SELECT DISTINCT ON (channel, purpose) channel, purpose, given, stated_at FROM members_consent
WHERE member_id = ANY(%(family)s) ORDER BY channel, purpose, {said.NEWEST}
"""
TOUCHES = """
SELECT id, channel, purpose, state, planned_for, count(*) OVER () AS open FROM members_touch
WHERE member_id = ANY(%(family)s) AND state IN ('planned', 'held', 'claimed', 'waiting')
ORDER BY planned_for, id LIMIT %(shown)s
"""
BLOCKS: dict[str, tuple[Resource, str]] = {
    "points": ("points", POINTS), "coupons": ("coupons", COUPONS), "standing": ("benefits", STANDING),
    "levels": ("benefits", LEVELS), "uses": ("benefits", USES), "consents": ("consents", CONSENTS),
    "touches": ("touches", TOUCHES),
}  # fmt: skip
Found = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Points:
    """What she may spend, what waits, what she owes; how many end next, and on which day they are worth nothing."""

    balance: int
    pending: int
    debt: int
    account: int | None
    next_day: date | None
    next_points: int | None


@dataclass(frozen=True)
class InHand:
    """A coupon she may use now."""

    id: int
    name: str
    gives: str
    until: datetime


@dataclass(frozen=True)
class Open:
    """Rows of which the first few are shown, and how many there are."""

    rows: list[Any] = field(default_factory=list)
    count: int = 0


@dataclass(frozen=True)
class Holdings:
    """Her books; None is what the reader may not see."""

    points: Points | None
    coupons: Open | None
    level: benefits.Held | None
    next_level: str
    offers: list[benefits.Offer] | None
    consents: list[said.Row] | None
    touches: Open | None

    @property
    def touching(self) -> list[said.Row]:
        """List the purposes of touches, each with its channels."""
        return [row for row in self.consents or [] if len(row.cells) > 1]

    @property
    def using(self) -> list[said.Row]:
        """List the uses of her data, bound to no channel."""
        return [row for row in self.consents or [] if len(row.cells) == 1]

    @property
    def grown_bp(self) -> int:
        """Give how much of the way from her level to the next she has gone, in basis points."""
        if self.level is None or self.level.following is None:
            return schemes.WHOLE
        first = self.level.terms.growth if self.level.terms else 0
        way = max(1, self.level.following.growth - first)
        return min(schemes.WHOLE, max(0, self.level.growth - first) * schemes.WHOLE // way)


def asked(user: Any) -> dict[str, str]:
    """Write what is asked of the books, over the ids `family`, of what somebody may see."""
    return {name: select for name, (resource, select) in BLOCKS.items() if scopes.may(user, resource)}


def read(member: Member, found: Found, day: date) -> Holdings:
    """Read what was answered of a person's books as they stand on a day."""
    level = _level(member, found, day)
    return Holdings(
        points=_points(found), coupons=coupons_in(found), level=level,
        next_level=_next_level(level, found), offers=_offers(level, found),
        consents=_consents(found), touches=_touches(found),
    )  # fmt: skip


def _points(found: Found) -> Points | None:
    if "points" not in found:
        return None
    (row,) = found["points"]
    return Points(**{**row, "next_day": row["next_day"] and date.fromisoformat(row["next_day"])})


def coupons_in(found: Found) -> Open | None:
    """Read the coupons that count, None where they were not asked for."""
    if "coupons" not in found:
        return None
    rows = found["coupons"]
    return Open([_in_hand(row) for row in rows], rows[0]["usable"] if rows else 0)


def _in_hand(row: dict[str, Any]) -> InHand:
    terms = {name: row[name] for name in ("kind", "amount_cents", "off_bp", "cap_cents")}
    plan = CouponPlan(**terms, product=Product(name=row["product"]) if row["product"] else None)
    return InHand(row["id"], row["name"], coupon_words.gives(plan), datetime.fromisoformat(row["valid_until"]))


def _level(member: Member, found: Found, day: date) -> benefits.Held | None:
    if "standing" not in found:
        return None
    row = found["standing"][0] if found["standing"] else {}
    until = date.fromisoformat(row["grace_until"]) if row.get("grace_until") else None
    return benefits.stands(member.level, schemes.live(day), growth=row.get("growth", 0), grace_until=until)


def _next_level(level: benefits.Held | None, found: Found) -> str:
    if level is None or level.following is None:
        return ""
    names: dict[str, str] = {row["code"]: row["name"] for row in found["levels"]}
    return names.get(level.following.level, "")


def _offers(level: benefits.Held | None, found: Found) -> list[benefits.Offer] | None:
    if level is None:
        return None
    return benefits.offered(level.terms, {row["name"]: row["used"] for row in found["uses"]}) if level.terms else []


def _consents(found: Found) -> list[said.Row] | None:
    if "consents" not in found:
        return None
    rows = [Consent(**{**row, "stated_at": datetime.fromisoformat(row["stated_at"])}) for row in found["consents"]]
    return said.matrix({(row.channel, row.purpose): row for row in rows}, {})


def _touches(found: Found) -> Open | None:
    if "touches" not in found:
        return None
    rows = found["touches"]
    shown = [
        Touch(id=row["id"], channel=row["channel"], purpose=row["purpose"], state=row["state"],
              planned_for=datetime.fromisoformat(row["planned_for"]))
        for row in rows
    ]  # fmt: skip
    return Open(shown, rows[0]["open"] if rows else 0)
