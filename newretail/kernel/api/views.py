"""What every address of the API shares: its right, its limits, one answer for one request, problems in words."""

import hashlib
import json
from collections.abc import Callable
from typing import Any, ClassVar

import structlog
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_noop
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from newretail.kernel import clock
from newretail.kernel.actions import answers
from newretail.kernel.actions.answers import Answer
from newretail.kernel.api import asked, problems, strict, throttle
from newretail.kernel.api.problems import Problem
from newretail.kernel.failpoint import failpoint
from newretail.kernel.scopes import Action, Resource

LOG = structlog.get_logger(__name__)
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
JSON = "application/json"
LONGEST_KEY = 255
BAD_KEY = gettext_noop("An Idempotency-Key holds 1 to 255 printable ASCII characters.")
CODES = {
    answers.InFlight.code: 409,
    answers.AnotherRequest.code: 422,
}


class Door(APIView):
    """An address of the API; its resource and the method say which right it asks for (`newretail/kernel/doors.py`)."""

    resource: ClassVar[Resource]
    queries: ClassVar[frozenset[str]] = frozenset()
    authentication_classes = ()
    permission_classes = ()
    parser_classes = (strict.StrictParser,)
    renderer_classes = (JSONRenderer,)

    @classmethod
    def action_at(cls, method: str) -> Action:
        """Name what a method does to the resource."""
        return "view" if method in SAFE else "change"

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """Let the account that the gate has found ask."""
        wrapped = super().initialize_request(request, *args, **kwargs)
        wrapped.user = getattr(request, "user", None)  # none where the schema is drawn
        return wrapped

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Count the request before it is worked on."""
        self.at = clock.now()
        self.spent = throttle.spend(request._request.api_key, self.at)
        if self.spent and self.spent.exceeded:
            raise Problem(429)
        asked.judge(request.query_params, self.queries if request.method in SAFE else frozenset())
        super().initial(request, *args, **kwargs)

    def handle_exception(self, exc: Exception) -> Any:
        """Answer with a problem; a fault of ours is logged and told without its inside."""
        found = problems.of(exc)
        if found is None:
            LOG.error("fault", error=type(exc).__name__, exc_info=exc)
            found = Problem(500)
        return problems.answer(found)

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> Any:
        """Tell what is left of the limit."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if spent := getattr(self, "spent", None):
            for name, value in spent.headers().items():
                answer.headers[name] = value
        return answer

    def once(
        self, request: Request, act: Callable[[], tuple[int, Any]], *, asked: bytes | None = None
    ) -> HttpResponse:  # fmt: skip
        """Act in one transaction, or give the answer that an earlier request of this Idempotency-Key was given.

        `act` returns status and body; a Problem below 500 that it raises is an answer too, and is kept, save one that
        passes by waiting (429). `asked` stands for a body that is no JSON.
        """
        sent = request._request.body if asked is None else asked
        if not sent:
            raise strict.unreadable("not_json")
        key = request.headers.get("Idempotency-Key")
        if key is None:
            with transaction.atomic():
                return _out(_done(act))
        if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
            raise Problem(400, "bad_idempotency_key", BAD_KEY)
        whole = f"{request.method} {request.get_full_path()}\n".encode() + sent
        try:
            answer = answers.once(
                account=request.user, key=key, asked=hashlib.sha256(whole).hexdigest(), at=self.at,
                act=lambda: _done(act),
            )  # fmt: skip
        except (answers.InFlight, answers.AnotherRequest) as refused:
            raise Problem(CODES[refused.code], refused.code, refused.sentence) from None
        failpoint("answer.kept")
        return _out(answer)


def _done(act: Callable[[], tuple[int, Any]]) -> Answer:
    try:
        with transaction.atomic():
            status, body = act()
    except DatabaseError:
        raise
    except Exception as error:
        problem = problems.of(error)
        if problem is None or problem.status == 429 or problem.status >= 500:
            raise
        return Answer(problem.status, problem.body())
    return Answer(status, json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def _out(answer: Answer) -> HttpResponse:
    kind = JSON if answer.status < 400 else problems.TYPE
    out = HttpResponse(answer.body, status=answer.status, content_type=kind)
    if answer.again:
        out.headers["Idempotent-Replayed"] = "true"
    return out
