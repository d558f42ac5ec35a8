"""Materials on a guide's phone: what she may share, one tap to share it, what came of it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import segno
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from guides.actions import shares
from guides.models import Material, Share
from guides.queries import sharing
from guides.queries.serving import tasks_of
from guides.views.pages import once, page, person, post_ids, posts, told
from newretail.kernel import brand, clock
from newretail.kernel.doors import scoped
from newretail.kernel.refs import number

RECORD_DAYS = 30
SHOWN = 60


@dataclass(frozen=True)
class Fresh:
    """A share that may come: the number of the tap, and the path its link will have."""

    ref: uuid.UUID
    path: str


def fresh_share() -> Fresh:
    """Give the number and the path of a share to come."""
    ref = uuid.uuid4()
    return Fresh(ref, link_of(shares.token_of(ref)))


def link_of(token: str) -> str:
    """Give the path of a share's link."""
    return reverse("tracked_link", args=[token])


def _usable(request: HttpRequest) -> QuerySet[Material]:
    today = clock.business_day(clock.now())
    return Material.objects.usable_by(posts(request), today).select_related("product")


@scoped("own_work")
def every(request: HttpRequest) -> HttpResponse:
    """Show what she may share, of one category or of all, the newest first."""
    category = request.GET.get("category", "")
    chosen = category if category in Material.Category.values else ""
    rows = _usable(request).order_by("-published_at", "-id")
    found = rows.filter(category=chosen) if chosen else rows
    context = {"tab": "me", "materials": found[:SHOWN], "category": chosen, "categories": Material.Category}
    return page(request, "g/materials.html", context)


@scoped("own_work")
def one(request: HttpRequest, material: str) -> HttpResponse:
    """Show one material as it will be seen, with its words and the ways to share it."""
    found = get_object_or_404(_usable(request), code=material)
    return page(request, "g/material.html", {"tab": "me", "material": found, "new_share": fresh_share})


@scoped("own_work")
def picture(request: HttpRequest, material: str) -> HttpResponse:
    """Give the picture of a material she may share."""
    return pictured(get_object_or_404(_usable(request).select_related("picture"), code=material))


def pictured(material: Material) -> HttpResponse:
    """Answer with the picture of a material."""
    if material.picture is None:
        raise Http404
    body = HttpResponse(bytes(material.picture.body), content_type="image/jpeg")
    body["Cache-Control"] = "private, max-age=86400"
    return body


@require_POST
@scoped("own_work", "change")
def share(request: HttpRequest, material: str) -> HttpResponse:
    """Keep that she shares a material, once for the number of the tap."""
    ref, channel = number(request.POST.get("ref", "")), request.POST.get("channel", "")
    if not _known(request, material):
        raise Http404
    if ref is None or channel not in Share.Channel.values:
        return page(request, "g/_shared.html", {"refused": str(shares.NotToBeShared())}, status=422)
    task = _task(request)
    post, by = task.post if task else next(iter(posts(request)), None), person(request)
    if post is None:
        raise Http404

    def act() -> Share:
        return shares.share(ref=ref, material=material, post=post, channel=channel, at=clock.now(), by=by, task=task)

    _stands, refused = once(request, "material.share", f"material:{material}", act)
    if request.headers.get("hx-request"):
        return page(request, "g/_shared.html", {"refused": refused})
    made = Share.objects.filter(ref=ref, post__in=post_ids(request)).first()
    to_poster = channel == Share.Channel.POSTER and made is not None
    back = reverse("guide_share", args=[ref]) if to_poster else reverse("guide_shares")
    return told(request, refused=refused, back=back)


def _known(request: HttpRequest, code: str) -> bool:
    """Tell whether guides of her stores share a material, or did: what is withdrawn is told by a sentence."""
    stores = [post.store_id for post in posts(request) if post.store_id]
    return Material.objects.used_in(stores).exclude(state=Material.State.DRAFT).filter(code=code).exists()


def _task(request: HttpRequest) -> Any:
    asked = request.POST.get("task", "")
    if not asked:
        return None
    return get_object_or_404(tasks_of(request.user).select_related("post"), ref=number(asked))


@scoped("own_work")
def record(request: HttpRequest) -> HttpResponse:
    """Show what she shared in the last days, who opened it, what was bought after it."""
    since = clock.now() - timedelta(days=RECORD_DAYS)
    found = sharing.record(post_ids(request), since=since)
    days = brand.setting("share_order_days")
    return page(request, "g/shares.html", {"tab": "me", "record": found, "days": RECORD_DAYS, "window": days})


@scoped("own_work")
def poster(request: HttpRequest, share: uuid.UUID) -> HttpResponse:
    """Show a share as a poster: the picture with the code of its link."""
    rows = Share.objects.filter(post__in=post_ids(request)).select_related("material", "post__user", "post__store")
    found = get_object_or_404(rows, ref=share)
    link = request.build_absolute_uri(link_of(found.token))
    code = segno.make_qr(link, error="m").svg_inline(omitsize=True, border=2)
    context = {"tab": "me", "share": found, "link": link, "code": mark_safe(code)}  # noqa: S308 - our own drawing
    return page(request, "g/poster.html", context)
