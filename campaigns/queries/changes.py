"""Whom a journal line is about: the members whose segments may be others after it."""

from newretail.kernel.models import JournalEntry

OWN = "SELECT id FROM members_member WHERE entry_id = %(entry)s"
LEFT = "SELECT unnest(%(left)s::bigint[])"
NUMBERED = "SELECT id FROM members_member WHERE member_no = ANY(%(numbers)s)"
ORDERS = "SELECT member_id FROM members_order WHERE entry_id = %(entry)s"
LINES = """
SELECT o.member_id FROM members_orderline l JOIN members_order o ON o.id = l.order_id WHERE l.entry_id = %(entry)s"""
REFUNDS = """
SELECT o.member_id FROM members_refund f JOIN members_order o ON o.id = f.order_id WHERE f.entry_id = %(entry)s"""
TAGS = "SELECT member_id FROM members_tagmove WHERE entry_id = %(entry)s"
STAGES = "SELECT member_id FROM members_stagechange WHERE entry_id = %(entry)s"
LEVELS = "SELECT member_id FROM members_levelmove WHERE entry_id = %(entry)s"
EVENTS = "SELECT member_id FROM members_event WHERE entry_id = %(entry)s"
CONSENTS = "SELECT member_id FROM members_consent WHERE entry_id = %(entry)s"
POINTS = """
SELECT a.member_id FROM members_pointsentry e JOIN members_pointsaccount a ON a.id = e.account_id
WHERE e.entry_id = %(entry)s"""
COUPONS = """
SELECT member_id FROM members_coupon WHERE entry_id = %(entry)s
UNION ALL SELECT c.member_id FROM members_couponevent v JOIN members_coupon c ON c.id = v.coupon_id
WHERE v.entry_id = %(entry)s"""
BONDS = """
SELECT member_id FROM guides_bond WHERE entry_id = %(entry)s
UNION ALL SELECT member_id FROM guides_bond WHERE end_entry_id = %(entry)s"""
SEGMENTS = "SELECT member_id FROM campaigns_segmentmove WHERE entry_id = %(entry)s"
# What each line changes; a line of which nobody can tell whom it changed is not here, but in `EVERYBODY`.
CHANGES: dict[str, tuple[str, ...]] = {
    "members.member.recorded": (OWN, LEFT), "members.member.withdrawn": (OWN, LEFT),
    "members.member.merged": (OWN, LEFT), "members.merge.undone": (OWN, LEFT), "members.person.erased": (OWN, LEFT),
    "members.identity.stated": (NUMBERED,), "members.identity.withdrawn": (NUMBERED,),
    "members.claim.settled": (NUMBERED,), "members.growth.adjusted": (NUMBERED,),
    "members.order.recorded": (OWN, ORDERS, LEFT), "members.order.withdrawn": (ORDERS, LEFT),
    "members.order_line.recorded": (LINES,),
    "members.refund.recorded": (REFUNDS,), "members.refund.withdrawn": (REFUNDS, LEFT),
    "members.tag.put_on": (TAGS,), "members.tag.taken_off": (TAGS,), "members.tag_rule.applied": (TAGS,),
    "members.tag.expired": (TAGS,), "members.member_tag.recorded": (TAGS,),
    "members.stage.moved": (STAGES,), "members.level.moved": (LEVELS,), "members.event.recorded": (EVENTS,),
    "members.consent.recorded": (CONSENTS,),
    "members.points.earned": (POINTS,), "members.points.released": (POINTS,), "members.points.spent": (POINTS,),
    "members.points.reversed": (POINTS,), "members.points.gifted": (POINTS,), "members.points.granted": (POINTS,),
    "members.points.adjusted": (POINTS,), "members.points.expired": (POINTS,),
    "members.coupon.issued": (COUPONS,), "members.coupon.voided": (COUPONS,), "members.coupon.expired": (COUPONS,),
    "members.coupon.claimed": (COUPONS,), "members.coupon.redeemed": (COUPONS,), "members.coupon.locked": (COUPONS,),
    "members.coupon.released": (COUPONS,), "members.coupon.rolled_back": (COUPONS,),
    "guides.bond.made": (BONDS,), "guides.bond.handed_over": (BONDS,), "guides.bond.parted": (BONDS,),
    "guides.bond.recycled": (BONDS,),
}  # fmt: skip
EVERYBODY = (
    "members.portrait.scored", "members.member_tag.withdrawn", "members.order_line.withdrawn",
    "members.event.forgotten",
    "stores.store.recorded", "stores.store.withdrawn", "stores.product.recorded", "stores.product.withdrawn",
)  # fmt: skip


def changed(entry: JournalEntry) -> tuple[str, dict[str, object]]:
    """Write the SELECT of the ids of the members a line is about, with its parameters."""
    parts = CHANGES[entry.name]
    numbers = [entry.facts[word] for word in ("member_no", "into_no") if entry.facts.get(word)]
    params = {"entry": entry.pk, "left": entry.facts.get("left_members", []), "numbers": numbers}
    joined = " UNION ALL ".join(parts)
    return f"SELECT DISTINCT id FROM ({joined}) told(id) WHERE id IS NOT NULL", params
