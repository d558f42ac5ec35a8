"""The list of segments, and the page of one: whom it holds and why, who came and went, how it overlaps others."""

from datetime import date
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.decorators import display

from campaigns.actions import segments as verbs
from campaigns.actions import snapshots
from campaigns.admin.segment_builder import SegmentBuilder
from campaigns.models import Segment, SegmentVersion, Snapshot
from campaigns.queries import segments, standing, wording
from campaigns.queries.segments import Moment
from members.models import Member
from members.queries.conditions import tree
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, Opening, VerbAdmin
from newretail.kernel.verbs import Refused

DAYS = 30
SAMPLE = 10
VERSIONS = 10
SNAPSHOTS = 20


class StatePick(ChoicePick):
    """By how it stands."""

    title, parameter_name, field = _("state"), "state", "state"
    offered = Segment.State


@admin.register(Segment)
class SegmentAdmin(VerbAdmin):
    """Segments by code."""

    resource = "segments"
    key = ("code",)
    says_when_empty = _("No segment yet: describe the first one, and see at once how many it holds.")
    openings: ClassVar[tuple[Opening, ...]] = (Opening(_("New segment"), "admin:campaigns_segment_draft"),)
    list_filter = (StatePick,)
    list_display = ("name", "code", "members_shown", "state_shown", "refreshed_shown", "note")
    list_display_links = ("name",)
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code"), lambda row: row.code),
        Column(_("name"), lambda row: row.name),
        Column(_("members"), lambda row: row.members),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("note"), lambda row: row.note),
    )
    fields = readonly_fields = ("code", "name", "members_shown", "refreshed_shown", "note")

    @display(description=_("members"))
    def members_shown(self, row: Segment) -> str:
        """Give how many it holds."""
        return numbers.grouped(row.members) if row.refreshed_at else _now("being counted")

    @display(description=_("state"), label={Segment.State.ACTIVE: "success", Segment.State.ENDED: "default"})
    def state_shown(self, row: Segment) -> tuple[str, str]:
        """Say how it stands."""
        return row.state, row.get_state_display()

    @display(description=_("refreshed at"))
    def refreshed_shown(self, row: Segment) -> str:
        """Say when everybody was last judged."""
        return people.moment(row.refreshed_at)

    def get_urls(self) -> list[URLPattern]:
        """Add the builder, and what is done from the page of a segment."""
        return [
            *SegmentBuilder(self).paths(),
            self.own_path("<int:pk>/snapshot/", self.snapshot_view, "snapshot"),
            self.own_path("<int:pk>/state/", self.state_view, "state"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a segment."""
        row: Segment = self.found(request, object_id)
        version = segments.newest(row)
        node = tree.read(version.conditions)
        at = clock.now()
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": row, "title": row.name,
            "version": version, "lines": list(wording.lines(node)), "may_change": self.may(request, "change"),
            "days": _chart(row, at), "today": clock.business_day(at),
            "versions": SegmentVersion.objects.filter(segment=row).select_related("by").order_by("-version")[:VERSIONS],
            "others": Segment.objects.exclude(pk=row.pk).order_by("code"),
            **self._why(request, version), **self._overlap(request, row), **self._past(request, node),
            **self._snapshots(request, row),
        }  # fmt: skip
        return TemplateResponse(request, "admin/campaigns/segment/page.html", context)

    def _why(self, request: HttpRequest, version: SegmentVersion) -> dict[str, Any]:
        number = request.GET.get("member_no", "").strip()
        if not number:
            return {}
        found = Member.objects.visible_to(request.user).filter(member_no=number).select_related("merged_into").first()
        if found is None:
            return {"number": number}
        day = _day(request.GET.get("on", ""))
        try:
            told = standing.why(version.conditions, found, day, clock.now())
        except Refused as refusal:
            return {"number": number, "on": day, "why_refused": str(refusal)}
        return {
            "number": number, "on": day, "one": found, "one_called": eyes().called(found), "held": told.held,
            "why": list(wording.told(told)),
        }  # fmt: skip

    def _overlap(self, request: HttpRequest, row: Segment) -> dict[str, Any]:
        other = Segment.objects.filter(code=request.GET.get("other", "")).exclude(pk=row.pk).first()
        return {"other": other, "overlap": standing.overlap(row, other)} if other else {}

    def _past(self, request: HttpRequest, node: tree.Node) -> dict[str, Any]:
        day = _day(request.GET.get("as_of", ""))
        if day is None:
            return {}
        try:
            return {"as_of": day, "as_of_count": segments.count(node, Moment.of(day, clock.now()))}
        except Refused as refusal:
            return {"as_of": day, "as_of_refused": str(refusal)}

    def _snapshots(self, request: HttpRequest, row: Segment) -> dict[str, Any]:
        rows = list(
            Snapshot.objects.filter(segment=row).defer("seats").select_related("by").order_by("-pk")[:SNAPSHOTS]
        )
        pair = [snapshot for name in ("one", "two") for snapshot in rows if snapshot.name == request.GET.get(name)]
        told = {"snapshots": rows}
        if len(pair) == 2:
            return {**told, "pair": pair, "difference": standing.difference(*pair)}
        return told

    @scoped("segments", "change")
    def snapshot_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Keep whom the segment holds, now or at the start of a past day."""
        row: Segment = self.found(request, pk)
        if request.method == "POST":
            try:
                taken = snapshots.take(
                    segment=row, name=request.POST.get("name", "").strip(), as_of=_day(request.POST.get("as_of", "")),
                    at=clock.now(), by=cast("User", request.user),
                )  # fmt: skip
                said = _now("The snapshot %(name)s holds %(count)s members.")
                messages.success(request, said % {"name": taken.name, "count": numbers.grouped(taken.members)})
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:campaigns_segment_change", row.pk)

    @scoped("segments", "change")
    def state_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the segment, or keep it fresh again."""
        row: Segment = self.found(request, pk)
        if request.method == "POST":
            act = verbs.resume if request.POST.get("do") == "resume" else verbs.end
            try:
                act(segment=row, at=clock.now(), by=cast("User", request.user))
            except Refused as refusal:
                messages.error(request, str(refusal))
        return redirect("admin:campaigns_segment_change", row.pk)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _chart(row: Segment, at: Any) -> dict[str, Any]:
    days = standing.days(row, clock.business_day(at), DAYS)
    return {
        "days": [f"{day.day:%m-%d}" for day in days], "entered": [day.entered for day in days],
        "left": [-day.left for day in days],
        "words": {"entered": pgettext("segment", "came in"), "left": pgettext("segment", "went out")},
    }  # fmt: skip
