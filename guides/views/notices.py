"""What a guide is told: notices, the page of one, its files; that she has read it is a tap, taken once."""

import uuid

from django.db.models import Case, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_POST

from guides.actions import notices
from guides.forms import TYPES
from guides.models import NoticeFile, NoticeReceipt
from guides.queries.notices import received
from guides.views.pages import once, page, person, post_ids, told
from newretail.kernel import clock
from newretail.kernel.doors import scoped

SHOWN = (20, 100, 400)
MUST_FIRST = Case(When(waits=True, then="notice__must_read"), default=False).desc()


@scoped("own_work")
def listed(request: HttpRequest) -> HttpResponse:
    """List what reached her: what waits first, of that what must be read, then the newest."""
    most = next((each for each in SHOWN if str(each) == request.GET.get("shown")), SHOWN[0])
    rows = received(post_ids(request), clock.now()).order_by("-waits", MUST_FIRST, "-notice_id")
    found = list(rows[: most + 1])
    context = {
        "tab": "me", "receipts": found[:most], "more": len(found) > most,
        "next_shown": next((each for each in SHOWN if each > most), most),
    }  # fmt: skip
    return page(request, "g/notices.html", context)


def _mine(request: HttpRequest, notice: uuid.UUID) -> NoticeReceipt:
    receipt: NoticeReceipt = get_object_or_404(received(post_ids(request), clock.now()), notice__ref=notice)
    return receipt


@scoped("own_work")
def one(request: HttpRequest, notice: uuid.UUID) -> HttpResponse:
    """Show one notice with its files."""
    receipt = _mine(request, notice)
    files = NoticeFile.objects.filter(notice=receipt.notice_id).defer("content").order_by("nth")
    return page(request, "g/notice.html", {"tab": "me", "receipt": receipt, "files": files})


@require_POST
@scoped("own_work", "change")
def read(request: HttpRequest, notice: uuid.UUID) -> HttpResponse:
    """Keep that she has read it."""
    by, posts = person(request), post_ids(request)
    _stands, refused = once(
        request, "notice.read", f"notice:{notice}",
        lambda: notices.read(notice=notice, posts=posts, at=clock.now(), by=by),
    )  # fmt: skip
    if refused and not request.headers.get("x-queue"):
        raise Http404
    if request.headers.get("hx-request"):
        return page(request, "g/_read.html", {"receipt": _mine(request, notice)})
    return told(request, refused=refused, back=reverse("guide_notice", args=[notice]))


@scoped("own_work")
def file(request: HttpRequest, notice: uuid.UUID, nth: int) -> HttpResponse:
    """Send a file of a notice that reached her."""
    receipt = _mine(request, notice)
    return as_download(get_object_or_404(NoticeFile, notice=receipt.notice_id, nth=nth))


def as_download(kept: NoticeFile) -> HttpResponse:
    """Send a file as one to be kept, never to be shown within a page of ours."""
    answer = HttpResponse(bytes(kept.content), content_type=TYPES[kept.kind])
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=kept.name)
    answer["Cache-Control"] = "no-store"
    return answer
