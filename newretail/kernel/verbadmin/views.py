"""Saved views at the head of a list: which a person sees, where each leads, and what its owner does with it."""

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from newretail.kernel import clock, scopes
from newretail.kernel.actions import views
from newretail.kernel.models import SavedView, User
from newretail.kernel.verbadmin.paging import VIEW
from newretail.kernel.verbs import Refused

MOST_SHOWN = 60


@dataclass(frozen=True)
class Tab:
    """One view as a tab: where it leads, whether it is the one shown, whether it is the person's own."""

    row: SavedView
    link: str
    here: bool
    own: bool
    stale: list[str]

    @property
    def shared(self) -> str:
        """Name the role it is shared with."""
        return str(scopes.ROLE_WORDS.get(self.row.shared_with, "")) if self.row.shared_with else ""


def kept_words(given: Any, offered: set[str]) -> str:
    """Write the filters of an address that the list offers; pages, searches and blanks are left out."""
    return urlencode(sorted((word, value) for word, value in given.items() if word in offered and value))


def tabs(request: HttpRequest, noun: str, offered: set[str]) -> list[Tab]:
    """List the views of a list that a person sees, her own first; one query."""
    rows = SavedView.objects.visible_to(request.user).filter(noun=noun).select_related("by")
    here = request.GET.get(VIEW, "")
    found = []
    for row in sorted(rows[:MOST_SHOWN], key=lambda row: (row.by_id != request.user.pk, row.name)):
        words = parse_qsl(row.words)
        kept = [(word, value) for word, value in words if word in offered]
        stale = sorted({word for word, _value in words if word not in offered})
        link = f"?{urlencode([*kept, (VIEW, row.pk)])}"
        found.append(Tab(row, link, here == str(row.pk), row.by_id == request.user.pk, stale))
    return found


def stale_sentence(shown: list[Tab], specs: list[Any]) -> str:
    """Say which filters of the view shown no longer hold, nothing where all do."""
    gone = [word for tab in shown if tab.here for word in tab.stale]
    lost = [str(spec.title) for spec in specs if _names_nothing(spec)]
    if gone:
        return _("This view has filters that this list no longer offers; they are left out: %(names)s.") % {
            "names": ", ".join(gone)
        }
    if lost:
        return _(
            "These filters name what is no longer there or out of your sight, so that no row passes: %(names)s."
        ) % {"names": ", ".join(lost)}
    return ""


def _names_nothing(spec: Any) -> bool:
    choices = getattr(spec, "lookup_choices", None)
    return choices is not None and bool(spec.value()) and spec.value() not in {str(value) for value, _label in choices}


def change(request: HttpRequest, noun: str, offered: set[str]) -> HttpResponseBase:
    """Do what the head of a list asks of a view: save, rename, delete, open first."""
    given, by, at = request.POST, cast("User", request.user), clock.now()
    back, which = given.get("back", ""), given.get("view", "")
    view = int(which) if which.isascii() and which.isdigit() and len(which) <= 18 else 0
    words = kept_words(dict(parse_qsl(back)), offered)
    name, who = given.get("name", ""), cast("dict[str, Any]", {"noun": noun, "at": at, "by": by})
    try:
        match given.get("do"):
            case "save":
                kept = views.keep(name=name, words=words, shared_with=given.get("shared_with", ""), **who)
                view = kept.pk
                messages.success(request, _("The view “%(name)s” is saved.") % {"name": kept.name})
            case "rename":
                views.rename(view=view, name=name, **who)
            case "first":
                views.open_first(view=view, **who)
            case "drop":
                views.drop(view=view, **who)
                messages.success(request, _("The view is deleted."))
                words, view = "", 0
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(f"../?{words}{'&' if words else ''}{VIEW}={view}")
