"""The builder of segments: conditions put together in the browser, counted as they are written, kept as a version."""

import json
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _

from campaigns.actions import seat_maps
from campaigns.actions import segments as verbs
from campaigns.models import Segment
from campaigns.queries import catalogue, counting, segments
from campaigns.queries.segments import Moment
from members.models import Member
from members.queries.conditions import tree
from members.queries.conditions.tree import Node
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused

LONGEST_BODY = 200_000
SAMPLE = 8
EMPTY: dict[str, Any] = {"all": []}


class SegmentBuilder:
    """Its pages, beside the list of segments (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give their addresses."""
        return [
            self.admin.own_path("draft/", self.draft_view, "draft"),
            self.admin.own_path("count/", self.count_view, "count"),
            self.admin.own_path("<int:pk>/edit/", self.edit_view, "edit"),
        ]

    @scoped("segments", "change")
    def draft_view(self, request: HttpRequest) -> HttpResponse:
        """Describe a new segment."""
        return self._judged(request, None)

    @scoped("segments", "change")
    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Describe a segment anew: its next version."""
        return self._judged(request, self.admin.found(request, pk))

    @scoped("segments", "change")
    def count_view(self, request: HttpRequest) -> HttpResponse:
        """Count what is written: by bits at once, and exactly, with a few whom it holds, where that is asked for."""
        if request.method != "POST":
            return redirect("admin:campaigns_segment_changelist")
        try:
            node = tree.read(_given(request.POST.get("conditions", "")))
            tree.check_names(node)
            return JsonResponse(_exact(request, node) if request.POST.get("exact") else _at_once(node))
        except Refused as refusal:
            return JsonResponse({"refused": str(refusal)}, status=422)

    def _judged(self, request: HttpRequest, row: Segment | None) -> HttpResponse:
        last = segments.newest(row) if row else None
        cells: dict[str, Any] = {
            "code": row.code if row else "", "name": row.name if row else "", "note": row.note if row else "",
            "conditions": last.conditions if last else EMPTY,
        }  # fmt: skip
        if request.method != "POST":
            return self._page(request, row, cells, last.version if last else 0)
        seen = request.POST.get("seen", "")
        cells = {name: request.POST.get(name, "").strip() for name in ("code", "name", "note")}
        cells["conditions"] = _given(request.POST.get("conditions", ""))
        try:
            version = verbs.keep(
                code=row.code if row else cells["code"], name=cells["name"], note=cells["note"],
                conditions=cells["conditions"], at=clock.now(), by=cast("User", request.user),
                seen=int(seen) if seen.isdecimal() and seen.isascii() and len(seen) < 9 else 0,
            )  # fmt: skip
        except Refused as refusal:
            return self._page(request, row, cells, seen, refusal=str(refusal), status=422)
        return redirect("admin:campaigns_segment_change", version.segment_id)

    def _page(
        self, request: HttpRequest, row: Segment | None, cells: dict[str, Any], seen: object, *, status: int = 200,
        **more: Any,
    ) -> HttpResponse:  # fmt: skip
        data = {
            "fields": catalogue.fields(), "names": catalogue.names(), "conditions": cells["conditions"] or EMPTY,
            "deepest": tree.DEEPEST, "most": tree.MOST_CONDITIONS, "words": _words(),
        }  # fmt: skip
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "original": row, "cells": cells,
            "title": row.name if row else _("New segment"), "data": data, "seen": seen,
            "written": json.dumps(cells["conditions"], ensure_ascii=False), **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/campaigns/segment/builder.html", context, status=status)


def _given(text: str) -> object:
    """Read what the browser wrote; what is no JSON is no condition either."""
    if len(text) > LONGEST_BODY:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _at_once(node: Node) -> dict[str, Any]:
    seat_maps.draw(nodes=[node], at=clock.now())
    counts = counting.counts([*counting.parts(node)])
    return {"members": counts[0], "parts": counts, "everybody": counting.everybody()}


def _exact(request: HttpRequest, node: Node) -> dict[str, Any]:
    moment = Moment.now(clock.now())
    held = segments.sample(node, moment, SAMPLE)
    shown = Member.objects.visible_to(request.user).filter(pk__in=held).select_related("home_store").order_by("-seat")
    sample = [
        {"name": eyes().called(member), "member_no": member.member_no, "store": str(member.home_store or "—")}
        for member in shown
    ]
    return {"members": segments.count(node, moment), "sample": sample}


def _words() -> dict[str, str]:
    """Say what the builder says."""
    return {
        "all": _("all of these hold"), "any": _("at least one of these holds"), "none": _("none of these holds"),
        "condition": _("Add condition"), "group": _("Add group"), "remove": _("Remove"), "narrow": _("Narrow down"),
        "yes": _("yes"), "no": _("no"), "value": _("value"), "choose": _("Choose what is asked"), "to": _("to"),
        "several": _("several, parted by commas"), "counting": _("counting …"), "exact": _("exact"),
        "nobody": _("Nobody."), "failed": _("This could not be counted; try again."), "yuan": _("yuan"),
        "incomplete": _("Conditions that are not complete are left out."), "field": _("field"),
        "operator": _("comparison"),
    }  # fmt: skip
