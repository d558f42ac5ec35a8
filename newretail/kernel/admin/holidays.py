"""The brand's calendar: festivals by year, edited by those who may, each edit taken back with one click."""

from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from newretail.kernel import clock, festivals, numbers
from newretail.kernel.actions import holidays
from newretail.kernel.doors import scoped
from newretail.kernel.importers import HOLIDAYS
from newretail.kernel.models import Holiday, User
from newretail.kernel.scopes import Action
from newretail.kernel.verbadmin import ChoicePick, Column, DaySpan, Pick
from newretail.kernel.verbadmin.editing import RowAdmin, RowForm
from newretail.kernel.verbadmin.tables import TableAdmin
from newretail.kernel.verbs import Refused

KIND_TONES = {"statutory": "danger", "lunar": "warning", "commercial": "info", "brand": "primary"}


class YearPick(Pick):
    """By year."""

    title, parameter_name, field = _("year"), "year", "year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the years that are filled."""
        years = Holiday.objects.order_by("-year").values_list("year", flat=True).distinct()
        return [(str(year), str(year)) for year in years]


class HolidayKindPick(ChoicePick):
    """By kind."""

    title, parameter_name, field, offered = _("kind"), "kind", "kind", Holiday.Kind


class SourcePick(ChoicePick):
    """By where its days come from."""

    title, parameter_name, field, offered = _("source"), "source", "source", Holiday.Source


class FirstDaySpan(DaySpan):
    """By the first day."""

    title, parameter, field, instant = _("first day"), "from", "first_on", False


class HolidayForm(RowForm):
    """A festival of one year."""

    sheet = HOLIDAYS
    record = staticmethod(holidays.record)

    class Meta:
        """What each field means."""

        model = Holiday
        fields = (
            "family",
            "year",
            "name_zh",
            "name_en",
            "kind",
            "day",
            "first_on",
            "last_on",
            "is_off",
            "worked",
            "yearly",
        )
        widgets = {"worked": UnfoldAdminTextInputWidget}
        help_texts = {
            "family": _("A word of small letters, digits and underscores that names it in every year: anniversary."),
            "year": _("What leads up to Spring Festival counts to the year of that festival."),
            "day": _("Years are compared by this day."),
            "is_off": _("Nobody works on the days from first to last."),
            "worked": _("Days as 2026-02-14, apart by commas."),
            "yearly": _("A day of the brand's own comes again each year on the same date."),
        }  # fmt: skip


@admin.register(Holiday)
class HolidayAdmin(TableAdmin, RowAdmin):
    """Festivals by their first day, the latest first."""

    resource = "holidays"
    kind = "holidays"
    offers: ClassVar[dict[str, Action]] = {"add": "change", "import": "change"}
    form = HolidayForm
    line = ("kernel.holiday.recorded", "kernel.holiday.taken_back")
    key = ("-first_on", "-id")
    fields = HolidayForm.Meta.fields
    list_filter = (YearPick, HolidayKindPick, SourcePick, FirstDaySpan)
    list_display = ("name_shown", "year", "kind_shown", "day_shown", "span_shown", "worked_shown", "source_shown")
    search_fields = ("name_zh__startswith", "name_en__istartswith", "family__startswith")
    search_help_text = _("Name, from its beginning")
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column("family", lambda row: row.family),
        Column("year", lambda row: row.year),
        Column("day", lambda row: row.day),
        Column("name_zh", lambda row: row.name_zh),
        Column("name_en", lambda row: row.name_en),
        Column("kind", lambda row: row.kind),
        Column("first_on", lambda row: row.first_on),
        Column("last_on", lambda row: row.last_on),
        Column("is_off", lambda row: "yes" if row.is_off else "no"),
        Column("worked", lambda row: ";".join(map(str, row.worked))),
        Column("yearly", lambda row: "yes" if row.yearly else "no"),
    )

    @display(description=_("holiday"))
    def name_shown(self, row: Holiday) -> str:
        """Name it."""
        return row.name

    @display(description=_("kind"), label=KIND_TONES)
    def kind_shown(self, row: Holiday) -> tuple[str, str]:
        """Show the kind as a badge."""
        return row.kind, row.get_kind_display()

    @display(description=_("the day itself"))
    def day_shown(self, row: Holiday) -> str:
        """Say the day."""
        return row.day.isoformat()

    @display(description=_("from – to"))
    def span_shown(self, row: Holiday) -> str:
        """Say the span, and whether its days are off."""
        days = (row.last_on - row.first_on).days + 1
        span = f"{row.first_on} – {row.last_on:%m-%d} ({days})" if days > 1 else str(row.first_on)
        return f"{span} {gettext('off') if row.is_off else ''}".strip()

    @display(description=_("weekend days worked"))
    def worked_shown(self, row: Holiday) -> str:
        """List the weekend days worked."""
        return " · ".join(f"{day:%m-%d}" for day in row.worked) or numbers.DASH

    @display(description=_("source"))
    def source_shown(self, row: Holiday) -> str:
        """Say whether it was edited, and whether the year is still provisional."""
        if row.provisional:
            told = gettext("Days off by law; the decree for this year is not known yet.")
            return format_html('{} <span class="hq-state hq-warning" title="{}">{}</span>',
                               row.get_source_display(), told, gettext("provisional"))  # fmt: skip
        return row.get_source_display()

    def get_urls(self) -> list[URLPattern]:
        """Add the way back to what was computed."""
        own = self.admin_site.admin_view(self.take_back_view)
        own.model_admin = self
        return [path("<path:object_id>/take_back/", own, name="kernel_holiday_take_back"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Offer to take an edit back."""
        row = context.get("original")
        if row and row.source == Holiday.Source.EDITED and self.may(request, "change"):
            ruled = row.family in festivals.FAMILIES
            context["take_back"] = reverse("admin:kernel_holiday_take_back", args=[row.pk])
            context["take_back_says"] = (
                gettext("Its days are computed again.") if ruled else gettext("It goes, with its repetitions.")
            )
        return super().render_change_form(request, context, *args, **kwargs)

    @scoped("holidays", "change")
    def take_back_view(self, request: HttpRequest, object_id: str) -> HttpResponseBase:
        """Take an edit back."""
        row = self.found(request, object_id)
        if request.method != "POST":
            return redirect("admin:kernel_holiday_change", object_id)
        try:
            by = cast("User", request.user)
            holidays.take_back(family=row.family, year=row.year, at=clock.now(), by=by)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, gettext("%(name)s: the edit is taken back.") % {"name": row})
        return redirect("admin:kernel_holiday_changelist")
