"""Statements: what a month comes to for a person, with the lines that say why; what each person's account holds."""

from typing import Any, ClassVar, cast

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import display

from guides.admin import months
from guides.admin.pay import OPENINGS, ServesPick, number_of, who, why
from guides.models import CommissionAccount, CommissionEntry, CommissionStatement
from guides.queries import payroll
from newretail.kernel import money
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Opening, Pick, VerbAdmin

LINES_SHOWN = 200  # the list of lines shows them all


class HolderPick(ServesPick):
    """The same, of accounts."""

    person = "user"


class ReviewedPick(Pick):
    """By whether a manager agreed."""

    title, parameter_name = _("reviewed"), "reviewed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer both."""
        return [("yes", _("reviewed")), ("no", _("not reviewed"))]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep those that wait, or those that do not."""
        return queryset.filter(reviewed_at__isnull=value == "no")


class DebtPick(Pick):
    """By whether anything is owed."""

    title, parameter_name = _("debt"), "debt"
    owes = Q(debt_cents__gt=0)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Offer those with a debt."""
        return [("yes", _("with a debt"))]

    def narrow(self, queryset: QuerySet[Any], value: str) -> QuerySet[Any]:
        """Keep those that have to do with a debt."""
        return queryset.filter(self.owes)


class StatedDebtPick(DebtPick):
    """By whether a debt stands after it, or was paid back in it."""

    owes = Q(debt_cents__gt=0) | Q(recovered_cents__gt=0)


class StatedMonth(months.MonthWritten):
    """By the month."""

    field = "month__month"


@admin.register(CommissionStatement)
class CommissionStatementAdmin(VerbAdmin):
    """Statements, the newest first."""

    resource = "guide_pay"
    key = ("-id",)
    says_when_empty = _("No month of commission is computed yet.")
    openings: ClassVar[tuple[Opening, ...]] = OPENINGS
    change_form_outer_after_template = "admin/guides/commissionstatement/after.html"
    list_select_related = ("month", "account__user", "reviewed_by")
    list_filter = (StatedMonth, ServesPick, ReviewedPick, StatedDebtPick)
    list_display = ("month", "person", "earned", "recovered", "owed", "gross", "debt", "lines", "reviewed")
    search_fields = ("account__user__staff_no", "account__user__name__startswith")
    search_help_text = _("Staff no. or name")
    fields = readonly_fields = list_display
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("month"), lambda row: str(row.month)),
        Column(_("staff no."), number_of),
        Column(_("guide"), who),
        Column(_("earned in the month"), lambda row: money.to_yuan(row.earned_cents), money=True),
        Column(_("debt recovered"), lambda row: money.to_yuan(row.recovered_cents), money=True),
        Column(_("carried as debt"), lambda row: money.to_yuan(row.owed_cents), money=True),
        Column(_("gross pay"), lambda row: money.to_yuan(row.gross_cents), money=True),
        Column(_("debt after it"), lambda row: money.to_yuan(row.debt_cents), money=True),
        Column(_("lines"), lambda row: row.lines),
        Column(_("reviewed at"), lambda row: people.moment(row.reviewed_at)),
    )

    @display(description=_("guide"))
    def person(self, row: CommissionStatement) -> str:
        """Name the person."""
        return who(row)

    @display(description=_("earned in the month"))
    def earned(self, row: CommissionStatement) -> str:
        """Write what was earned."""
        return people.money(row.earned_cents)

    @display(description=_("debt recovered"))
    def recovered(self, row: CommissionStatement) -> str:
        """Write what was paid back of a debt."""
        return people.money(row.recovered_cents)

    @display(description=_("carried as debt"))
    def owed(self, row: CommissionStatement) -> str:
        """Write what the month could not bear."""
        return people.money(row.owed_cents)

    @display(description=_("gross pay"))
    def gross(self, row: CommissionStatement) -> str:
        """Write what is paid."""
        return people.money(row.gross_cents)

    @display(description=_("debt after it"))
    def debt(self, row: CommissionStatement) -> str:
        """Write what is owed after it."""
        return people.money(row.debt_cents)

    @display(description=_("reviewed"))
    def reviewed(self, row: CommissionStatement) -> str:
        """Say who agreed, and when."""
        if row.reviewed_at is None:
            return _now("not reviewed")
        return f"{row.reviewed_by} · {people.moment(row.reviewed_at)}"

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show the lines that come to it, each with what it was reckoned from."""
        row: CommissionStatement | None = context.get("original")
        if row is not None:
            entries = payroll.earning(CommissionEntry.objects.filter(account=row.account_id, month=row.month.month))
            lines = list(entries.select_related("order", "policy").order_by("id")[:LINES_SHOWN])
            context |= {"entries": [(each, why(each)) for each in lines], "staff_no": number_of(row),
                        "more": row.lines > len(lines)}  # fmt: skip
        return super().render_change_form(request, context, *args, **kwargs)


def _held(name: str) -> Column:
    """Write what an account holds as a column."""
    title = cast("Any", CommissionAccount._meta.get_field(name)).verbose_name
    return Column(title, lambda row: money.to_yuan(getattr(row, name)), money=True)


@admin.register(CommissionAccount)
class CommissionAccountAdmin(VerbAdmin):
    """What each person has at the moment, by whoever came first."""

    resource = "guide_pay"
    key = ("id",)
    says_when_empty = _("Nobody has earned commission yet.")
    openings: ClassVar[tuple[Opening, ...]] = OPENINGS
    list_select_related = ("user",)
    list_filter = (HolderPick, DebtPick)
    list_display = ("person", "provisional", "vested", "payable", "paid", "debt", "way_shown")
    search_fields = ("user__staff_no", "user__name__startswith")
    search_help_text = _("Staff no. or name")
    fields = readonly_fields = list_display[:-1]
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(_("staff no."), number_of),
        Column(_("guide"), who),
        *(_held(name) for name in ("provisional_cents", "vested_cents", "payable_cents", "paid_cents", "debt_cents")),
    )

    @display(description=_("guide"))
    def person(self, row: CommissionAccount) -> str:
        """Name the person."""
        return who(row)

    @display(description=pgettext_lazy("commission", "provisional"))
    def provisional(self, row: CommissionAccount) -> str:
        """Write what waits for the end of return windows."""
        return people.money(row.provisional_cents)

    @display(description=pgettext_lazy("commission", "vested"))
    def vested(self, row: CommissionAccount) -> str:
        """Write what waits for the close of its month."""
        return people.money(row.vested_cents)

    @display(description=pgettext_lazy("commission", "to be paid"))
    def payable(self, row: CommissionAccount) -> str:
        """Write what waits for its payment."""
        return people.money(row.payable_cents)

    @display(description=pgettext_lazy("commission", "paid"))
    def paid(self, row: CommissionAccount) -> str:
        """Write what was paid."""
        return people.money(row.paid_cents)

    @display(description=pgettext_lazy("commission", "debt"))
    def debt(self, row: CommissionAccount) -> str:
        """Write what is owed."""
        return people.money(row.debt_cents)

    @display(description="")
    def way_shown(self, row: CommissionAccount) -> str:
        """Lead to the lines."""
        address = reverse("admin:guides_commissionentry_changelist")
        return format_html('<a class="hq-link" href="{}?staff={}">{}</a>', address, number_of(row), _("Lines"))
