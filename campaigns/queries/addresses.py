"""Where a member is reached by each channel."""

from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.models import ChannelSetup
from members.models import Identity, TouchChannel
from members.queries import families
from newretail.kernel import sql

PHONE = Identity.Kind.PHONE
# By which of her identities a channel reaches her.
REACHED_BY: dict[str, str] = {
    TouchChannel.SMS: PHONE, TouchChannel.CALL: PHONE, TouchChannel.AI_CALL: PHONE,
    TouchChannel.EMAIL: Identity.Kind.EMAIL,
    TouchChannel.WECOM: Identity.Kind.EXTERNAL, TouchChannel.WECOM_MASS: Identity.Kind.EXTERNAL,
    TouchChannel.MOMENTS: Identity.Kind.EXTERNAL,
    TouchChannel.OFFICIAL: Identity.Kind.OPENID, TouchChannel.MINIAPP: Identity.Kind.OPENID,
}  # fmt: skip
BY_GUIDE, IN_THE_BOX = "guide", "box"
# The post of the guide who serves member `r`.
GUIDE = """
(SELECT b.post_id FROM guides_bond b WHERE b.member_id = r.id AND b.ended_at IS NULL ORDER BY b.id DESC LIMIT 1)
""".strip()
# Of member `m`, living on in `r`: empty where the channel does not reach her. Of several addresses the newest; the
# task of a guide reaches her guide, the sandbox everybody.
ADDRESS = f"""
coalesce(CASE {{kind}} WHEN '{PHONE}' THEN r.phone WHEN '{BY_GUIDE}' THEN {GUIDE}::text WHEN '{IN_THE_BOX}' THEN '-'
  ELSE (SELECT i.value FROM members_identity i
    WHERE i.kind = {{kind}} AND i.member_id IN ({families.ids_sql("r.id")}) ORDER BY i.id DESC LIMIT 1) END, '')
""".strip()
OF_MEMBERS = f"""
SELECT m.id, r.member_no, {ADDRESS.format(kind="%(kind)s")} FROM members_member m
JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id) WHERE m.id = ANY(%(members)s)
"""


@dataclass(frozen=True)
class Way:
    """A channel as it is connected: by what it reaches a member, what a message costs (cents)."""

    channel: str
    needs: str
    cost_cents: int = 0


def needed(channel: str, carrier: str) -> str:
    """Name by what a channel reaches a member with this carrier."""
    of_carrier = {ChannelSetup.Carrier.GUIDE: BY_GUIDE, ChannelSetup.Carrier.SANDBOX: IN_THE_BOX}
    return str(of_carrier.get(ChannelSetup.Carrier(carrier), "")) or REACHED_BY[channel]


def ways(channels: Sequence[str]) -> list[Way]:
    """Give these channels, in their order, as they are connected; one that is not needs what is usual for it."""
    rows = {setup.channel: setup for setup in ChannelSetup.objects.filter(channel__in=channels)}
    return [
        Way(channel, needed(channel, rows[channel].carrier), rows[channel].cost_cents)
        if channel in rows else Way(channel, REACHED_BY[channel])
        for channel in channels
    ]  # fmt: skip


def of_members(members: Sequence[int], needs: str) -> dict[int, tuple[str, str]]:
    """Give the number of each of these members (ids) and how she is reached by this, empty where she is not."""
    rows = sql.rows(OF_MEMBERS, {"members": list(members), "kind": needs})
    return {pk: (number, address) for pk, number, address in rows}
