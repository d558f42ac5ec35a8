"""The ledger of touches as a list, a touch with all that was heard of it, and what a member got, missed and why."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.admin.consents import ChannelPick, OfMembers, PurposePick
from members.models import Touch
from members.queries import capping, families
from newretail.kernel import clock, numbers
from newretail.kernel import money as cents
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.templatetags import people
from newretail.kernel.templatetags.people import money
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, Written, origins

SHOWN = 100
TONES: dict[str, str] = {
    **dict.fromkeys(Touch.WENT_OUT, "success"), "planned": "info", "held": "warning", "suppressed": "default",
    "claimed": "warning", "waiting": "warning", "failed": "danger", "unknown": "warning", "refused": "danger",
    "over_quota": "danger", "bounced": "danger",
}  # fmt: skip


class StatePick(ChoicePick):
    """By state."""

    title, parameter_name, field, offered = _("state"), "state", "state", Touch.State


class ReasonPick(ChoicePick):
    """By reason."""

    title, parameter_name, field, offered = _("reason"), "reason", "reason", Touch.Reason


class PlannedSpan(DaySpan):
    """By the day it is planned for."""

    title, parameter, field = _("planned for"), "planned", "planned_for"


class SourceWritten(Written):
    """Of one plan."""

    title, parameter, field = _("planned by"), "source", "source"


@admin.register(Touch)
class TouchAdmin(OfMembers):
    """Touches with what became of them, the newest first."""

    resource = "touches"
    says_when_empty = _("No touch is planned yet.")
    list_filter = (StatePick, ReasonPick, ChannelPick, PurposePick, PlannedSpan, SourceWritten)
    list_display = ("moment", "whose", "channel", "purpose", "source", "state_shown", "reason_shown", "settled_shown")
    fields = (
        "ref", "whose", "channel", "purpose", "source", "says", "guide", "priority", "moment", "state", "reason_shown",
        "held_shown", "drop_shown", "claimed_shown", "settled_shown", "cost_shown", "heard",
    )  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("our number"), lambda row: str(row.ref)),
        Column(_("planned for"), lambda row: people.moment(row.planned_for)),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("touch channel"), lambda row: row.get_channel_display()),
        Column(_("purpose"), lambda row: row.get_purpose_display()),
        Column(_("planned by"), lambda row: row.source),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("reason"), lambda row: row.get_reason_display()),
        Column(_("cost"), lambda row: cents.to_yuan(row.cost_cents), money=True),
    )

    @display(description=_("planned for"))
    def moment(self, row: Touch) -> str:
        """Say when it is to go out."""
        return people.moment(row.planned_for)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: Touch) -> tuple[str, str]:
        """Show how it stands as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("reason"))
    def reason_shown(self, row: Touch) -> str:
        """Say why it did not go out."""
        return row.get_reason_display() or numbers.DASH

    @display(description=_("settled at"))
    def settled_shown(self, row: Touch) -> str:
        """Say when it ended."""
        return people.moment(row.settled_at) if row.settled_at else numbers.DASH

    @display(description=_("claimed at"))
    def claimed_shown(self, row: Touch) -> str:
        """Say when it was taken to be sent."""
        return people.moment(row.claimed_at) if row.claimed_at else numbers.DASH

    @display(description=_("held back until"))
    def held_shown(self, row: Touch) -> str:
        """Say when it is judged again."""
        return people.moment(row.held_until) if row.held_until else numbers.DASH

    @display(description=_("dropped after"))
    def drop_shown(self, row: Touch) -> str:
        """Say until when it is tried."""
        return people.moment(row.drop_after) if row.drop_after else numbers.DASH

    @display(description=_("guide"))
    def guide(self, row: Touch) -> str:
        """Name the guide in whose name it goes out."""
        return str(row.post or numbers.DASH)

    @display(description=_("cost"))
    def cost_shown(self, row: Touch) -> str:
        """Say what it cost."""
        return money(row.cost_cents)

    @display(description=_("touch content"))
    def says(self, row: Touch) -> str:
        """Show what it says, with its places unfilled."""
        return row.content.body if row.content else numbers.DASH

    @display(description=_("what was heard of it"))
    def heard(self, row: Touch) -> str:
        """List what was heard of it, in the order of time."""
        told = row.receipts.order_by("at", "pk")
        return " · ".join(f"{each.get_kind_display()} {people.moment(each.at)}" for each in told) or numbers.DASH


class TouchesOfMember:
    """The page of a member's touches, beside those of the list of members (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give its address."""
        return [self.admin.own_path("<path:object_id>/touches/", self.page_view, "touches")]

    @scoped("touches")
    def page_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what she was sent, what is held back, what was suppressed, why, and how she stands with the caps."""
        row = self.admin.found(request, object_id)
        rows = Touch.objects.filter(member__in=families.ids_of(row))
        ahead = rows.filter(settled_at__isnull=True).order_by("planned_for", "pk")[:SHOWN]
        over = rows.filter(settled_at__isnull=False).order_by("-planned_for", "-pk")[:SHOWN]
        named = origins.names(touch.source for touch in (*ahead, *over))
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "original": row,
            "title": gettext("Touches of %(member)s") % {"member": eyes().called(row)},
            "ahead": [(touch, named[touch.source]) for touch in ahead],
            "over": [(touch, named[touch.source]) for touch in over],
            "stands": capping.standing(row, clock.now()), "tones": TONES,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/member/touches.html", context)
