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
from campaigns.models import ChannelSetup, TouchPlan
from campaigns.queries import addresses, wordings
from members.actions import touches
from members.actions.touches import Claimed, Settlement
from members.models import Touch, TouchContent
from newretail.kernel import sql
from newretail.kernel.failpoint import failpoint
from newretail.kernel.verbs import verb

ASKED_FOR = timedelta(days=3)  # so long what is unknown is asked about
MOST_ASKED = 200
MOST_IDLE = 100  # claims of which the gate let nothing through, before the next beat goes on
PLANS = "SELECT id, state FROM campaigns_touchplan WHERE state <> 'draft' ORDER BY id"
HELD_PLANS = f"{PLANS} FOR SHARE"

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
    client, ended, idle = carriers[setup.carrier], Counter[str](), 0
    with client.open(connection_of(setup)) as wire:
        while ended.total() < most:
            at = clock()
            claimed = claim(channel=setup.channel, most=min(client.BATCH, most - ended.total()), at=at)
            if not claimed:
                idle += 1
                if idle > MOST_IDLE or not _left(setup.channel, at):
                    break
                continue
            results = _sent(setup, wire, claimed, at)
            failpoint("dispatch.sent")
            touches.settle(results=results, at=clock())
            ended.update(str(each.state) for each in results)
    return ended


def _left(channel: str, at: datetime) -> bool:
    """Tell whether something has fallen due that no resting plan wants."""
    return Touch.objects.due(at).filter(channel=channel).exclude(source__in=_resting(sql.rows(PLANS))).exists()


def _resting(plans: Sequence[tuple[int, str]]) -> list[str]:
    return [f"campaigns.plan:{pk}" for pk, state in plans if state != TouchPlan.State.LIVE]


@verb
def claim(*, channel: str, most: int, at: datetime) -> list[Claimed]:
    """Claim what has fallen due but for what paused plans want; who pauses or ends a plan at this moment waits.

    Writes: members.touch.claimed.
    """
    resting = _resting(sql.rows(HELD_PLANS))
    failpoint("dispatch.plans")
    return touches.claim(channel=channel, most=most, at=at, but_not=resting)


def _sent(setup: ChannelSetup, wire: Wire, claimed: Sequence[Claimed], at: datetime) -> list[Settlement]:
    letters = letters_of(setup, claimed)
    results = [failed(letter.ref, Touch.Reason.UNREACHABLE) for letter in letters if not letter.to]
    for result in wire.send([letter for letter in letters if letter.to], at):
        results.append(result)
        failpoint("dispatch.called")
    return results


def letters_of(setup: ChannelSetup, claimed: Sequence[Claimed]) -> list[Letter]:
    """Write the messages of claimed touches, their places filled; three queries, however many."""
    members = [each.member_id for each in claimed]
    reached = addresses.of_members(members, addresses.needed(setup.channel, setup.carrier))
    facts = wordings.facts_of(members)
    contents = TouchContent.objects.in_bulk({each.content_id for each in claimed if each.content_id})
    letters = []
    for each in claimed:
        content, (number, to) = contents.get(each.content_id or 0), reached[each.member_id]
        title, body = (content.title, content.body) if content else ("", "")
        known = facts[each.member_id]
        said = wordings.filled(title, known), wordings.filled(body, known)
        letters.append(Letter(each.ref, to, *said, each.purpose, number, title, body, known))
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
