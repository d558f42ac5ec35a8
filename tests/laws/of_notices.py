"""Notices and escalations of the small house, and what breaks their laws."""

from datetime import timedelta

from guides.actions import escalations, notices
from tests import noticing, serving, world


def told():
    """A notice read by one and reminded of, one with a task and one withdrawn; a problem asked again and handed up."""
    notice = noticing.send()
    noticing.read(notice, "G1")
    notices.remind(notice=notice, within=None, at=world.NOW, by=noticing.hq())
    noticing.send(title="无人阅读", due_days=2)
    notices.withdraw(
        notice=noticing.send(title="写错了", due_days=2), reason="价格有误", at=world.NOW, by=noticing.hq()
    )
    raised = serving.take_up("G1")
    escalations.add(
        escalation=raised.ref, posts=[raised.post_id], words="又来了", at=world.NOW, by=serving.guide("G1")
    )  # fmt: skip
    escalations.hand_up(at=world.NOW + timedelta(days=1))


BREAKS = {
    "each line that delivered notices tells how many receipts it wrote": "DELETE FROM guides_noticereceipt WHERE id ="
    " (SELECT max(id) FROM guides_noticereceipt WHERE read_at IS NULL AND reminders = 0)",
    "each line of a reading tells how many receipts it closed": "UPDATE guides_noticereceipt"
    " SET read_at = NULL, read_entry_id = NULL WHERE read_at IS NOT NULL",
    "reminders of a notice are those its lines tell": "UPDATE guides_noticereceipt SET reminders = reminders + 1"
    " WHERE reminders = 1",
    "a notice reached those of the role it is for, while it was in force": "UPDATE guides_noticereceipt"
    " SET delivered_at = delivered_at - interval '1 day'",
    "every guides_notice row has its journal line": "UPDATE guides_notice SET entry_id = -1",
    "a task that came with a notice that was withdrawn is not to be done": "INSERT INTO guides_noticewithdrawal"
    " (notice_id, reason, at, by_id, entry_id) SELECT id, '', sent_at, by_id, entry_id FROM guides_notice"
    " WHERE title = '无人阅读'",
    "every guides_noticewithdrawal row has its journal line": "UPDATE guides_noticewithdrawal SET entry_id = -1",
    "an escalation stands as its last message left it": "UPDATE guides_escalation SET state = 'closed'",
    "the messages of an escalation are counted without a gap": "DELETE FROM guides_escalationmessage"
    " WHERE kind = 'added'",
    "an escalation was handed up as often as its thread says": "UPDATE guides_escalation SET handed_up = 2",
    "every guides_escalationmessage row has its journal line": "UPDATE guides_escalationmessage SET entry_id = -1",
}
