"""The list of phones shown whole: who, whose, when, what for."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.admin.duplicates import linked
from members.models import PhoneReveal
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, VerbAdmin


class ReasonPick(ChoicePick):
    """By reason."""

    title, parameter_name, field, offered = _("reason"), "reason", "reason", PhoneReveal.Reason


class RevealedSpan(DaySpan):
    """By the day."""

    title, parameter, field = _("revealed at"), "revealed", "revealed_at"


@admin.register(PhoneReveal)
class PhoneRevealAdmin(VerbAdmin):
    """Phones shown whole, newest first; the phones themselves are not here."""

    resource = "phone_reveals"
    says_when_empty = _("Nobody has looked at a whole phone yet. Each look leaves its line here, with the reason.")
    key = ("-id",)
    list_select_related = ("by", "member")
    list_filter = (ReasonPick, RevealedSpan)
    list_display = ("moment", "by", "whose", "reason_shown", "note", "nth_shown")
    search_fields = ("by__username", "member__member_no")
    search_help_text = _("User name or member no.")
    fields = ("moment", "by", "whose", "reason_shown", "note", "nth_shown")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("revealed at"), lambda row: people.moment(row.revealed_at)),
        Column(_("by"), lambda row: row.by),
        Column(_("member no."), lambda row: row.member.member_no),
        Column(_("reason"), lambda row: row.get_reason_display()),
        Column(_("in words"), lambda row: row.note),
        Column(_("reveal of the day"), lambda row: row.nth),
    )

    @display(description=_("revealed at"))
    def moment(self, row: PhoneReveal) -> str:
        """Say when."""
        return people.moment(row.revealed_at)

    @display(description=_("member"))
    def whose(self, row: PhoneReveal) -> str:
        """Name the member, with a way to her page."""
        return linked(row.member)

    @display(description=_("reason"))
    def reason_shown(self, row: PhoneReveal) -> str:
        """Say what for."""
        return row.get_reason_display()

    @display(description=_("reveal of the day"))
    def nth_shown(self, row: PhoneReveal) -> str:
        """Say the how-manieth of hers that day."""
        return str(row.nth)
