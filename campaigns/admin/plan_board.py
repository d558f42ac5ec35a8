"""The board of a month of plans: its calendar, load by segment, split of members, what collides."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now

from campaigns.jobs import FORESEE
from campaigns.queries import boards
from newretail.kernel import clock
from newretail.kernel.actions import jobs
from newretail.kernel.doors import scoped
from newretail.kernel.models import JobRun


class PlanBoard:
    """The board, beside the list of plans (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give its addresses."""
        return [
            self.admin.own_path("board/", self.board_view, "board"),
            self.admin.own_path("foresee/", self.foresee_view, "foresee"),
        ]

    @scoped("touch_plans")
    def board_view(self, request: HttpRequest) -> HttpResponse:
        """Show a month."""
        at = clock.now()
        first = _month(request.GET.get("month", "")) or clock.month_start(clock.business_day(at))
        board = boards.board(first, at)
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "board": board,
            "title": _now("Plans of %(month)s") % {"month": f"{first:%Y-%m}"}, "today": clock.business_day(at),
            "before": f"{clock.month_before(first):%Y-%m}", "after": f"{clock.month_after(first):%Y-%m}",
            "heads": [_now(day) for day in DAYS], "wished": boards.GROUP_SHARE / 100,
            "may_change": self.admin.may(request, "change"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/campaigns/touchplan/board.html", context)

    @scoped("touch_plans", "change")
    def foresee_view(self, request: HttpRequest) -> HttpResponse:
        """Have the coming weeks counted anew."""
        if request.method == "POST" and not JobRun.objects.filter(name=FORESEE, state__in=jobs.UNENDED).exists():
            jobs.queue(name=FORESEE, at=clock.now())
            messages.success(request, _now("The coming weeks are being counted; look here again in a moment."))
        return redirect("admin:campaigns_touchplan_board")


DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01") if len(text) == 7 else None
    except ValueError:
        return None
