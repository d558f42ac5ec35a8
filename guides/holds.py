"""What the columns of guides hold: whom a guide serves and what she did for her is told, her notes may name anybody."""

from newretail.kernel.personal import declare, of_nobody

HERS = "t.member_id = ANY(%(members)s)"
OF_HER_TASKS = "t.task_id IN (SELECT k.id FROM guides_task k WHERE k.member_id = ANY(%(members)s))"
OF_HER_ESCALATIONS = "t.escalation_id IN (SELECT e.id FROM guides_escalation e WHERE e.member_id = ANY(%(members)s))"
OF_HER_REPLIES = "t.reply_id IN (SELECT r.id FROM guides_surveyreply r WHERE r.member_id = ANY(%(members)s))"

declare("guides.Bond", hers=HERS, tells="source began_at locked_until ended_at end", plain="end_entry_id")
declare("guides.Task", hers=HERS, tells="brief source assigned_at due_at state outcome ended_at", mentions="note",
        plain="ref facts expires_at snoozed_until moves")  # fmt: skip
declare("guides.TaskMove", hers=OF_HER_TASKS, tells="kind at outcome", mentions="reason", plain="nth")
declare("guides.TaskPhoto", hers=OF_HER_TASKS, tells="taken_at", plain="nth body", goes="hers")
declare("guides.Notice", mentions="title body", plain="ref must_read audience readers due_days sent_at until")
declare("guides.NoticeWithdrawal", mentions="reason", plain="at")
of_nobody("guides.Notice_regions", "guides.Notice_stores", "guides.NoticeFile", "guides.NoticeReceipt")
declare("guides.EntryPass", plain="digest issued_at expires_at used_at")
declare("guides.Escalation", hers=HERS, tells="raised_at state", mentions="title",
        plain="ref level due_at handed_up messages")  # fmt: skip
declare("guides.EscalationMessage", hers=OF_HER_ESCALATIONS, tells="kind at", mentions="words", plain="nth level")
declare("guides.Share", hers=HERS, tells="material channel at", plain="ref token")
declare("guides.LinkOpen", hers=HERS, tells="at", plain="ref key visitor")
declare("guides.LinkStay", plain="seconds")
of_nobody("guides.Material", "guides.Picture", "guides.MomentSlot", "guides.MomentPost")
of_nobody("guides.Brief", "guides.TaskRule", "guides.Deed")
declare("guides.WecomApp", plain="corp_id agent_id secret kept_at")
declare("guides.CouponHandout", hers=HERS, tells="plan handed_at", plain="month nth most")
declare("guides.Appointment", hers=HERS, tells="starts_at ends_at state booked_at ended_at", mentions="note",
        plain="ref source number end_entry_id")  # fmt: skip
of_nobody("guides.CouponQuota", "guides.RecruitCode", "guides.Shift")
declare("guides.Leave", mentions="reason", plain="ref first_on back_on taken_at ended_at end_entry_id")
of_nobody("guides.Survey", "guides.SurveyQuestion", "guides.SurveyReply_products")
declare("guides.SurveyReply", hers=HERS, tells="survey answered_at", plain="taken_back_at")
declare("guides.SurveyAnswer", hers=OF_HER_REPLIES, who="words", tells="question number")
declare("guides.Feedback", hers=HERS, who="words", tells="product kind at", plain="ref")
declare("guides.Sample", hers=HERS, tells="campaign given_at")
of_nobody("guides.Policy", "guides.PolicyStart", "guides.PaySimulation", "guides.GuideAssessment")
declare("guides.GuideLevelMove", mentions="reason", plain="level from_at")
OF_HER_ORDERS = "t.order_id IN (SELECT o.id FROM members_order o WHERE o.member_id = ANY(%(members)s))"
declare("guides.Credit", hers=OF_HER_ORDERS, tells="role paid_at", plain="share_bp own end_entry_id")
declare("guides.CreditDispute", hers=OF_HER_ORDERS, who="photo", tells="raised_at state", mentions="words decision",
        plain="ref order_no month decided_at end_entry_id")  # fmt: skip
of_nobody("guides.CommissionAccount", "guides.CommissionMonth", "guides.CommissionStatement")
declare(
    "guides.CommissionEntry", hers=OF_HER_ORDERS, tells="kind earned_at", mentions="reason",
    plain="month vests_on amount_cents provisional_cents vested_cents payable_cents paid_cents debt_cents line_no role"
    " nth ref base_cents share_bp rate_bp level_bp goods_bp channel_bp fresh_bp level made_at",
)  # fmt: skip
of_nobody("guides.SampleCampaign", "guides.SampleStock")
