"""A guide's code on her phone, and the page to which it leads: there a customer joins."""

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from guides.actions import recruits
from guides.actions.recruits import CodeOver, Joining
from guides.models import RecruitCode
from guides.queries import recruiting
from guides.views.pages import page, person, posts
from newretail.kernel import clock, guesses
from newretail.kernel.api import throttle
from newretail.kernel.doors import scoped
from newretail.kernel.verbs import Refused

Scene = RecruitCode.Scene
JOININGS_A_MINUTE = 60  # of one address: a whole shop shares its own


@require_http_methods(["GET", "HEAD", "POST"])
@scoped("own_work", "change")
def code(request: HttpRequest) -> HttpResponse:
    """Show a guide her code for a scene; the first time she asks for it, it is made."""
    mine, at = posts(request), clock.now()
    asked = request.POST.get("scene") or request.GET.get("scene") or Scene.PHONE
    scene = asked if asked in Scene.values else Scene.PHONE
    if request.method == "POST":
        if not mine:
            raise Http404
        recruits.make(post=mine[0], scene=scene, at=at, by=person(request))
        return redirect(f"{reverse('guide_code')}?scene={scene}")
    found = recruiting.codes_of(mine).get(scene)
    link = request.build_absolute_uri(reverse("join", args=[found.token])) if found else ""
    drawn = segno.make_qr(link, error="m").svg_inline(scale=6, border=2, omitsize=True) if link else ""
    context = {"tab": "customers", "code": drawn, "link": link, "scene": scene, "scenes": Scene.choices,
               "post": mine[0] if mine else None, "recruited": recruiting.recruited(mine, at)}  # fmt: skip
    return page(request, "g/code.html", context)


def _many(request: HttpRequest) -> bool:
    counted = throttle.counted(f"join:{throttle.address_of(request)}", clock.now())
    return counted is not None and counted > JOININGS_A_MINUTE


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever scanned a code join; a code of nobody here, or of somebody who left, says so."""
    who = f"join:{request.META.get('REMOTE_ADDR', '')}"
    if guesses.used_up(who, clock.now()):
        return render(request, "429.html", status=429)
    found = recruiting.found(token)
    if found is None:
        guesses.note(who, clock.now())
        return render(request, "join/none.html", status=404)
    if not recruiting.serves(found):
        return render(request, "join/none.html", {"over": str(CodeOver())}, status=410)
    return _joined(request, found) if request.method == "POST" else _page(request, found)


def _joined(request: HttpRequest, found: RecruitCode) -> HttpResponse:
    if _many(request):
        return render(request, "429.html", status=429)
    try:
        recruits.join(code=found, joining=_typed(request), at=clock.now())
    except Refused as refusal:
        return _page(request, found, refused=str(refusal))
    return redirect(f"{request.path}?joined=1")


def _typed(request: HttpRequest) -> Joining:
    """Read what she typed; what is ticked counts under the wording that the page showed."""
    words = {name: " ".join(request.POST.get(name, "").replace("\0", "").split()) for name in ("phone", "name")}
    versions = {
        name.removeprefix("allow-"): str(value) for name, value in request.POST.items() if name.startswith("allow-")
    }
    allows = {purpose: int(value) if value.isdecimal() and len(value) < 9 else 0 for purpose, value in versions.items()}
    return Joining(words["phone"][:40], words["name"][:80], allows)


def _page(request: HttpRequest, found: RecruitCode, refused: str = "") -> HttpResponse:
    context = {
        "guide": found.post.user, "shop": found.post.store, "texts": recruiting.wordings(clock.now()),
        "refused": refused, "joined": request.GET.get("joined") == "1", "given": request.POST,
    }  # fmt: skip
    return render(request, "join/join.html", context, status=422 if refused else 200)
