"""A notice written and sent, beside the list of notices; whom it would reach is said before it is sent."""

import uuid
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from guides.actions import notices
from guides.forms import NoticeForm
from guides.queries.notices import readers_of
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused


class NoticeSending:
    """The page on which a notice is written, beside the list of notices (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give its addresses."""
        return [
            self.admin.own_path("send/", self.send_view, "send"),
            self.admin.own_path("send/preview/", self.preview_view, "preview"),
        ]

    @scoped("notices", "change")
    def send_view(self, request: HttpRequest) -> HttpResponse:
        """Write a notice and send it, once for the number its form carries."""
        by = cast("User", request.user)
        form = NoticeForm(request.POST or None, request.FILES or None, by=by, initial={"ref": uuid.uuid4()})
        if form.is_valid():
            try:
                notice = notices.send(**form.wish(), at=clock.now(), by=by)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, _("The notice is on its way to everybody it is for."))
                return redirect("admin:guides_notice_change", notice.pk)
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "title": _("Send a notice"),
            "form": form,
        }  # fmt: skip
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/guides/notice/send.html", context, status=status)

    @scoped("notices", "change")
    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Say whom a notice to these places would reach."""
        return _preview(request)


@require_POST
def _preview(request: HttpRequest) -> HttpResponse:
    form = NoticeForm(request.POST, by=cast("User", request.user))
    form.is_valid()  # what is still missing of its words is no matter here
    audience = form.audience()
    counts = readers_of(audience, form.within) if audience else {}
    context = {"chosen": audience is not None, "count": sum(counts.values()), **counts}
    return TemplateResponse(request, "admin/guides/notice/preview.html", context)
