"""What other systems brought: refunds that wait for their order, events of members."""

from typing import ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from members.models import Event, ParkedRefund
from newretail.kernel import money, numbers
from newretail.kernel.files import reasons
from newretail.kernel.masking import eyes
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, VerbAdmin
from newretail.kernel.words import in_words

TONES = {"waiting": "info", "applied": "success", "refused": "danger", "expired": "danger"}


class ParkedPick(ChoicePick):
    """By what became of the waiting."""

    title, parameter_name, field, offered = _("state"), "state", "state", ParkedRefund.State


class ParkedSpan(DaySpan):
    """By the day it came."""

    title, parameter, field = _("parked at"), "parked", "parked_at"


@admin.register(ParkedRefund)
class ParkedRefundAdmin(VerbAdmin):
    """Refunds that came before their order, the newest first."""

    resource = "imports"
    says_when_empty = _("No refund has come before its order. One that does waits here until the order comes.")
    key = ("-id",)
    list_filter = (ParkedPick, ParkedSpan)
    search_fields = ("order_no__iexact", "refund_no__iexact")
    search_help_text = _("Order no. or refund no.")
    list_display = ("order_no", "refund_no", "line_no", "amount", "state_shown", "why", "parked", "settled")
    fields = ("source", "order_no", "refund_no", "line_no", "amount", "state", "why", "parked", "settled")
    readonly_fields = fields
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("source"), lambda row: row.source),
        Column(_("order no."), lambda row: row.order_no),
        Column(_("refund no."), lambda row: row.refund_no),
        Column(_("line no."), lambda row: row.line_no),
        Column(_("amount"), lambda row: money.to_yuan(row.amount_cents)),
        Column(_("state"), lambda row: row.get_state_display()),
        Column(_("parked at"), lambda row: people.moment(row.parked_at)),
    )

    @display(description=_("amount"))
    def amount(self, row: ParkedRefund) -> str:
        """Write the amount."""
        return money.to_yuan(row.amount_cents)

    @display(description=_("state"), label=TONES)
    def state_shown(self, row: ParkedRefund) -> tuple[str, str]:
        """Show the state as a badge."""
        return row.state, row.get_state_display()

    @display(description=_("reason"))
    def why(self, row: ParkedRefund) -> str:
        """Say why the books refused it."""
        return reasons.sentence(row.reason) if row.reason else numbers.DASH

    @display(description=_("parked at"))
    def parked(self, row: ParkedRefund) -> str:
        """Say since when it waits."""
        return people.moment(row.parked_at)

    @display(description=_("settled at"))
    def settled(self, row: ParkedRefund) -> str:
        """Say when its waiting ended."""
        return people.moment(row.settled_at) if row.settled_at else numbers.DASH


class HappenedSpan(DaySpan):
    """By the day."""

    title, parameter, field = _("happened at"), "happened", "happened_at"


@admin.register(Event)
class EventAdmin(VerbAdmin):
    """What members did, as other systems told it."""

    resource = "events"
    says_when_empty = _("No event has been told yet. Other systems tell pages viewed, materials opened, sign-ins here.")
    key = ("-id",)
    list_select_related = ("member",)
    list_filter = (HappenedSpan,)
    search_fields = ("member__member_no", "kind")
    search_help_text = _("Member no. or kind of event")
    list_display = ("moment", "whose", "kind_shown", "subject", "channel", "source")
    fields = (*list_display, "event_no", "data_shown")
    readonly_fields = fields

    @display(description=_("happened at"))
    def moment(self, row: Event) -> str:
        """Say when."""
        return people.moment(row.happened_at)

    @display(description=_("member"))
    def whose(self, row: Event) -> str:
        """Call the member."""
        return f"{eyes().called(row.member)} {row.member.member_no}"

    @display(description=_("kind"))
    def kind_shown(self, row: Event) -> str:
        """Say what she did."""
        return in_words(row.kind)

    @display(description=_("data"))
    def data_shown(self, row: Event) -> str:
        """Write what was told beside."""
        return "; ".join(f"{name}: {text}" for name, text in row.data.items()) or numbers.DASH
