"""Events over the API: what members did elsewhere, told once each; a member's events, the newest first."""

import json
import re
from typing import Any

from django.db.models import Q, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from members.actions import events
from members.actions.events import EVENTS
from members.models import Event
from members.queries import families
from newretail.kernel import clock
from newretail.kernel.api import items, kinds, schema
from newretail.kernel.files.outcome import Outcome
from stores.models import sight_of, store_ids_in

MOST_NAMES, LONGEST = 20, 200
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)


class EventOut(serializers.Serializer[Any]):
    """An event as it was told."""

    source = serializers.CharField()
    event_no = serializers.CharField()
    kind = serializers.CharField()
    member_no = schema.named("member.member_no")
    happened_at = serializers.DateTimeField()
    subject = serializers.CharField()
    channel = serializers.CharField()
    data = serializers.DictField(child=serializers.CharField())


def _is_data(value: Any) -> bool:
    """Tell whether this is a small object of texts."""
    return (
        isinstance(value, dict)
        and len(value) <= MOST_NAMES
        and all(NAME.fullmatch(name) for name in value)
        and all(items.is_text(text) and text is not None and len(text) <= LONGEST for text in value.values())
    )


def _written(item: Any) -> Any:
    """Write the data of an event as it is kept."""
    if not isinstance(item, dict) or item.get("data") is None or not _is_data(item["data"]):
        return item
    return {**item, "data": json.dumps(item["data"], ensure_ascii=False, sort_keys=True)}


def _wrong(item: Any) -> tuple[str, str] | None:
    given = item.get("data") if isinstance(item, dict) else None
    return ("data", "bad_data") if given is not None and not _is_data(given) else None


def seen(user: object) -> QuerySet[Event]:
    """Give the events within sight."""
    return Event.objects.visible_to(user).select_related("member")


def of_member(member_no: str) -> Q:
    """Narrow to the events of the person a number leads to, whichever of her rows they came to."""
    found = families.numbered(member_no)
    return Q(member__in=families.ids_of(found) if found else [])


def record(request: Request, given: list[Any]) -> Outcome:
    """Take what was sent."""
    wrong = {line: found for line, item in enumerate(given, 1) if (found := _wrong(item))}
    batch = items.batch(EVENTS, [_written(item) for item in given], known=wrong)
    stores = store_ids_in(sight_of(request.user, "events", "change"))
    return events.record(batch=batch, at=clock.now(), by=request.user, within=stores)


DATA = serializers.DictField(child=serializers.CharField(max_length=LONGEST), required=False, help_text="数据 · texts")
KIND = kinds.Kind(
    one="event", many="events", resource="events", sheet=EVENTS, out=EventOut, seen=seen, record=record,
    key=("source", "event_no"), find={"source": "source", "event_no": "event_no"},
    narrowed={"member_no": of_member}, place="<str:source>/<str:event_no>", beside={"data": DATA},
)  # fmt: skip
