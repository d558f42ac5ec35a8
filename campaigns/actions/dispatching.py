"""Send what has fallen due: claim, then call, then record; a call never stands in an open transaction.

Killed between claim and record, a touch is unknown when its lease is over: it is asked about, never sent again.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from campaigns.actions.channels import secret_of
from campaigns.channels.carriers import CARRIERS
from campaigns.channels.letters import Client, Connection, Letter, Wire, failed
from campaigns.models import ChannelSetup
from campaigns.queries import addresses, wordings
from members.actions import touches
from members.actions.touches import Claimed, Settlement
from members.models import Touch, TouchContent
from newretail.kernel.failpoint import failpoint

ASKED_FOR = timedelta(days=3)  # so long what is unknown is asked about
MOST_ASKED = 200

Clock = Callable[[], datetime]


def connection_of(setup: ChannelSetup) -> Connection:
    """Give how a carrier is reached, its secret unsealed."""
    return Connection(setup.terms, secret_of(setup), setup.cost_cents)


def send_due(
    *, setup: ChannelSetup, clock: Clock, most: int, carriers: Mapping[str, Client] = CARRIERS
) -> Counter[str]:  # fmt: skip
    """Send what has fallen due by a channel, so many at most; returns how many ended in which state.

    Raises CannotConnect, with nothing claimed.
    """
    client, ended = carriers[setup.carrier], Counter[str]()
    with client.open(connection_of(setup)) as wire:
        while ended.total() < most:
            at = clock()
            claimed = touches.claim(channel=setup.channel, most=min(client.BATCH, most - ended.total()), at=at)
            if not claimed:
                break
            results = _sent(setup, wire, claimed, at)
            failpoint("dispatch.sent")
            touches.settle(results=results, at=clock())
            ended.update(str(each.state) for each in results)
    return ended


def _sent(setup: ChannelSetup, wire: Wire, claimed: Sequence[Claimed], at: datetime) -> list[Settlement]:
    results = []
    for letter in letters_of(setup, claimed):
        if letter.to or setup.carrier == ChannelSetup.Carrier.SANDBOX:
            results.append(wire.send(letter, at))
            failpoint("dispatch.called")
        else:
            results.append(failed(letter.ref, Touch.Reason.UNREACHABLE))
    return results


def letters_of(setup: ChannelSetup, claimed: Sequence[Claimed]) -> list[Letter]:
    """Write the messages of claimed touches, their places filled; three queries, however many."""
    members = [each.member_id for each in claimed]
    reached, facts = addresses.of_members(members, setup.channel), wordings.facts_of(members)
    contents = TouchContent.objects.in_bulk({each.content_id for each in claimed if each.content_id})
    letters = []
    for each in claimed:
        content, (number, to) = contents.get(each.content_id or 0), reached[each.member_id]
        title, body = (content.title, content.body) if content else ("", "")
        title, body = wordings.filled(title, facts[each.member_id]), wordings.filled(body, facts[each.member_id])
        letters.append(Letter(each.ref, to, title, body, each.purpose, number))
    return letters


def ask_unknown(*, setup: ChannelSetup, clock: Clock, carriers: Mapping[str, Client] = CARRIERS) -> int:
    """Ask a carrier what became of what nobody knows; returns how many it could tell.

    Raises CannotConnect.
    """
    since = clock() - ASKED_FOR
    refs: list[uuid.UUID] = list(
        Touch.objects.filter(channel=setup.channel, state=Touch.State.UNKNOWN, claimed_at__gte=since)
        .order_by("pk").values_list("ref", flat=True)[:MOST_ASKED]
    )  # fmt: skip
    if not refs:
        return 0
    with carriers[setup.carrier].open(connection_of(setup)) as wire:
        told = list(wire.ask(refs, clock()))
    return touches.settle(results=told, at=clock()) if told else 0
