"""What breaks each law of the books, as statements run behind the house's back: it and no other."""

from tests.laws import of_guides, of_levels, of_notices, of_pay, of_segments

# They would tell of the same break.
NO_CELLS = "; DELETE FROM analytics_portraitcell; DELETE FROM analytics_storestanding"
ROW = "WHERE {key} = (SELECT min({key}) FROM {table})"


def first(table, change, key="id"):
    """Change one row of a table."""
    return f"UPDATE {table} SET {change} " + ROW.format(table=table, key=key)


def account(member_no):
    """The points account of a member."""
    return (
        "(SELECT a.id FROM members_pointsaccount a JOIN members_member m ON m.id = a.member_id"
        f" WHERE m.member_no = '{member_no}')"
    )


def swapped(state, kind, source_no):
    """Let an entry of P1 have used a lot of P2, and put right what is left of both lots."""
    return f"""
CREATE TEMPORARY TABLE swap ON COMMIT DROP AS SELECT u.id, u.points, u.lot_id AS was, (SELECT min(l.origin_id)
  FROM members_pointslot l WHERE l.account_id = {account("P2")} AND l.state = '{state}' AND l.remaining > u.points) AS now
FROM members_pointsuse u JOIN members_pointsentry e ON e.id = u.points_entry_id
WHERE e.kind = '{kind}' AND e.source_no = '{source_no}';
UPDATE members_pointslot l SET remaining = l.remaining + s.points FROM swap s WHERE s.was = l.origin_id;
UPDATE members_pointslot l SET remaining = l.remaining - s.points FROM swap s WHERE s.now = l.origin_id;
UPDATE members_pointsuse u SET lot_id = s.now FROM swap s WHERE s.id = u.id"""


BREAKS = {
    "every import accounts for each refused row": first(
        "kernel_importfile", "rejected = rejected + 1, rows = rows + 1"
    ),
    "no line is both heard and waiting": "INSERT INTO kernel_pending (entry_id, handler, subject, attempts, due_at, error)"
    " SELECT entry_id, handler, '', 0, now(), '' FROM kernel_receipt LIMIT 1",
    "an order's refunded amount is the sum of its refunds": first(
        "members_order", "refunded_cents = refunded_cents + 1"
    ),
    "an order's lines never sum to more than the order": first("members_orderline", "amount_cents = 1000000"),
    "a line's refunds never sum to more than the line": first("members_orderline", "amount_cents = 0"),
    "a member's phone is her identity": "DELETE FROM members_identity WHERE kind = 'phone'",
    "a phone identity is its member's phone": "INSERT INTO members_identity (kind, value, member_id, entry_id)"
    " SELECT 'phone', '+8613800000099', member_id, entry_id FROM members_identity LIMIT 1",
    "seats are dense": first("members_seatcounter", "next_seat = next_seat + 1"),
    "a member stands where her last stage change led": first("members_portrait", "stage = 'lost'", "member_id")
    + NO_CELLS,
    "a portrait's sums equal its orders": first("members_portrait", "purchases = purchases + 1", "member_id"),
    "a portrait's scores follow from the kept cuts": "UPDATE members_portrait SET r = 6 - r, f = 6 - f WHERE r <> 3"
    + NO_CELLS,
    "counts kept with the cuts are the portrait's": first(
        "members_scorecut", """counts = jsonb_set(counts, '{frequency,1}', '99')"""
    ),
    "store days equal their orders and members": first("analytics_storeday", "orders = orders + 1"),
    "guide days equal their orders and first orders": first("analytics_guideday", "recruits = recruits + 1"),
    "a contest ended as its days of guides say, unless they were counted again since": "UPDATE analytics_conteststanding"
    " SET score = score + 1 WHERE rank = 1",
    "ranks and prizes of a contest follow from its scores": first("analytics_conteststanding", "prize = '别的'"),
    "guide days equal the bonds and the tasks' histories": first("analytics_guideday", "touches = touches + 1"),
    "guide days equal the shares of that day": first("analytics_guideday", "shares = shares + 1"),
    "guide days equal the openings of that day": "UPDATE analytics_guideday SET opens = 0 WHERE opens > 0",
    "buyers of store days equal their purchases": first("analytics_daybuyers", "members = members || members", "day")
    + "; DELETE FROM analytics_storerepeat",
    "standings of stores sum up to the portrait": first("analytics_storestanding", "members = members + 1"),
    "repeat rates of stores equal their buyers": first("analytics_storerepeat", "buyers = buyers + 1", "store_id"),
    "the days of a target sum to its month": first("stores_target", "days[1] = days[1] + 1"),
    "targets sum to the target above, unless that was confirmed": "UPDATE stores_target"
    " SET amount = amount + 1, days[1] = days[1] + 1 WHERE kind = 'guide'",
    "a merged member points to where her merges lead": "UPDATE members_member SET merged_into_id ="
    " (SELECT id FROM members_member WHERE member_no = 'V2') WHERE member_no = 'V3'",
    "one merge of a member stands at a time": "INSERT INTO members_merge"
    " (member_id, into_id, rule, reason, merged_at, member_digest, into_digest, entry_id)"
    " SELECT member_id, into_id, rule, reason, merged_at, '', '', entry_id FROM members_merge ORDER BY id LIMIT 1",
    "no open pair of likely duplicates is one person already": "INSERT INTO members_duplicate"
    " (low_id, high_id, rule, state, found_at, entry_id) SELECT into_id, member_id, rule, 'open', merged_at, entry_id"
    " FROM members_merge ORDER BY id LIMIT 1",
    "who lives on in another has no portrait of her own": "INSERT INTO members_portrait"
    ' (member_id, purchases, frequency, monetary_cents, "group", is_super, relationship, stage)'
    " SELECT id, 0, 0, 0, '', false, 'prospect', '' FROM members_member WHERE member_no = 'V3'" + NO_CELLS,
    "cells sum up to the portrait": first("analytics_portraitcell", "members = members + 1"),
    "growth is what the orders, events and adjustments of its window say": first(
        "members_levelstanding", "growth = growth + 1", "member_id"
    ),
    "a member stands on the level to which her last move led": "UPDATE members_member SET level_id = NULL",
    "the uses of a year that were given back were uses of that year": "UPDATE members_benefituse SET year = 2020"
    " WHERE back_of_id IS NOT NULL",
    "a member carries the tags that their last moves left on her": "DELETE FROM members_membertag",
    "a coupon plan's counts are those of its coupons": first("members_couponplan", "issued = issued + 1"),
    "no member holds more coupons of a plan than it allows": first("members_couponplan", "per_member = 1"),
    "a coupon stands where its last move led": "UPDATE members_couponevent SET discount_cents = 0 WHERE move = 'redeemed'"
    " AND nth = 1",
    "a coupon has as many moves as it counts": first("members_coupon", "moves = moves + 1"),
    "coupons make legal moves only": "UPDATE members_couponevent SET move = 'voided' WHERE nth = 1 AND coupon_id IN"
    " (SELECT coupon_id FROM members_couponevent WHERE move = 'rolled_back')",
    "coupons take no more off a purchase than it was": "UPDATE members_coupon SET amount_cents = 600"
    " WHERE state = 'redeemed'",
    "gifts reserved in a store are its orders that wait": first("members_giftstock", "reserved = reserved + 1"),
    "gifts handed over in a store are its orders handed over": first("members_giftstock", "handed = handed + 1"),
    "gifts that lie in a store are what it was supplied with less what was handed over": first(
        "members_giftstock", "stock = stock + 1"
    ),
    "a gift order has spent its points, once": "UPDATE members_giftorder SET points = points + 1 WHERE state = 'open'",
    "points of a gift order came back when it was cancelled or lapsed, and only then": "UPDATE members_pointsentry"
    " SET reverses_id = NULL WHERE kind = 'reverse' AND source = 'gifts'",
    "points spent on gifts have their order": "UPDATE members_pointsentry SET source = 'gifts' WHERE source_no = 'P3'"
    " AND kind = 'spend'",
    "a gift that was taken back is not handed over under the same number": "UPDATE members_giftreturn r"
    " SET (pickup_source, pickup_no) = (SELECT pickup_source, pickup_no FROM members_giftorder WHERE id = r.order_id)",
    "a points balance is the sum of its entries": "UPDATE members_pointsentry SET account_id = "
    f"{account('P2')} WHERE source_no = 'P1:MUCH'",
    "pending points are the sum of their entries": "UPDATE members_pointsentry SET account_id = "
    f"{account('P2')} WHERE kind = 'refund' AND account_id = {account('P1')}",
    "a debt of points is the sum of its entries": f"UPDATE members_pointsaccount SET debt = 1 WHERE id = {account('P3')}",
    "a points balance is what is left of open lots": swapped("open", "spend", "P1:LITTLE"),
    "pending points are what is left of pending lots": swapped("pending", "refund", "OP1"),
    "what is left of a lot is what came in less what was used": "UPDATE members_pointslot l SET remaining = l.remaining"
    " + CASE e.source_no WHEN 'P1:A' THEN 1 ELSE -1 END FROM members_pointsentry e"
    " WHERE e.id = l.origin_id AND e.source_no IN ('P1:A', 'P1:B')",
    "an entry that takes points used as many of lots, one that puts them back too": "UPDATE members_pointsuse u SET"
    " points = u.points + CASE e.source_no WHEN 'P1:MUCH' THEN 1 ELSE -1 END FROM members_pointsentry e"
    " WHERE e.id = u.points_entry_id AND e.kind = 'spend' AND e.source_no IN ('P1:MUCH', 'P1:LITTLE')",
    "a lot holds what its entry brought": f"UPDATE members_pointslot SET account_id = {account('P2')}"
    f" WHERE remaining = 0 AND account_id = {account('P1')}",
    "no more is taken back from an order's line than it earned": "UPDATE members_pointsentry SET source_no = 'OTHER'"
    " WHERE kind = 'refund' AND source_no = 'OP1'",
    "no more is put back than was spent": "UPDATE members_pointsentry SET reverses_id ="
    " (SELECT id FROM members_pointsentry WHERE source_no = 'P1:LITTLE') WHERE source_no = 'P1:BACK'",
    "gifts are zero-sum": "UPDATE members_pointsentry SET source_no = 'OTHER' WHERE kind = 'gift_in'",
    "whoever owes points holds none": f"UPDATE members_pointsaccount SET debt = 1 WHERE id = {account('P1')};"
    " UPDATE members_pointsentry SET owed = 1 WHERE source_no = 'P1:MUCH'",
    "every points entry has its journal line": first("members_pointsentry", "entry_id = 0"),
    "a consent given names a wording of its purpose, published by then or told by its version": "UPDATE members_consent"
    " SET text_id = (SELECT id FROM members_consenttext WHERE purpose = 'care')",
    "the versions of a wording are counted without a gap": first("members_consenttext", "version = 2"),
    "who was erased is nobody": "UPDATE members_member SET erased_at = now() WHERE member_no = 'V2'",
    "what was planned is in the ledger": "DELETE FROM members_touch WHERE state = 'planned'",
    "what was planned was sent, failed, is unknown, was refused, was suppressed, or is not due to an end yet": "ALTER TABLE"
    " members_touch DROP CONSTRAINT touch_says_why; UPDATE members_touch SET reason = '' WHERE state = 'suppressed'",
    "what was claimed was claimed once": "UPDATE kernel_journalentry SET facts = facts || '{\"claimed\": 1}'"
    " WHERE name = 'members.touch.claimed'",
    "a touch stands as far as its furthest receipt tells": "UPDATE members_touch SET state = 'clicked'"
    " WHERE state = 'opened'",
    "every touch row has its journal line": "UPDATE kernel_journalentry SET facts = facts || '{\"planned\": 0}'"
    " WHERE id = (SELECT entry_id FROM members_touch WHERE state = 'planned');"
    " UPDATE members_touch SET entry_id = 0 WHERE state = 'planned'",
    "a parked refund that was applied stands in the books": first("members_parkedrefund", "amount_cents = 1"),
    **{
        f"every {table} row has its journal line": first(f"members_{table}", "entry_id = 0")
        for table in (
            "order",
            "orderline",
            "refund",
            "member",
            "membertag",
            "identity",
            "stagechange",
            "scorecut",
            "tagmove",
            "levelmove",
            "levelscheme",
            "schemestart",
            "growthadjustment",
            "benefituse",
            "merge",
            "mergeundone",
            "claim",
            "duplicate",
            "coupon",
            "couponevent",
            "couponbatch",
            "giftorder",
            "giftreturn",
            "giftsupply",
            "consent",
            "touchcontent",
            "touchreceipt",
            "touchcap",
            "quiethours",
            "consentlink",
            "consenttext",
            "event",
            "guardianconsent",
            "parkedrefund",
        )
    },
    **of_notices.BREAKS,
    **of_guides.BREAKS,
    **of_pay.BREAKS,
    **of_levels.BREAKS,
    **of_segments.BREAKS,
}
