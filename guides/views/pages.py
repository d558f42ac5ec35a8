"""What every page of a guide's phone has: her posts, the tabs, the way an action is taken once."""

import uuid
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.gzip import GZipMiddleware
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from guides.actions import deeds
from guides.queries import notices
from guides.queries.serving import posts_serving
from newretail.kernel import clock
from newretail.kernel.models import User
from newretail.kernel.refs import number
from newretail.kernel.verbs import Refused
from stores.models import Post

# A list of cards says the same again and again: squeezed it is a tenth.
SMALL = GZipMiddleware(lambda _request: HttpResponse())
Act = Callable[[], object]


def page(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Render a page or a part of one, squeezed; nothing of it is kept by the phone."""
    waiting = SimpleLazyObject(lambda: notices.waiting(post_ids(request), clock.now()))  # asked where the tabs stand
    response = render(request, template, {**context, "who": request.user, "waiting": waiting}, status=status)
    add_never_cache_headers(response)
    return cast("HttpResponse", SMALL.process_response(request, response))


def posts(request: HttpRequest) -> list[Post]:
    """List the posts by which the person asking serves."""
    return posts_serving(request.user)


def post_ids(request: HttpRequest) -> list[int]:
    """List the ids of her posts."""
    return [post.pk for post in posts(request)]


def person(request: HttpRequest) -> User:
    """Give who asks: on these pages somebody who has signed in."""
    return cast("User", request.user)


def once(request: HttpRequest, kind: str, subject: str, act: Act) -> tuple[bool, str]:
    """Do what a form asks for, once for its number; returns whether it stands, and why not."""
    ref = number(request.POST.get("ref", "")) or uuid.uuid4()
    try:
        deeds.once(ref=ref, kind=kind, subject=subject, act=act, at=clock.now(), by=person(request))
    except Refused as refusal:
        return False, str(refusal)
    return True, ""


def told(request: HttpRequest, *, refused: str, back: str) -> HttpResponse:
    """Answer an action that needs no fresh part of the page: a queue by a word, a form by the page it came from."""
    if request.headers.get("x-queue"):
        return JsonResponse({"refused": refused}, status=200)
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return redirect(wanted if safe else back)
