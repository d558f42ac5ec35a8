"""The inbox: a signed message of another system is kept, then answered; a worker works it off."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt

from newretail.kernel import clock, sealing
from newretail.kernel.actions import inbox, sources
from newretail.kernel.api import problems, strict
from newretail.kernel.api.items import MOST
from newretail.kernel.api.problems import Fault, Problem
from newretail.kernel.models import InboxSource
from newretail.kernel.webhooks import signatures

PATH = "/inbox/"
LONGEST_KIND = 80
UNSIGNED = gettext_noop("The signature is missing, foreign, or older than five minutes.")
NO_KIND = gettext_noop("A message is an object with its type, as text, and its data, an item or a list of items.")


class InboxMiddleware:
    """Hand what comes to the inbox over at once: it knows who sends by the signature, and is no page of a person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language of the gate, past sessions and all that is for people; pass everything else on."""
        code = request.path.removeprefix(PATH)
        if not request.path.startswith(PATH) or not code or "/" in code:
            return self.get_response(request)
        request.resolver_match = resolve(request.path)
        with translation.override(request.COOKIES[settings.LANGUAGE_COOKIE_NAME]):
            return receive(request, code)


@csrf_exempt
def receive(request: HttpRequest, code: str) -> HttpResponse:
    """Answer 202 once the message is committed: taken, or known from before."""
    try:
        return _receive(request, code)
    except problems.KNOWN as error:
        return problems.answer(problems.of(error) or Problem(500))


def _receive(request: HttpRequest, code: str) -> HttpResponse:
    at = clock.now()
    if request.method != "POST":
        raise Problem(405)
    if len(request.body) > strict.MOST_BYTES:
        raise strict.unreadable("too_large")
    source = InboxSource.listened(code)
    secrets = sealing.at_work(sources.SEALED, source, at) if source else ()
    given = {name: request.headers.get(name, "") for name in (*signatures.STANDARD, *signatures.PLAIN)}
    ref = signatures.known(secrets, given, request.body, at)
    if source is None or ref is None:
        raise Problem(401, "bad_signature", UNSIGNED)
    kind = _kind(strict.read(request.body))
    try:
        new = inbox.receive(source=source, ref=ref, kind=kind, body=request.body, at=at)
    except inbox.AnotherBody as refused:
        raise Problem(409, refused.code, refused.sentence) from None
    return JsonResponse({"id": ref, "state": "taken" if new else "known"}, status=202)


def _kind(message: Any) -> str:
    kind = message.get("type") if isinstance(message, dict) else None
    fits = type(kind) is str and 0 < len(kind) <= LONGEST_KIND and kind.isprintable()
    if not fits or not isinstance(message.get("data"), dict | list):
        raise Problem(400, "bad_message", NO_KIND, faults=[Fault("bad_message", "type", sentence=NO_KIND)])
    return str(kind)


def items_of(body: str) -> list[Any]:
    """Read the items of a message that was kept.

    Raises Problem: whatever a body of the API is refused for.
    """
    data = strict.read(body.encode())["data"]
    found = data if isinstance(data, list) else [data]
    if not 1 <= len(found) <= MOST:
        raise Problem(422, "bad_batch")
    return found
