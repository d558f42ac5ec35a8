"""A member's own page: what she allows, what she asks for; she comes by a link that nobody can guess."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members.actions import consents, links, persons
from members.importers import CONSENTS
from members.models import ConsentLink, PersonRequest
from members.queries.consents import Cell, Row, matrix_of
from newretail.kernel import clock
from newretail.kernel.api import throttle
from newretail.kernel.files import phones, reasons
from newretail.kernel.files.rows import batch_of
from newretail.kernel.verbs import Refused

MISSES_A_MINUTE = 20  # of one address
POSTS_A_MINUTE = 20  # of one link
ASKING = {"export": PersonRequest.Kind.EXPORT, "erase": PersonRequest.Kind.ERASE}


def _too_many(used: int | None, most: int) -> bool:
    return used is not None and used > most


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own_page(request: HttpRequest, token: str) -> HttpResponse:
    """Show a member what she allows, and take down what she changes and asks for.

    A link that is unknown, revoked or run out answers alike; who tries many is told to wait.
    """
    at, missed = clock.now(), f"own:{throttle.address_of(request)}"
    if _too_many(throttle.counted(missed, at, by=0), MISSES_A_MINUTE):
        return render(request, "429.html", status=429)
    link = links.found(token, at)
    if link is None:
        throttle.counted(missed, at)
        return render(request, "persons/gone.html", status=404)
    if request.method != "POST":
        return _page(request, link, at)
    if _too_many(throttle.counted(f"own:{link.digest[:16]}", at), POSTS_A_MINUTE):
        return render(request, "429.html", status=429)
    try:
        _act(request, link, at)
    except Refused as refusal:
        return _page(request, link, at, refused=str(refusal))
    return redirect("own_page", token)


def _act(request: HttpRequest, link: ConsentLink, at: datetime) -> None:
    wish = request.POST.get("do", "")
    if wish in ASKING:
        if wish == "erase" and request.POST.get("sure") != "yes":
            raise NotSure
        persons.request(member=link.member, kind=ASKING[wish], at=at)
        messages.success(request, _("We have taken down what you ask for, and will answer within 15 working days."))
        return
    rows = matrix_of(link.member, at=at)
    changed = _withdrawn(rows) if wish == "withdraw" else _changed(request, rows)
    _say(changed, link, at)
    messages.success(request, _("Saved. It holds from now on.") if changed else _("Nothing was changed."))


class NotSure(Refused):
    """She did not say that she is sure."""

    code = "not_sure"
    sentence = gettext_noop("Tick that you are sure; what is deleted cannot be brought back.")


class ChangedMeanwhile(Refused):
    """What she saw is no more what holds."""

    code = "changed_meanwhile"
    sentence = gettext_noop("This page has changed in the meantime; look at it again and choose anew.")


def _line(cell: Cell, decision: str, version: int | None = None) -> dict[str, object]:
    return {"channel": cell.channel, "purpose": cell.purpose, "decision": decision, "text_version": version}


def _withdrawn(rows: Iterable[Row]) -> list[dict[str, object]]:
    """Withdraw all she allows but service notices."""
    return [_line(cell, "withdrawn") for row in rows if row.purpose != "service" for cell in row.cells if cell.allowed]


def _changed(request: HttpRequest, rows: Iterable[Row]) -> list[dict[str, object]]:
    """Tell which boxes are no longer as the page showed them, under the wording that it showed.

    Refuses: ChangedMeanwhile.
    """
    found = []
    for row in rows:
        shown = request.POST.get(f"text-{row.purpose}", "")
        for cell in row.cells:
            was, now = request.POST.get(f"was-{cell.name}") == "1", cell.name in request.POST
            if was == now:
                continue
            if was != cell.allowed or (now and (row.text is None or shown != str(row.text.version))):
                raise ChangedMeanwhile
            version = row.text.version if now and row.text else None
            found.append(_line(cell, "given" if now else "withdrawn", version))
    return found


def _say(lines: list[dict[str, object]], link: ConsentLink, at: datetime) -> None:
    if not lines:
        return
    known = {"member_no": link.member.member_no, "source": "page", "proof": f"sha256:{link.digest}"}
    outcome = consents.record(batch=batch_of(CONSENTS, [{**known, **line} for line in lines]), at=at)
    if outcome.refusals:
        raise AssertionError(reasons.sentence(outcome.refusals[0].code))


def _page(request: HttpRequest, link: ConsentLink, at: datetime, refused: str = "") -> HttpResponse:
    member, rows = link.member, matrix_of(link.member, at=at)
    asked = PersonRequest.objects.filter(member=member, state="open")
    context: dict[str, Any] = {
        "phone": phones.masked(member.phone),
        "touching": [row for row in rows if len(row.cells) > 1],
        "using": [row for row in rows if len(row.cells) == 1],
        "open": {each.kind: each for each in asked},
        "until": link.expires_at,
        "refused": refused,
    }
    return render(request, "persons/own.html", context, status=422 if refused else 200)
