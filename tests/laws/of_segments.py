"""Segments of the small house: one that somebody left, a snapshot of it, and what breaks their laws."""

from campaigns.actions import channels, plans, snapshots
from newretail.kernel.actions import relay
from tests import world
from tests.campaigns import casting, planning


def told():
    """A segment that holds V1; V2 came in and went out again."""
    relay.drain(at=world.NOW)
    segment = casting.kept({"field": "orders.count", "op": "at_least", "value": 1})
    snapshots.take(segment=segment, name="六月", at=world.NOW)
    world.refund({"refund_no": "Z1", "order_no": "A3", "amount": "30", "refunded_at": "2026-06-12"})
    casting.beat()
    channels.connect(channel="sms", carrier="sandbox", terms={}, at=world.NOW)
    plan = planning.live(holdout_bp=5_000)
    planning.planned(plan)
    plans.move(plan=plan, do="end", at=world.NOW)


BREAKS = {
    "a segment counts the members it has": "UPDATE campaigns_segment SET members = members + 1",
    "who stands in a segment came in last, who does not went out last": (
        "DELETE FROM campaigns_segmentmember; UPDATE campaigns_segment SET members = 0"
    ),
    "moves of a segment are those that their line tells": (
        "UPDATE kernel_journalentry SET facts = jsonb_set(facts, '{entered}', '99')"
        " WHERE name = 'campaigns.segment.moved'"
    ),
    "a snapshot has as many bits as it counts members": "UPDATE campaigns_snapshot SET members = members + 1",
    "no merged or erased person stands in a segment that is kept fresh": (
        "WITH gone AS (SELECT min(id) AS id FROM members_member WHERE merged_into_id IS NOT NULL),"
        " held AS (SELECT id, entry_id FROM campaigns_segment),"
        " put AS (INSERT INTO campaigns_segmentmember (segment_id, member_id, since, entry_id)"
        " SELECT held.id, gone.id, now(), held.entry_id FROM gone, held),"
        " moved AS (INSERT INTO campaigns_segmentmove (segment_id, member_id, kind, version, moved_at, entry_id)"
        " SELECT held.id, gone.id, 'entered', 1, now(), held.entry_id FROM gone, held)"
        " UPDATE campaigns_segment SET members = members + 1, due = false"
    ),
    **{
        f"every {table} row has its journal line": f"UPDATE {table} SET entry_id = -1"
        for table in (
            "campaigns_segment",
            "campaigns_segmentversion",
            "campaigns_snapshot",
            "campaigns_channelsetup",
            "campaigns_touchplan",
        )
    },
    "whom a plan planned for is whom its lines tell": (
        "UPDATE kernel_journalentry SET facts = jsonb_set(facts, '{members}', '99')"
        " WHERE name = 'campaigns.plan.planned'"
    ),
    "who is held out of a plan is touched by none of its touches": (
        "UPDATE members_touch SET state = 'unknown', claimed_at = settled_at WHERE reason = 'holdout';"
        " UPDATE kernel_journalentry SET facts = jsonb_set(facts, '{claimed}', ((facts ->> 'claimed')::int + (SELECT"
        " count(*) FROM members_touch WHERE reason = 'holdout'))::text::jsonb)"
        " WHERE id = (SELECT max(id) FROM kernel_journalentry WHERE name = 'members.touch.claimed')"
    ),
    "every campaigns_planmember row has its journal line": (
        """UPDATE kernel_journalentry SET facts = facts || '{"members": 0}' """
        "WHERE name = 'campaigns.plan.planned'; UPDATE campaigns_planmember SET entry_id = -1"
    ),
    "every campaigns_segmentmove row has its journal line": (
        """UPDATE kernel_journalentry SET facts = facts || '{"entered": 0, "left": 0}' """
        "WHERE name = 'campaigns.segment.moved'; UPDATE campaigns_segmentmove SET entry_id = -1"
    ),
}
