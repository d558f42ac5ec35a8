"""Where a member is reached by each channel."""

from collections.abc import Sequence

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
# Of member `m`, living on in `r`: empty where the channel does not reach her. Of several addresses the newest.
ADDRESS = f"""
coalesce(CASE WHEN {{kind}} = '{PHONE}' THEN r.phone ELSE (SELECT i.value FROM members_identity i
  WHERE i.kind = {{kind}} AND i.member_id IN ({families.ids_sql("r.id")}) ORDER BY i.id DESC LIMIT 1) END, '')
""".strip()
OF_MEMBERS = f"""
SELECT m.id, r.member_no, {ADDRESS.format(kind="%(kind)s")} FROM members_member m
JOIN members_member r ON r.id = coalesce(m.merged_into_id, m.id) WHERE m.id = ANY(%(members)s)
"""


def of_members(members: Sequence[int], channel: str) -> dict[int, tuple[str, str]]:
    """Give the number and the address of each of these members (ids) by a channel, the address empty without one."""
    given = {"members": list(members), "kind": REACHED_BY[channel]}
    return {pk: (number, address) for pk, number, address in sql.rows(OF_MEMBERS, given)}
