"""The timeline on a member's page: what its address asks for, its filters and its way to the earlier, as links."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from members.admin.lines import Line, line
from members.models import Member
from members.queries.timeline import stretch
from members.queries.timeline.stretch import Seen, Wish

KIND, SINCE, UNTIL, AFTER = "kind", "since", "until", "after"
PLACE = "#timeline"


@dataclass(frozen=True)
class Chip:
    """A filter: its word, whether it is in force, and the address that changes that."""

    word: Any
    on: bool
    address: str


@dataclass(frozen=True)
class Timeline:
    """What stands on the page."""

    lines: list[Line]
    chips: list[Chip]
    kinds: list[str]
    since: str
    until: str
    all: str
    latest: str
    earlier: str

    @property
    def narrowed(self) -> bool:
        """Tell whether any filter is in force."""
        return bool(self.kinds or self.since or self.until)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _address(kinds: Iterable[str], wish: Wish, after: object = "") -> str:
    words = QueryDict(mutable=True)
    words.setlist(KIND, sorted(kinds))
    for name, value in ((SINCE, wish.since), (UNTIL, wish.until), (AFTER, after)):
        if value:
            words[name] = str(value)
    return f"?{words.urlencode()}{PLACE}"


def wish_of(request: HttpRequest, offered: Iterable[str]) -> Wish:
    """Read what an address asks for; what means nothing asks for nothing."""
    asked = request.GET
    return Wish(
        kinds=frozenset(asked.getlist(KIND)) & frozenset(offered),
        since=_day(asked.get(SINCE, "")), until=_day(asked.get(UNTIL, "")),
        after=stretch.mark_of(asked.get(AFTER, "")),
    )  # fmt: skip


def of(request: HttpRequest, family: Sequence[Member], tags: Sequence[int] | None, at: datetime) -> Timeline:
    """Give the stretch an address asks for, as the person asking may see it."""
    offered = stretch.kinds_for(request.user)
    wish = wish_of(request, offered)
    found = stretch.stretch(Seen(family, request.user, tags), wish, at=at)
    chips = [Chip(_("everything"), not wish.kinds, _address((), wish))]
    chips += [Chip(word, kind in wish.kinds, _address(wish.kinds ^ {kind}, wish)) for kind, word in offered.items()]
    return Timeline(
        lines=[line(entry, request.user) for entry in found.entries],
        chips=chips,
        kinds=sorted(wish.kinds),
        since=f"{wish.since or ''}",
        until=f"{wish.until or ''}",
        all=_address((), Wish()),
        latest=_address(wish.kinds, wish) if wish.after else "",
        earlier=_address(wish.kinds, wish, found.earlier) if found.earlier else "",
    )
