"""What the columns of members hold: what names her, what is told of her, and the words that may name anybody."""

from newretail.kernel.personal import declare, of_nobody

HERS = "t.member_id = ANY(%(members)s)"
OF_HER_ORDERS = "t.order_id IN (SELECT o.id FROM members_order o WHERE o.member_id = ANY(%(members)s))"
OF_HER_COUPONS = "t.coupon_id IN (SELECT c.id FROM members_coupon c WHERE c.member_id = ANY(%(members)s))"
OF_HER_GIFT_ORDERS = "t.order_id IN (SELECT o.id FROM members_giftorder o WHERE o.member_id = ANY(%(members)s))"
OF_HER_ACCOUNT = "t.account_id IN (SELECT a.id FROM members_pointsaccount a WHERE a.member_id = ANY(%(members)s))"

# The number stays: it is the pseudonym under which her orders stand.
declare("members.Member", hers="t.id = ANY(%(members)s)",
        who="name name_pinyin phone gender birth_year birth_month birth_day source",
        tells="member_no joined_at home_store level birthday_calendar erased_at", plain="seat joined_told")  # fmt: skip
declare("members.Identity", hers=HERS, who="value", tells="kind", goes="hers")
declare("members.Claim", hers=f"{HERS} OR t.value = ANY(%(values)s)", who="value",
        tells="kind source claimed_at state settled_at", goes="hers")  # fmt: skip
declare("members.Duplicate", hers="(t.low_id = ANY(%(members)s) OR t.high_id = ANY(%(members)s))",
        tells="rule state found_at settled_at")  # fmt: skip
declare("members.Merge", hers="(t.member_id = ANY(%(members)s) OR t.into_id = ANY(%(members)s))",
        tells="rule merged_at", mentions="reason", plain="member_digest into_digest")  # fmt: skip
declare("members.MergeUndone", mentions="reason", plain="undone_at member_digest into_digest")
declare("members.MemberTag", hers=HERS, tells="tag source set_at expires_on")
declare("members.TagMove", hers=HERS, tells="tag kind source moved_at", mentions="reason")
declare("members.TagRule", mentions="reason", plain="version conditions kept_at")
declare("members.GrowthAdjustment", hers=HERS, tells="growth adjusted_at", mentions="reason", plain="key")
declare("members.LevelStanding", hers=HERS, tells="growth as_of grace_until")
declare("members.LevelMove", hers=HERS, tells="from_level to_level reason growth moved_on")
declare("members.BenefitGift", hers=HERS, tells="kind occasion level points coupon given_at")
declare("members.BenefitUse", hers=HERS, tells="name year used_at", mentions="note", plain="key")
of_nobody("members.LevelScheme", "members.SchemeStart")
of_nobody("members.Level", "members.Tag", "members.SeatCounter", "members.ScoreCut", "members.ConsentText")
of_nobody(
    "members.ParkedRefund",
    "members.Level",
    "members.Tag",
    "members.SeatCounter",
    "members.ScoreCut",
    "members.ConsentText",
)
declare("members.Order", hers=HERS, tells="source order_no store channel scene paid_at amount_cents refunded_cents")
declare("members.OrderLine", hers=OF_HER_ORDERS, tells="order line_no product quantity amount_cents discount_cents")
declare("members.Refund", hers=OF_HER_ORDERS, tells="order refund_no line_no quantity amount_cents refunded_at")
declare("members.Event", hers=HERS, tells="source event_no kind happened_at subject channel data", goes="hers")
declare("members.Portrait", hers=HERS,
        tells="first_day last_day purchases frequency monetary_cents r f m group is_super relationship stage"
              " stage_since")  # fmt: skip
declare("members.StageChange", hers=HERS, tells="from_stage to_stage changed_on")
declare("members.Consent", hers=HERS, tells="channel purpose given stated_at text source proof")
declare("members.GuardianConsent", hers=HERS, tells="given stated_at relation source proof")
declare("members.ConsentLink", hers=HERS, tells="issued_at expires_at revoked_at", plain="digest")
declare("members.Touch", hers=HERS,
        tells="channel purpose source content planned_for day state reason claimed_at settled_at",
        plain="ref post priority promised held_until drop_after cost_cents")  # fmt: skip
declare("members.TouchReceipt", hers="t.touch_id IN (SELECT o.id FROM members_touch o WHERE o.member_id"
        " = ANY(%(members)s))", tells="touch kind at")  # fmt: skip
of_nobody("members.TouchCap", "members.QuietHours", "members.TouchContent")
declare("members.PhoneReveal", hers=HERS, tells="reason revealed_at day", mentions="note", plain="nth")
declare("members.PersonRequest", hers=HERS, tells="kind asked_at due_on state ended_at", mentions="answer")
declare("members.PersonFile", hers=HERS, tells="reason asked_at written_at fetched_at",
        plain="stored size ends_at closed")  # fmt: skip
declare("members.Tombstone", plain="digest erased_at")
declare("members.Coupon", hers=HERS,
        tells="plan code given_for issued_at valid_from valid_until state source source_no store locked_until"
              " redeemed_at amount_cents discount_cents",
        plain="given_key moves")  # fmt: skip
declare("members.CouponEvent", hers=OF_HER_COUPONS,
        tells="coupon move at source source_no amount_cents discount_cents", plain="nth")  # fmt: skip
declare("members.MemberCodeUse", hers=HERS, tells="source source_no at", plain="step")
declare("members.GiftOrder", hers=HERS,
        tells="source order_no gift store code points extra_cents ordered_at until state ended_at pickup_source"
              " pickup_no",
        mentions="reason", plain="end_entry_id")  # fmt: skip
declare("members.GiftReturn", hers=OF_HER_GIFT_ORDERS, tells="order handed_at returned_at pickup_source pickup_no",
        mentions="reason", plain="handed_entry_id")  # fmt: skip
of_nobody("members.Gift", "members.GiftStock", "members.GiftSupply")
declare("members.PointsAccount", hers=HERS, tells="balance pending debt")
declare("members.PointsEntry", hers=HERS, tells="kind points pending owed source source_no line_no rule made_at",
        mentions="reason", plain="nth")  # fmt: skip
declare("members.PointsLot", hers=OF_HER_ACCOUNT, tells="state earned_at opens_on expires_on points remaining")
of_nobody("members.CouponPlan", "members.CouponBatch", "members.EarnRule", "members.PointsUse")
declare("kernel.BeforeImage",
        hers="(t.\"table\" = 'members_member' AND t.row_id = ANY(%(members)s)"
             " OR (t.before ->> 'member_id')::bigint = ANY(%(members)s))",
        mentions="before", plain="table row_id after", goes="hers")  # fmt: skip
