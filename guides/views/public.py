"""Where a shared link leads: to its material or its address; who comes is nobody, and is told of nobody."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import add_never_cache_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from guides.actions import shares
from guides.actions.shares import Visit
from guides.models import Material, Share
from guides.models.shares import LONGEST_STAY
from guides.views.materials import pictured
from newretail.kernel import clock
from newretail.kernel.api import throttle
from newretail.kernel.refs import number

MISSES_A_MINUTE = 20  # of one address
VISITS_A_MINUTE = 120  # of one address: a whole shop may stand behind it
SHOWN = (Material.State.PUBLISHED, Material.State.REPLACED)


def _too_many(name: str, most: int, by: int = 1) -> bool:
    used = throttle.counted(name, clock.now(), by=by)
    return used is not None and used > most


def _found(request: HttpRequest, token: str) -> Share:
    """Find a share by its token; of a withdrawn material nothing is there.

    Raises Http404.
    """
    rows = Share.objects.filter(material__state__in=SHOWN).select_related("material__product", "material__picture")
    found = rows.filter(token=token).first() if token.isascii() and "\0" not in token else None
    if found is None:
        throttle.counted(f"t:missed:{throttle.address_of(request)}", clock.now())
        raise Http404
    return found


def _tired(request: HttpRequest) -> HttpResponse | None:
    """Answer who asks too often, or guesses."""
    address = throttle.address_of(request)
    missed = _too_many(f"t:missed:{address}", MISSES_A_MINUTE, by=0)
    if missed or _too_many(f"t:{address}", VISITS_A_MINUTE):
        return render(request, "429.html", status=429)
    return None


def _counts(request: HttpRequest) -> bool:
    """Tell whether this is somebody who reads: no probe, nothing fetched ahead, nobody of the house."""
    ahead = "prefetch" in request.headers.get("sec-purpose", "") or request.headers.get("purpose") == "prefetch"
    return request.method == "GET" and not ahead and not request.user.is_authenticated


@require_safe
def tracked_link(request: HttpRequest, token: str) -> HttpResponse:
    """Lead on to what was shared, and count it."""
    if (refused := _tired(request)) is not None:
        return refused
    share, opening = _found(request, token), None
    if _counts(request):
        visit = Visit(request.META.get("REMOTE_ADDR", ""), request.headers.get("user-agent", "")[:300])
        opening = shares.open_link(share=share, visit=visit, at=clock.now())
    material = share.material
    if material.kind == Material.Kind.LINK:
        answer: HttpResponse = redirect(material.url)
    else:
        answer = render(request, "t/material.html", {"material": material, "token": token, "opening": opening})
    add_never_cache_headers(answer)
    answer["Referrer-Policy"] = "no-referrer"
    return answer


@require_safe
def tracked_picture(request: HttpRequest, token: str) -> HttpResponse:
    """Give the picture of what was shared."""
    return _tired(request) or pictured(_found(request, token).material)


@csrf_exempt
@require_POST
def tracked_stay(request: HttpRequest, token: str) -> HttpResponse:
    """Take how long the page stood open; whatever it says, the answer is the same."""
    if (refused := _tired(request)) is not None:
        return refused
    _found(request, token)
    opening, said = number(request.POST.get("opening", "")), request.POST.get("seconds", "")
    if opening and said.isascii() and said.isdigit() and len(said) <= len(str(LONGEST_STAY)):
        shares.leave(opening=opening, seconds=int(said), at=clock.now())
    return HttpResponse(status=204)
