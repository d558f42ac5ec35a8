"""Add, change and close the endpoints that are told of events; renew their secrets."""

import json
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext_noop

from newretail.kernel import sealing
from newretail.kernel.actions import journal
from newretail.kernel.models import Delivery, Endpoint, HookMessage, User
from newretail.kernel.registry import TABLES
from newretail.kernel.verbs import Refused, verb
from newretail.kernel.webhooks import places, signatures

SEALED = "webhook"
PING = "ping"
MOST_ENDPOINTS = 50
MOST_AT_ONCE = 8
LONGEST_GRACE = timedelta(days=7)


class BadAddress(Refused):
    """The address is none that is called."""

    code = "bad_address"
    sentence = gettext_noop(
        "This address is not called: it must begin with https://, lie in the public internet, and use port 443 or 8443."
    )


class UnknownEvent(Refused):
    """Nothing tells of such an event."""

    code = "unknown_event"
    sentence = gettext_noop("There is no event %(event)s; the reference lists those there are.")


class TooManyEndpoints(Refused):
    """The brand has as many as it may."""

    code = "too_many_endpoints"
    sentence = gettext_noop("A brand has at most %(most)s endpoints: close one first.")


class BadGrace(Refused):
    """A former secret does not live so long."""

    code = "bad_grace"
    sentence = gettext_noop("A former secret goes on for 0 to 7 days.")


class NotActive(Refused):
    """The endpoint is not called at present."""

    code = "not_active"
    sentence = gettext_noop("This endpoint is disabled: enable it first.")


class EndpointClosed(Refused):
    """It is closed for good."""

    code = "endpoint_closed"
    sentence = gettext_noop("This endpoint is closed.")


class Opened(NamedTuple):
    """An endpoint, and its secret, which is shown once."""

    endpoint: Endpoint
    secret: str


def events_known() -> set[str]:
    """Name every event that is told of."""
    return {news.event for told in TABLES.news.values() for news in told}


def _judge(url: str, events: Collection[str], description: str) -> dict[str, object]:
    try:
        places.check(url)
    except places.BadPlace:
        raise BadAddress from None
    for event in events:
        if event not in events_known():
            raise UnknownEvent(event=str(event)[:60])
    return {"url": url, "events": sorted(set(events)), "description": description[:120]}


def locked(endpoint: Endpoint) -> Endpoint:
    """Lock an endpoint and read it anew.

    Raises EndpointClosed.
    """
    held = Endpoint.objects.select_for_update(no_key=True).get(pk=endpoint.pk)
    if held.state == Endpoint.State.CLOSED:
        raise EndpointClosed
    return held


@verb
def add(*, url: str, events: Collection[str] = (), description: str = "", at: datetime, by: User | None) -> Opened:
    """Let an address be told of events, of all when none is named, from lines written after this.

    Refuses: BadAddress, UnknownEvent, TooManyEndpoints.
    Writes: kernel.endpoint.opened.
    """
    judged = _judge(url, events, description)
    ref, secret = f"ep_{secrets.token_hex(8)}", signatures.new_secret()
    line = journal.write("kernel.endpoint.opened", at=at, by=by, subject=ref, events=judged["events"])
    row = Endpoint.objects.create(
        ref=ref, secret=sealing.seal(SEALED, secret), opened_at=at, by=by, entry_id=line.pk, **judged
    )
    if Endpoint.objects.exclude(state=Endpoint.State.CLOSED).count() > MOST_ENDPOINTS:
        raise TooManyEndpoints(most=MOST_ENDPOINTS)
    return Opened(row, secret)


@verb
def change(
    *, endpoint: Endpoint, url: str, events: Collection[str], description: str, at: datetime, by: User | None
) -> Endpoint:
    """Give an endpoint another address, other events or words.

    Refuses: BadAddress, UnknownEvent, EndpointClosed.
    Writes: kernel.endpoint.changed.
    """
    held, judged = locked(endpoint), _judge(url, events, description)
    changed = sorted(name for name, value in judged.items() if getattr(held, name) != value)
    for name in changed:
        setattr(held, name, judged[name])
    held.save(update_fields=["url", "events", "description"])
    journal.write("kernel.endpoint.changed", at=at, by=by, subject=held.ref, changed=changed)
    return held


@verb
def rotate(*, endpoint: Endpoint, grace: timedelta, at: datetime, by: User | None) -> Opened:
    """Give an endpoint a new secret; for so long messages are signed with the former too.

    Refuses: EndpointClosed, BadGrace.
    Writes: kernel.endpoint_secret.renewed.
    """
    held, secret = locked(endpoint), signatures.new_secret()
    if not timedelta() <= grace <= LONGEST_GRACE:
        raise BadGrace
    held.former_secret, held.former_until = held.secret, at + grace
    held.secret = sealing.seal(SEALED, secret)
    held.save(update_fields=["secret", "former_secret", "former_until"])
    journal.write("kernel.endpoint_secret.renewed", at=at, by=by, subject=held.ref)
    return Opened(held, secret)


@verb
def disable(*, endpoint: Endpoint, reason: str = "by_hand", at: datetime, by: User | None = None) -> Endpoint:
    """Call an endpoint no more; what is told meanwhile waits for it.

    Refuses: EndpointClosed, NotActive.
    Writes: kernel.endpoint.disabled.
    """
    held = locked(endpoint)
    if held.state != Endpoint.State.ACTIVE:
        raise NotActive
    held.state, held.reason = Endpoint.State.DISABLED, reason
    held.save(update_fields=["state", "reason"])
    journal.write("kernel.endpoint.disabled", at=at, by=by, subject=held.ref, reason=reason)
    return held


@verb
def enable(*, endpoint: Endpoint, at: datetime, by: User | None) -> Endpoint:
    """Call an endpoint again, with what waited for it.

    Refuses: EndpointClosed.
    Writes: kernel.endpoint.enabled.
    """
    held = locked(endpoint)
    held.state, held.reason, held.failing_since, held.warned_at = Endpoint.State.ACTIVE, "", None, None
    held.save(update_fields=["state", "reason", "failing_since", "warned_at"])
    held.deliveries.filter(state=Delivery.State.WAITING).update(begun_at=at, due_at=at)
    journal.write("kernel.endpoint.enabled", at=at, by=by, subject=held.ref)
    return held


@verb
def close(*, endpoint: Endpoint, at: datetime, by: User | None) -> None:
    """End an endpoint for good; what waits for it is given up, its secrets are forgotten.

    Refuses: EndpointClosed.
    Writes: kernel.endpoint.closed.
    """
    held = locked(endpoint)
    held.deliveries.filter(state=Delivery.State.WAITING).update(state=Delivery.State.DEAD, ended_at=at)
    held.state, held.secret, held.former_secret = Endpoint.State.CLOSED, "", ""
    held.save(update_fields=["state", "secret", "former_secret"])
    journal.write("kernel.endpoint.closed", at=at, by=by, subject=held.ref)


@verb
def ping(*, endpoint: Endpoint, at: datetime, by: User | None) -> Delivery:
    """Send an endpoint a message that says nothing, to see whether it arrives.

    Refuses: EndpointClosed, NotActive.
    Writes: kernel.endpoint.pinged.
    """
    held = locked(endpoint)
    if held.state != Endpoint.State.ACTIVE:
        raise NotActive
    line = journal.write("kernel.endpoint.pinged", at=at, by=by, subject=held.ref)
    body = written(PING, at, {"endpoint": held.ref})
    message = HookMessage.objects.create(ref=new_ref(at), event=PING, entry=line, part=1, body=body, made_at=at)
    return Delivery.objects.create(endpoint=held, message=message, begun_at=at, due_at=at)


def new_ref(at: datetime) -> str:
    """Name a message: names in their order are the order of time."""
    return f"msg_{int(at.timestamp() * 1000):011x}{secrets.token_hex(8)}"


def written(event: str, at: datetime, data: dict[str, object]) -> str:
    """Write the body of a message as the specification has it."""
    told = {"type": event, "timestamp": at, "data": data}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), cls=DjangoJSONEncoder)
