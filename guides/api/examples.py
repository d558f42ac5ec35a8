"""What the addresses of guides and their customers are asked with and answer."""

from newretail.kernel.api.illustrate import Asked, Both, Examples

BOND = {"member_no": "V1", "staff_no": "G1", "added_at": "2026-06-15T11:00:00+08:00"}
NAME = {"source": "app", "appointment_no": "Y1"}
SLOT = {"store_code": "SH01", "staff_no": "G1", "starts_at": "2026-06-16T15:00:00+08:00",
        "ends_at": "2026-06-16T16:00:00+08:00"}  # fmt: skip
SHIFT = {"staff_no": "G1", "day": "2026-06-16", "shift": Both("早班", "off")}
RECEIPT = {
    "moment_id": "mom8", "staff_no": "G1", "material_code": "TEA", "posted_at": "2026-06-15T11:45:00+08:00",
}  # fmt: skip
EXAMPLES = Examples(
    {
        "push_bonds": Asked("推送企微添加的顾客", "Push who was added to which guide", {"bonds": [BOND]}),
        "delete_member_bond": Asked("顾客删除了导购", "A customer deleted her guide"),
        "list_appointments": Asked("预约列表", "List appointments"),
        "book_appointment": Asked("预约导购", "Book a guide's time", {**NAME, **SLOT, "member_no": "V1"}),
        "reschedule_appointment": Asked("改约", "Move an appointment", {**NAME, **SLOT}),
        "end_appointment": Asked("预约结果", "Tell what became of it", {**NAME, "state": "cancelled"}),
        "confirm_moment_posts": Asked("确认导购发圈", "Confirm posts in Moments", {"moment_posts": [RECEIPT]}),
        "push_shifts": Asked("推送排班", "Push who works when", {"shifts": [SHIFT]}),
        "list_survey_answers": Asked("回访答案列表", "List what customers answered"),
        "list_shifts": Asked("排班列表", "List shifts"),
        "get_member_bond": Asked("会员由哪位导购服务", "Which guide serves a member"),
    },
    {
        "appointment_no": "Y1",
        "staff_no": "G1",
        "starts_at": SLOT["starts_at"],
        "ends_at": SLOT["ends_at"],
        "AppointmentOut.state": "booked",
        "AppointmentOut.note": "",
        "ShiftOut.day": SHIFT["day"],
        "ShiftOut.shift": "早班",
        "ShiftOut.starts_at": "2026-06-16T09:00:00+08:00",
        "ShiftOut.ends_at": "2026-06-16T15:00:00+08:00",
        "SurveyAnswerOut.survey": "after",
        "SurveyAnswerOut.version": 1,
        "question_no": 1,
        "question": Both("满意吗？", "Are you content?"),
        "SurveyAnswerOut.kind": "score_5",
        "SurveyAnswerOut.number": 5,
        "SurveyAnswerOut.answer": "5",
        "skus": ["TEA"],
        "SurveyAnswerOut.member_no": "V1",
        "answered_at": "2026-06-15T12:00:00+08:00",
        "booked_at": "2026-06-15T12:00:00+08:00",
        "AppointmentOut.ended_at": None,
        "BondOut.source": "api",
        "began_at": "2026-06-15T11:00:00+08:00",
        "locked_until": None,
    },
)
