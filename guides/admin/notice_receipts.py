"""Receipts of notices: who was told of which notice when, who has read it, who was reminded; as a list and a file."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.admin.picks import RegionPick, StorePick
from guides.models import NoticeReceipt
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Pick, VerbAdmin, Written


class ReadPick(Pick):
    """By whether it was read."""

    title, parameter_name = _("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer unread and read."""
        return [("unread", _("unread")), ("read", pgettext_lazy("notice", "read"))]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep those that wait, of who still serves, or those that were read."""
        waiting = queryset.filter(read_at__isnull=True, post__until__isnull=True)
        return waiting if value == "unread" else queryset.filter(read_at__isnull=False)


class NoticeWritten(Written):
    """Of one notice, by its number."""

    title, parameter, field = _("number of the notice"), "notice", "notice__ref"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep the receipts of the notice with this number; what is no number is refused."""
        try:
            UUID(self.says or "0" * 32)
        except ValueError:
            raise IncorrectLookupParameters(self.parameter) from None
        return super().queryset(request, queryset)


@admin.register(NoticeReceipt)
class NoticeReceiptAdmin(VerbAdmin):
    """Receipts, the newest first; who takes them out gets the filters in force."""

    resource = "notices"
    key = ("-id",)
    says_when_empty = _("No notice was sent yet.")
    list_select_related = ("notice", "post__user", "post__store__region")
    list_filter = (ReadPick, StorePick, RegionPick, NoticeWritten)
    list_display = ("notice", "store_shown", "who_shown", "role_shown", "delivered_shown", "read_shown", "reminders")
    search_fields = ("notice__title__contains", "post__user__staff_no")
    fields = ("notice", "store_shown", "who_shown", "role_shown", "delivered_shown", "read_shown", "reminders",
              "reminded_shown")  # fmt: skip
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("notice"), lambda row: row.notice.title),
        Column(_("region"), lambda row: row.post.store.region or ""),
        Column(_("store"), lambda row: row.post.store.code),
        Column(_("staff no."), lambda row: row.post.user.staff_no),
        Column(_("reader"), lambda row: row.post.user),
        Column(_("role"), lambda row: row.post.get_role_display()),
        Column(_("delivered at"), lambda row: people.moment(row.delivered_at)),
        Column(_("read at"), lambda row: people.moment(row.read_at) if row.read_at else ""),
        Column(_("reminders"), lambda row: row.reminders),
    )

    @display(description=_("store"))
    def store_shown(self, row: NoticeReceipt) -> str:
        """Name the store."""
        return str(row.post.store)

    @display(description=_("reader"))
    def who_shown(self, row: NoticeReceipt) -> str:
        """Name who reads it, by name and number."""
        return f"{row.post.user} {row.post.user.staff_no or ''}".strip()

    @display(description=_("role"))
    def role_shown(self, row: NoticeReceipt) -> str:
        """Say as what she was told."""
        return row.post.get_role_display()

    @display(description=_("delivered at"))
    def delivered_shown(self, row: NoticeReceipt) -> str:
        """Say when it came."""
        return people.moment(row.delivered_at)

    @display(description=_("read at"))
    def read_shown(self, row: NoticeReceipt) -> str:
        """Say when she read it."""
        return people.moment(row.read_at)

    @display(description=_("last reminded at"))
    def reminded_shown(self, row: NoticeReceipt) -> str:
        """Say when she was last reminded."""
        return people.moment(row.last_reminded_at)
