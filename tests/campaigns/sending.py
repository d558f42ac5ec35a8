"""Touches with words, due by a connected channel; carriers on this machine."""

from datetime import datetime
from typing import Any

from campaigns.actions import channels, dispatching
from campaigns.channels.gateway.client import Gateway
from campaigns.models import ChannelSetup
from members.actions import touch_contents, touches
from members.actions.touch_contents import Words
from members.models import Member, Touch
from newretail.kernel import sql
from newretail.kernel.verbs import verb
from tests import world
from tests.members.consenting import row, say, texts
from tests.webhooks.receiver import wire

MAIL = {"host": "127.0.0.1", "sender": "shop@brand.example", "name": "品牌", "security": "none"}
CARRIERS = {**dispatching.CARRIERS, ChannelSetup.Carrier.GATEWAY: Gateway(wire())}


def people(*numbers: str, channels: tuple[str, ...] = ("email", "sms")) -> None:
    """Members with an e-mail address and a phone, who allow offers."""
    texts()
    world.people(
        *(
            {"member_no": number, "name": f"名{number}", "email": f"{number}@mail.example", "store_code": "SH01",
             "phone": f"139{nth:08}"} for nth, number in enumerate(numbers)
        )
    )  # fmt: skip
    say(*(row(number, channel=channel) for number in numbers for channel in channels))


@verb
def due(*, channel: str, source: str = "campaigns.plan:1", body: str = "{name}，您好", at: datetime = world.NOW) -> int:
    """Plan a touch of everybody, due at once, that says this."""
    content = touch_contents.keep(source=source, version=1, words=[Words(channel, body, "上新")], at=at)[0]
    sql.temporary(
        "tmp_to_send",
        "SELECT id AS member_id, %(channel)s::text AS channel, 'marketing' AS purpose, %(at)s::timestamptz AS planned_for,"
        " %(content)s::bigint AS content_id, NULL::bigint AS post_id, '' AS not_wanted FROM members_member"
        " WHERE member_no LIKE 'M%%'",
        {"channel": channel, "at": at, "content": content.pk},
    )
    return touches.plan(table="tmp_to_send", source=source, at=at)


def connected(channel: str, carrier: str, **terms: Any) -> ChannelSetup:
    """A connected channel."""
    return channels.connect(channel=channel, carrier=carrier, terms=terms, cost_cents=5, at=world.NOW)


def send(setup: ChannelSetup, most: int = 100, at: datetime = world.NOW) -> dict[str, int]:
    """Send what is due."""
    return dict(dispatching.send_due(setup=setup, clock=lambda: at, most=most, carriers=CARRIERS))


def stands() -> dict[str, str]:
    """How the touch of each member stands, with the reason."""
    return {
        Member.objects.get(pk=member).member_no: f"{state} {reason}".strip()
        for member, state, reason in Touch.objects.values_list("member_id", "state", "reason")
    }
