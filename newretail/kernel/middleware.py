"""Doors of every page: the brand's zone for what is shown, the policy for what may run."""

from collections.abc import Callable
from typing import Any

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import redirect, render
from django.utils import timezone, translation

from newretail.kernel import brand, clock, doors, masking, scopes, second_factor

Answer = Callable[[HttpRequest], HttpResponse]


class ClockMiddleware:
    """Show times in the brand's zone."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the zone for this request."""
        with timezone.override(clock.brand_zone()):
            return self.get_response(request)


class SettingsMiddleware:
    """Read the brand's settings once for a page that only shows: it asks for several."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Read them together where nothing is changed."""
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with brand.read_together():
            return self.get_response(request)


class PersonMiddleware:
    """Put pages before the eyes of who asks; end the session of whoever lost her account or her last post."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign out who holds nothing here any more; she goes on as a stranger."""
        if SESSION_KEY in request.session and not scopes.may(request.user, "account"):
            logout(request)
        with masking.before(masking.reader(request.user)):
            return self.get_response(request)


class ScopeMiddleware:
    """Let nobody through an address that the table of rights does not open for her; one without a row is shut."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the judgement comes when the view is known."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        """Judge before the view runs, whatever the method."""
        name = doors.name_at(request.resolver_match.view_name if request.resolver_match else "", view)
        right = doors.right_at(name, view, request.method or "GET")
        if name in doors.OPEN:
            return None
        if right is None:
            raise Http404
        refused = doors.judge(request, right)
        if refused is None and right[0] != "account" and second_factor.missing(request.user):
            return redirect("factor_add")
        return refused


class CharsetMiddleware:
    """Refuse a body that says it is not UTF-8: nothing of ours sends one, and reading it can fail."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer 400 before anybody reads the body."""
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8"):
            return render(request, "400.html", status=400)
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """Speak Chinese until somebody chooses otherwise; what the browser prefers does not choose."""

    def process_request(self, request: HttpRequest) -> None:
        """Take the language of the cookie that the switch sets."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        translation.activate(language)
        request.LANGUAGE_CODE = translation.get_language()


class PolicyMiddleware(CSPMiddleware):
    """Send the strict policy; admin pages have a written policy of their own."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Choose the policy by path."""
        if request.path.startswith("/admin/") and not hasattr(response, "_csp_replace"):
            response._csp_replace = settings.ADMIN_CONTENT_SECURITY_POLICY["DIRECTIVES"]  # type: ignore[attr-defined]
        return super().process_response(request, response)
