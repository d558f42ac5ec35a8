"""Guides of the small house, whom they serve and what they did, and what breaks their laws."""

from datetime import timedelta

from guides.actions import evidence, handouts, handovers, passes, plan_tasks, recruits, task_rules, tasks, wecom_apps
from guides.actions.handovers import Spread
from guides.models import Bond
from members.actions import touches
from members.actions.touches import Settlement
from newretail.kernel import sql
from newretail.kernel.actions import settings
from newretail.kernel.verbs import verb
from tests import coupons, moments, rostering, sampling, serving, sharing, surveying, visits, world

LATER = world.NOW + timedelta(minutes=1)


def told():
    """A customer who added two guides, one who was handed over, a task put off and done, a coupon handed out."""
    world.staff(
        {"staff_no": "G1", "name": "小美", "store_code": "SH01", "role": "guide"}, *serving.SHOP,
        {"staff_no": "G3", "name": "小芳", "store_code": "SH01", "role": "guide"},
    )  # fmt: skip
    world.people(*({"member_no": number, "store_code": "SH01"} for number in ("K1", "K2", "K3")))
    bound()
    done()
    asked()
    photographed()
    handed_out()
    shared()
    surveyed()
    sampling.campaign(stock={"SH01": 5})
    sampling.give("K1", "G1")
    posted()
    by, post = serving.guide("M1"), serving.post("G2")
    visits.end(visits.book("K2", "G2", "Y1"), "cancelled")
    visits.book("K2", "G2", "Y2")
    rostering.week("G1", "早班", "休")
    rostering.away("G1", covers="G2")
    recruits.make(post=post, scene="till", at=world.NOW, by=serving.guide("G2"))
    passes.issue(staff_no="G2", at=world.NOW, by=by)
    wecom_apps.keep(corp_id="ww123456", agent_id="1", secret="a-secret-of-the-app", at=world.NOW)
    task_rules.add_examples(at=world.NOW)


def bound():
    """K1 is G1's, K2 went from her to G2, K3 was handed over from G3."""
    serving.bind("K1", "G1")
    serving.bind("K2", "G1")
    serving.bind("K3", "G3")
    settings.put(key="bond_mode", value="free", at=world.NOW)
    serving.bind("K2", "G2", at=LATER)
    spread = Spread((serving.post("G2").pk,))
    handovers.hand_over(post=serving.post("G3"), spread=spread, at=LATER, by=serving.guide("M1"))


def done():
    """A task put off, then done by a message that service notices allow."""
    task = serving.give("K1", "G1", "laws:1", brief=serving.brief(purpose="service"))
    given = {"task": task.ref, "within": [task.post_id], "at": world.NOW, "by": serving.guide("G1")}
    tasks.snooze(until=world.NOW + timedelta(hours=3), **given)
    tasks.complete(result=tasks.Result("sent"), **given)
    tasks.settle(at=world.NOW + timedelta(minutes=2))


@verb
def asked():
    """A touch of a plan that K1's guide is asked to make."""
    sql.temporary(
        "tmp_laws_asked",
        "SELECT id AS member_id, 'wecom' AS channel, 'service' AS purpose, %(at)s::timestamptz AS planned_for,"
        " NULL::bigint AS content_id, NULL::bigint AS post_id, '' AS not_wanted FROM members_member"
        " WHERE member_no = 'K1'",
        {"at": world.NOW},
    )
    touches.plan(table="tmp_laws_asked", source="campaigns.plan:laws", at=world.NOW)
    (claimed,) = touches.claim(channel="wecom", most=1, at=world.NOW)
    wording = tasks.Wording("上新", "campaign", "service")
    asking = plan_tasks.Asked(claimed.ref, "K1", serving.post("G1").pk, wording, {})
    plan_tasks.give(asked=[asking], a_day=9, kept=timedelta(days=3), at=world.NOW)
    touches.settle(results=[Settlement(claimed.ref, "waiting")], at=world.NOW)


def photographed():
    """Two photos of a task that asks for them."""
    task = serving.give("K1", "G1", "laws:3", brief=serving.brief(wants_evidence=True))
    for _ in range(2):
        evidence.add(
            task=task.ref, within=[task.post_id], photo=sharing.picture(), at=world.NOW, by=serving.guide("G1")
        )  # fmt: skip


def handed_out():
    """A coupon handed out within a quota."""
    coupons.plan("HAND")
    handouts.allow(post=serving.post("G1"), a_month=5, at=world.NOW, by=serving.guide("M1"))
    bond = Bond.objects.open().get(member__member_no="K1")
    handouts.give(bond=bond, plan="HAND", at=world.NOW, by=serving.guide("G1"))


def shared():
    """A material with a picture in its second version, shared upon a task."""
    sharing.material()
    sharing.material(title="新茶")
    sharing.opened(sharing.share(task=serving.give("K1", "G1", "laws:2")), at=world.NOW + timedelta(days=1))
    sharing.material("POSTER", kind="poster", picture=sharing.picture())


def surveyed():
    """A survey answered, taken back and answered anew; a word of hers beside it."""
    task = surveying.task("K1", "G1", "laws:survey")
    surveying.reply(task)
    tasks.undo(task=task.ref, within=[task.post_id], at=world.NOW, by=serving.guide("G1"))
    surveying.reply(task)
    surveying.heard("K1")


def posted():
    """A week of Moments that begins, one post of it made and confirmed, one taken back."""
    moments.stocked()
    moments.propose()
    moments.confirm(moments.receipt(moments.record(moments.slot(1))))
    moments.undo(moments.record(moments.slot(1), "G2"))


def without_line(table):
    """A row of a table whose line never was."""
    return f"UPDATE guides_{table} SET entry_id = -1 WHERE id = (SELECT min(id) FROM guides_{table})"


OF_K2 = "member_id = (SELECT id FROM members_member WHERE member_no = 'K2')"
LINED = ("appointment", "bond", "brief", "couponhandout", "couponquota", "entrypass", "feedback", "leave", "material",
         "momentpost", "momentslot", "picture", "recruitcode", "sample", "samplecampaign", "samplestock", "share",
         "shift", "survey", "surveyreply", "task", "taskmove", "taskphoto", "taskrule",
         "wecomapp")  # fmt: skip
BREAKS = {
    "a member's bonds follow one another": "UPDATE guides_bond SET began_at = began_at - interval '30 seconds'"
    f" WHERE ended_at IS NULL AND {OF_K2}",
    "who was handed over has her new guide from the instant on in which she left the former": "UPDATE guides_bond"
    " SET end_entry_id = entry_id WHERE \"end\" = 'handed_over'",
    "a share upon a task is for the task's member": "UPDATE guides_share SET member_id = NULL WHERE task_id IS NOT NULL",
    "what is published of a material is its newest version but for a draft": "UPDATE guides_material SET state = 'withdrawn'"
    " WHERE version = 2; UPDATE guides_material SET state = 'published' WHERE code = 'TEA' AND version = 1",
    "the slots of a store's week in Moments are counted without a gap and lie in their week": "DELETE FROM"
    " guides_momentslot WHERE nth = 4",
    "a post in Moments is of a guide of its slot's store, in its slot's week": "UPDATE guides_momentpost"
    " SET week_on = week_on + 7 WHERE undone_at IS NULL",
    "a post in Moments that was taken back stands by the line that took it back": "UPDATE guides_momentpost"
    " SET undo_entry_id = entry_id WHERE undone_at IS NOT NULL",
    "nobody is away twice at once": "INSERT INTO guides_leave (ref, post_id, first_on, back_on, reason, taken_at, entry_id)"
    " SELECT gen_random_uuid(), post_id, first_on, back_on, reason, taken_at, entry_id FROM guides_leave",
    "a task that is done for another went to who has it by a move": "UPDATE guides_task SET covers_id = post_id"
    " WHERE source = 'laws:2'",
    "an appointment stands as the line that ended it says": "UPDATE guides_appointment SET state = 'arrived'"
    " WHERE state = 'cancelled'",
    "a post in Moments that the platform confirmed stands by the line of its receipt": "UPDATE guides_momentpost"
    " SET confirm_entry_id = entry_id WHERE evidence = 'platform'",
    "a task stands as its last move left it": "UPDATE guides_task SET moves = moves + 1 WHERE source = 'laws:1'",
    "the moves of a task are counted without a gap": "DELETE FROM guides_taskmove WHERE kind = 'snoozed'",
    "the photos of a task are counted without a gap": "DELETE FROM guides_taskphoto WHERE nth = 1",
    "a task that says she was touched stands in the ledger of touches": "UPDATE members_touch SET source = 'nobody:' || id"
    " WHERE source LIKE 'guides.task:%'",
    "each coupon a guide handed out was issued for it, and none else in her name": "UPDATE guides_couponhandout"
    " SET plan_id = (SELECT min(id) FROM members_couponplan)",
    "a touch that a guide was asked to make ends as her task does": "UPDATE members_touch SET state = 'failed',"
    " reason = 'declined', settled_at = claimed_at WHERE state = 'waiting'",
    "the coupons a guide handed out in a month are counted without a gap": "UPDATE guides_couponhandout SET nth = 3;"
    " UPDATE members_coupon SET given_key = regexp_replace(given_key, ':1$', ':3') WHERE given_for = 'guides.handout'",
    "a reply to a survey stands as long as its task does": "UPDATE guides_surveyreply"
    " SET taken_back_at = answered_at WHERE taken_back_at IS NULL",
    "a reply answers the questions of its survey, all that must be": "DELETE FROM guides_surveyanswer WHERE id ="
    " (SELECT min(a.id) FROM guides_surveyanswer a JOIN guides_surveyquestion q ON q.id = a.question_id WHERE q.required)",
    "versions of a survey and its questions are counted without a gap": "UPDATE guides_survey SET version = 9",
    "the stock of samples tells no more than were given": "UPDATE guides_samplestock SET given = 3",
    **{f"every guides_{table} row has its journal line": without_line(table) for table in LINED},
}
