"""The gate of the API: the key names the account, headers choose the language, every answer is JSON."""

import hmac
import re
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

from newretail.kernel import clock, sql
from newretail.kernel.actions import keys
from newretail.kernel.api import problems
from newretail.kernel.api.problems import Problem
from newretail.kernel.models import ApiKey, User

Answer = Callable[[HttpRequest], HttpResponse]
PATHS = ("/api/v1/", "/inbox/")
REFERENCE = "/api/v1/docs/"  # a page for people among the addresses for systems
TEXT = re.compile(r"nr_([0-9a-f]{12})_([A-Za-z0-9_-]{20,64})", re.ASCII)


def is_api(request: HttpRequest) -> bool:
    """Tell whether a request comes by the door for other systems."""
    return request.path.startswith(PATHS) and request.path != REFERENCE


def language_of(request: HttpRequest) -> str:
    """Choose the language of the answer: the first of Accept-Language that is spoken here, else Chinese."""
    for wanted, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "").lower()):
        for spoken, _name in settings.LANGUAGES:
            if wanted.split("-")[0] == spoken.split("-")[0]:
                return spoken
    return settings.LANGUAGE_CODE


def key_of(request: HttpRequest, at: datetime) -> ApiKey | None:
    """Find the key a request came with, if it opens."""
    kind, _, text = request.headers.get("Authorization", "").partition(" ")
    match = TEXT.fullmatch(text.strip())
    if kind.lower() != "bearer" or match is None:
        return None
    key = next(iter(sql.instances(ApiKey, "WHERE prefix = %(prefix)s", {"prefix": match[1]})), None)
    fits = hmac.compare_digest(keys.digest_of(match[2]), key.digest if key else "")
    if key is None or not fits or key.revoked_at or (key.expires_at and key.expires_at <= at):
        return None
    (key.account,) = sql.instances(User, "WHERE id = %(account)s", {"account": key.account_id})
    return key if key.account.is_active else None


class ApiMiddleware:
    """Speak JSON behind the API's path, whatever answers there; no cookie of a person counts."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose the language, pass on, and turn pages of error into problems."""
        if not is_api(request):
            return self.get_response(request)
        language = language_of(request)
        request.COOKIES = {settings.LANGUAGE_COOKIE_NAME: language}
        answer = self.get_response(request) if request.path.isprintable() else HttpResponse(status=404)
        if answer.status_code >= 400 and not answer.headers.get("Content-Type", "").startswith(problems.TYPE):
            with translation.override(language):
                answer = problems.answer(Problem(answer.status_code), answer.headers)
        answer.headers["Content-Language"] = language
        answer.headers.setdefault("Cache-Control", "no-store")
        return answer


class KeyMiddleware:
    """Let the key say who asks; without one it is a stranger, whoever is signed in at a page."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the account where everybody looks for who asks."""
        if is_api(request):
            at = clock.now()
            key = key_of(request, at)
            request.user = AnonymousUser()
            request.api_key = key  # type: ignore[attr-defined]
            if key is not None:
                if keys.is_use_due(key, at):
                    keys.note_use(key=key, at=at)
                key.account.narrowed_to = frozenset(key.rights)  # type: ignore[attr-defined]
                request.user = key.account
        return self.get_response(request)
