"""Problems told to machines and people: application/problem+json (RFC 9457), a code, a sentence in their language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import Error, OperationalError
from django.http import Http404, HttpResponse, UnreadablePostError
from django.utils.translation import gettext, gettext_noop
from psycopg2 import errors as pg
from rest_framework import exceptions

from newretail.kernel.files import reasons
from newretail.kernel.files.outcome import RowRefusal
from newretail.kernel.verbs import Refused

TYPE = "application/problem+json"
NO_HEADERS: Mapping[str, str] = {}
KEPT_HEADERS = ("Allow", "Retry-After", "WWW-Authenticate")
USUAL = {
    400: ("bad_request", gettext_noop("The request cannot be read.")),
    401: ("no_key", gettext_noop("Send a valid key: Authorization: Bearer nr_…")),
    403: ("no_right", gettext_noop("This key has no right to do this.")),
    404: ("not_found", gettext_noop("There is nothing here.")),
    405: ("method_not_allowed", gettext_noop("This address does not answer this method.")),
    406: ("not_acceptable", gettext_noop("Answers are JSON: accept application/json.")),
    413: ("too_large", gettext_noop("The body is too large.")),
    415: ("not_json", gettext_noop("Send JSON: Content-Type: application/json.")),
    429: ("too_many_requests", gettext_noop("Too many requests with this key; wait for the seconds in Retry-After.")),
    500: (
        "fault",
        gettext_noop("Something failed here and nothing was changed; ask again with the same key."),
    ),
    503: ("busy", gettext_noop("This cannot be answered right now; ask again in a moment.")),
}


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: where, its code, its facts."""

    code: str
    field: str = ""
    row: int | None = None
    facts: dict[str, object] | None = None
    sentence: str = ""

    def shown(self) -> dict[str, object]:
        """Write it for an answer, in the language at work."""
        said = gettext(self.sentence) % (self.facts or {}) if self.sentence else reasons.sentence(self.code, self.facts)
        where = {"row": self.row} if self.row is not None else {}
        return {**where, "field": self.field, "code": self.code, "detail": said}


class Problem(Exception):
    """A request that is answered with a problem."""

    def __init__(self, status: int, code: str = "", sentence: str = "", *, faults: Sequence[Fault] = ()) -> None:
        usual = USUAL.get(status, USUAL[400])
        self.status = status
        self.code = code or usual[0]
        self.sentence = sentence or usual[1]
        self.faults = faults
        super().__init__(self.code)

    def body(self) -> str:
        """Write the answer, in the language at work."""
        shown: dict[str, Any] = {
            "type": f"urn:newretail:problem:{self.code}",
            "title": gettext(self.sentence),
            "status": self.status,
            "code": self.code,
        }
        if self.faults:
            shown["errors"] = [fault.shown() for fault in self.faults]
        return json.dumps(shown, ensure_ascii=False)


def answer(problem: Problem, headers: Mapping[str, str] = NO_HEADERS) -> HttpResponse:
    """Answer with a problem; of headers set before those that tell how to go on are kept."""
    told = {name: headers[name] for name in KEPT_HEADERS if name in headers}
    return HttpResponse(problem.body(), status=problem.status, content_type=TYPE, headers=told)


def of_refusals(refusals: Sequence[RowRefusal], *, rows: bool = True) -> list[Fault]:
    """Make faults of refused rows, with their numbers where there are several."""
    return [Fault(each.code, each.column, each.line if rows else None, each.facts) for each in refusals]


# By the reason the database gives: 409 where somebody was quicker, 503 where asking again helps.
OF_DATABASE: tuple[tuple[type[Exception], int], ...] = (
    (pg.UniqueViolation, 409),
    (pg.CheckViolation, 409),
    (pg.ForeignKeyViolation, 422),
    (pg.LockNotAvailable, 503),
    (pg.SerializationFailure, 503),
    (pg.DeadlockDetected, 503),
    (pg.DataError, 400),
)


def of_database(error: Error) -> Problem:
    """Tell what an error of the database means for the one who asked; none surfaces as it is."""
    cause = error.__cause__ or error
    for kind, status in OF_DATABASE:
        if isinstance(cause, kind):
            return Problem(status, *(() if status != 409 else CHANGED_MEANWHILE))
    return Problem(503 if isinstance(error, OperationalError) else 500)


CHANGED_MEANWHILE = ("changed_meanwhile", gettext_noop("Somebody else changed this at the same moment; ask again."))


# Whatever else Django refuses; the first that fits.
OF_DJANGO: tuple[tuple[type[Exception], int], ...] = (
    (Http404, 404),
    (PermissionDenied, 403),
    (RequestDataTooBig, 413),
    (SuspiciousOperation, 400),
    (UnreadablePostError, 400),
)


def of(error: Exception) -> Problem | None:
    """Make a problem of whatever was raised; None for a fault of ours that has to be heard of."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, Refused):
        return Problem(409, error.code, str(error))
    if isinstance(error, Error):
        return of_database(error)
    if isinstance(error, exceptions.APIException):
        return Problem(error.status_code)
    return next((Problem(status) for kind, status in OF_DJANGO if isinstance(error, kind)), None)


# What is told as a problem wherever it comes from.
KNOWN: tuple[type[Exception], ...] = (
    Problem, Refused, Error, exceptions.APIException, *(kind for kind, _ in OF_DJANGO),
)  # fmt: skip
