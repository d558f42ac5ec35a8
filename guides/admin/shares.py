"""Shares of guides: which material went where, who shared it, how often its link was opened; as a list and a file."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Count, Max, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.admin.picks import RegionPick, StorePick
from guides.models import Share
from newretail.kernel import numbers
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, VerbAdmin, Written


class ChannelPick(ChoicePick):
    """By where it went."""

    title, parameter_name, field, offered = _("channel"), "channel", "channel", Share.Channel


class MaterialWritten(Written):
    """Of one material, by its code."""

    title, parameter, field = _("code of the material"), "material", "material__code"


class SharedSpan(DaySpan):
    """By the day it was shared."""

    title, parameter, field = _("shared at"), "shared", "at"


@admin.register(Share)
class ShareAdmin(VerbAdmin):
    """Shares, the newest first."""

    resource = "materials"
    key = ("-id",)
    says_when_empty = _("No guide has shared anything yet.")
    list_select_related = ("material", "post__user", "post__store")
    list_filter = (ChannelPick, MaterialWritten, SharedSpan, StorePick, RegionPick)
    list_display = ("material", "version_shown", "guide_shown", "store_shown", "channel", "at_shown", "opens_shown",
                    "last_shown")  # fmt: skip
    fields = readonly_fields = list_display
    search_fields = ("material__code__startswith", "material__title__contains")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("code of the material"), lambda row: row.material.code),
        Column(_("version"), lambda row: row.material.version),
        Column(_("title"), lambda row: row.material.title),
        Column(_("store"), lambda row: row.post.store.code if row.post.store else ""),
        Column(_("guide"), lambda row: row.post.user.staff_no),
        Column(_("channel"), lambda row: row.get_channel_display()),
        Column(_("shared at"), lambda row: people.moment(row.at)),
        Column(pgettext_lazy("count", "opens"), lambda row: row.opened),
        Column(_("last opened"), lambda row: people.moment(row.last_at)),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Count the openings of each."""
        return super().get_queryset(request).annotate(opened=Count("opens"), last_at=Max("opens__at"))

    @display(description=_("version"))
    def version_shown(self, row: Share) -> str:
        """Say which version it was."""
        return str(row.material.version)

    @display(description=_("guide"))
    def guide_shown(self, row: Share) -> str:
        """Name the guide."""
        return str(row.post.user)

    @display(description=_("store"))
    def store_shown(self, row: Share) -> str:
        """Name the store."""
        return str(row.post.store or "")

    @display(description=_("shared at"))
    def at_shown(self, row: Share) -> str:
        """Say when it was shared."""
        return people.moment(row.at)

    @display(description=pgettext_lazy("count", "opens"))
    def opens_shown(self, row: Any) -> str:
        """Say how often its link was opened."""
        return numbers.grouped(row.opened)

    @display(description=_("last opened"))
    def last_shown(self, row: Any) -> str:
        """Say when its link was opened last."""
        return people.moment(row.last_at)
