"""The strands a timeline is woven of: one for each noun that happens to a member, each read by an index on its time."""

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext_lazy as _

from newretail.kernel.scopes import Resource

Kind = Literal[
    "orders", "refunds", "points", "coupons", "gifts", "levels", "benefits", "tags", "consents", "touches", "events",
    "stages", "persons", "privacy",
]  # fmt: skip

KINDS = {
    "orders": _("orders"), "refunds": _("refunds"), "points": _("points"), "coupons": _("coupons"),
    "gifts": _("gifts"), "levels": _("levels"), "benefits": _("benefits"), "tags": _("tags"), "consents": _("consents"),
    "touches": _("touches"), "events": _("events"), "stages": _("lifecycle"), "persons": _("merges and claims"),
    "privacy": _("personal data"),
}  # fmt: skip


@dataclass(frozen=True)
class Strand:
    """One noun of a timeline: whose right it is seen by, where its rows stand, when each happened, what is told of it.

    `x` is the row, `f` (id) one row of the family, `by` what leads from it to `x`, `mine` the condition on `x`.
    `facts` are the pairs of a JSON object, read of the few rows shown with what `joins` adds. `day` tells that `at` is
    a day of the brand. `confined` (what, column) holds those who do not see all stores, or all tags, to theirs.
    """

    name: str
    kind: Kind
    resource: Resource
    table: str
    at: str
    facts: str
    mine: str = "x.member_id = f.id"
    by: str = ""
    joins: str = ""
    day: bool = False
    confined: tuple[str, str] | None = None


_BY = "LEFT JOIN kernel_user u ON u.id = x.by_id"
_WHO = "'by', u.name, 'by_no', u.staff_no, 'by_id', u.id"
# Of merges those into one of her rows, and, while she stands alone again, those that took her away.
_HERS = "(g.into_id = f.id OR (g.member_id = f.id AND g.into_id <> ALL(%(family)s)))"

# Points that moved in one go, as those of an order's lines do, are one entry: the last of them stands for all.
_SAME = "members_pointsentry e WHERE e.account_id = x.account_id AND e.made_at = x.made_at AND e.kind = x.kind"
_LAST = f"SELECT e.id FROM {_SAME} ORDER BY e.id DESC LIMIT 1"
_GO = (
    "JOIN LATERAL (SELECT sum(e.points) AS points, sum(e.pending) AS pending, sum(e.owed) AS owed,"
    f" count(DISTINCT (e.source, e.source_no)) AS many FROM {_SAME}) w ON true"
)

# What came back of one order on one day, line by line or at once, is one entry: the last of its refunds stands for all.
_THAT_DAY = "date_trunc('day', x.refunded_at AT TIME ZONE %(zone)s)"
_LATER_THAT_DAY = (
    "SELECT FROM members_refund e WHERE e.order_id = x.order_id AND (e.refunded_at, e.id) > (x.refunded_at, x.id)"
    f" AND e.refunded_at < ({_THAT_DAY} + INTERVAL '1 day') AT TIME ZONE %(zone)s"
)
_BACK = (
    "JOIN LATERAL (SELECT sum(e.amount_cents) AS cents, count(*) AS many FROM members_refund e"
    f" WHERE e.order_id = x.order_id AND e.refunded_at >= {_THAT_DAY} AT TIME ZONE %(zone)s"
    f" AND e.refunded_at < ({_THAT_DAY} + INTERVAL '1 day') AT TIME ZONE %(zone)s) w ON true"
)

# Of two strands at one instant the one that stands first is shown first.
STRANDS = (
    Strand(
        "level", "levels", "benefits", "members_levelmove", "moved_on",
        "'from', a.name, 'to', b.name, 'reason', x.reason, 'growth', x.growth", day=True,
        joins="LEFT JOIN members_level a ON a.id = x.from_level_id JOIN members_level b ON b.id = x.to_level_id",
    ),
    Strand(
        "growth", "levels", "benefits", "members_growthadjustment", "adjusted_at",
        f"'growth', x.growth, 'reason', x.reason, {_WHO}", joins=_BY,
    ),
    Strand(
        "gift", "benefits", "benefits", "members_benefitgift", "given_at",
        "'kind', x.kind, 'points', x.points, 'level', l.name", joins="JOIN members_level l ON l.id = x.level_id",
    ),
    Strand(
        "use", "benefits", "benefits", "members_benefituse", "used_at",
        "'name', x.name, 'back', x.back_of_id IS NOT NULL",
    ),
    Strand(
        "coupon_used", "coupons", "coupons", "members_coupon", "redeemed_at",
        "'plan', p.name, 'cents', x.discount_cents, 'store', s.name",
        mine="x.member_id = f.id AND x.state = 'redeemed'",
        joins="JOIN members_couponplan p ON p.id = x.plan_id LEFT JOIN stores_store s ON s.id = x.store_id",
    ),
    Strand(
        "coupon", "coupons", "coupons", "members_coupon", "issued_at", "'plan', p.name, 'state', x.state",
        joins="JOIN members_couponplan p ON p.id = x.plan_id",
    ),
    Strand(
        "gift_order", "gifts", "gift_orders", "members_giftorder", "ordered_at",
        "'gift', i.name, 'points', x.points, 'state', x.state, 'store', s.name",
        joins="JOIN members_gift i ON i.id = x.gift_id JOIN stores_store s ON s.id = x.store_id",
    ),
    Strand(
        "points", "points", "points", "members_pointsentry", "made_at",
        "'kind', x.kind, 'points', w.points, 'pending', w.pending, 'owed', w.owed, 'many', w.many, 'source', x.source,"
        f" 'no', x.source_no, 'reason', x.reason, {_WHO}",
        by="JOIN members_pointsaccount g ON g.member_id = f.id",
        mine=f"x.account_id = g.id AND x.id = ({_LAST})", joins=f"{_BY} {_GO}",
    ),
    Strand(
        "refund", "refunds", "orders", "members_refund", "refunded_at",
        "'no', o.order_no, 'order', o.id, 'cents', w.cents, 'many', w.many",
        by="JOIN members_order g ON g.member_id = f.id AND g.refunded_cents > 0",
        mine=f"x.order_id = g.id AND NOT EXISTS ({_LATER_THAT_DAY})",
        joins=f"JOIN members_order o ON o.id = x.order_id {_BACK}", confined=("stores", "g.store_id"),
    ),
    Strand(
        "order", "orders", "orders", "members_order", "paid_at",
        "'no', x.order_no, 'cents', x.amount_cents, 'store', s.name, 'channel', c.code, 'channel_name', c.name",
        confined=("stores", "x.store_id"),
        joins="LEFT JOIN stores_store s ON s.id = x.store_id JOIN stores_channel c ON c.id = x.channel_id",
    ),
    Strand(
        "tag", "tags", "member_tags", "members_tagmove", "moved_at",
        f"'tag', t.name, 'family', t.family, 'colour', t.colour, 'kind', x.kind, 'source', x.source, {_WHO}",
        confined=("tags", "x.tag_id"), joins=f"JOIN members_tag t ON t.id = x.tag_id {_BY}",
    ),
    Strand(
        "consent", "consents", "consents", "members_consent", "stated_at",
        "'channel', x.channel, 'purpose', x.purpose, 'given', x.given, 'source', x.source",
    ),
    Strand(
        "guardian", "consents", "consents", "members_guardianconsent", "stated_at",
        "'given', x.given, 'relation', x.relation",
    ),
    Strand(
        "touch", "touches", "touches", "members_touch", "planned_for",
        "'channel', x.channel, 'purpose', x.purpose, 'state', x.state, 'reason', x.reason",
    ),
    Strand(
        "event", "events", "events", "members_event", "happened_at",
        "'kind', x.kind, 'subject', x.subject, 'source', x.source",
    ),
    Strand(
        "stage", "stages", "members", "members_stagechange", "changed_on",
        "'from', x.from_stage, 'to', x.to_stage", day=True,
    ),
    Strand("undone", "persons", "duplicates", "members_mergeundone", "undone_at",
           f"'no', m.member_no, 'merge', g.id, {_WHO}", by=f"JOIN members_merge g ON {_HERS}", mine="x.merge_id = g.id",
           joins=f"JOIN members_merge g ON g.id = x.merge_id JOIN members_member m ON m.id = g.member_id {_BY}"),
    Strand("merge", "persons", "duplicates", "members_merge", "merged_at",
           f"'no', m.member_no, 'rule', x.rule, {_WHO}", by="", mine=_HERS.replace("g.", "x."),
           joins=f"JOIN members_member m ON m.id = x.member_id {_BY}"),
    Strand("claim", "persons", "duplicates", "members_claim", "claimed_at", "'kind', x.kind, 'state', x.state"),
    Strand("request", "privacy", "persons", "members_personrequest", "asked_at", "'kind', x.kind, 'state', x.state"),
    Strand("reveal", "privacy", "phone_reveals", "members_phonereveal", "revealed_at",
           f"'reason', x.reason, {_WHO}", joins=_BY),
    Strand("joined", "stages", "members", "members_member", "joined_at",
           "'source', x.source, 'no', x.member_no", mine="x.id = f.id"),
)  # fmt: skip
PLACES = {strand.name: place for place, strand in enumerate(STRANDS)}
