"""What a version would have paid for past months, beside those that counted: a page, and a file of everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.actions import pay_simulations
from guides.actions.pay_simulations import MOST_MONTHS, BadMonths
from guides.models import CommissionEntry, PaySimulation, Policy
from guides.queries import payroll, simulating
from guides.queries.simulating import OfGuide, Simulated
from newretail.kernel import clock, masking, money, scopes
from newretail.kernel.actions import exports
from newretail.kernel.doors import scoped
from newretail.kernel.failures import failure_in_words
from newretail.kernel.models import User
from newretail.kernel.verbadmin import Column, export
from newretail.kernel.verbs import Refused

MONTHS = (1, 3, 6, 12)
OFFERED = 36  # months that are over, to choose from
KEPT = 20  # simulations of a version that its page leads to
SHOWN = 20  # of those who would have most more, and most less
FILE_MOST = 100_000  # rows of one file
KIND_WORDS: dict[str, Any] = {
    "line": CommissionEntry.Kind.ACCRUE.label, "bounty": CommissionEntry.Kind.BOUNTY.label,
    "task": CommissionEntry.Kind.TASK.label, "step": CommissionEntry.Kind.STEP.label,
    "cap": CommissionEntry.Kind.CAP.label,
}  # fmt: skip
COLUMNS = (
    Column(_("staff no."), lambda row: row.staff_no),
    Column(_("guide"), lambda row: row.name),
    Column(_("store"), lambda row: row.store),
    Column(_("as it counts"), lambda row: money.to_yuan(row.pay.now), money=True),
    Column(_("as drafted"), lambda row: money.to_yuan(row.pay.drafted), money=True),
    Column(pgettext_lazy("pay", "difference"), lambda row: money.to_yuan(row.pay.change), money=True),
)


@dataclass(frozen=True)
class Everybody(export.Listed):
    """Everybody of a simulation, to be written."""

    found: tuple[OfGuide, ...] = ()

    def rows(self) -> Iterator[list[OfGuide]]:
        """Give them all at once: guides are few."""
        yield list(self.found)


class Simulations:
    """The page and the file of a version's simulation, beside the list of versions (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give their addresses."""
        return [
            self.admin.own_path("<int:pk>/simulation/", self.page_view, "simulation"),
            self.admin.own_path("<int:pk>/simulation/export/", self.export_view, "simulation_export"),
        ]

    @scoped("guide_policies", "change")
    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a version would have paid for past months, as a worker reckoned it; let others be asked for."""
        row: Policy = self.admin.found(request, pk)
        if request.method == "POST":
            return self._ask(request, row)
        asked = list(simulating.asked_of(row)[:KEPT])
        shown = _shown(request, asked)
        first, last = (shown.first, shown.through) if shown else _last_months(MONTHS[1])
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "original": row,
            "title": _now("What %(version)s would have paid") % {"version": row}, "asked": asked, "shown": shown,
            "offered": MONTHS, "from": first, "to": last, "choices": _choices(),
            **(_told(shown) if shown and shown.told else {}),
            "failure": failure_in_words(shown.run) if shown and shown.run else None,
            "can_export": scopes.may(request.user, "guide_pay", "export"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/guides/policy/simulation.html", context)

    def _ask(self, request: HttpRequest, row: Policy) -> HttpResponse:
        first, last = _span(request.POST)
        try:
            asked = ask_for(row, first, last, cast("User", request.user))
        except Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:guides_policy_simulation", row.pk)
        return redirect(address(asked))

    @scoped("guide_policies", "change")
    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give everybody of one as a file, and write that down."""
        row: Policy = self.admin.found(request, pk)
        if not scopes.may(request.user, "guide_pay", "export"):
            raise PermissionDenied
        shown = _shown(request, list(simulating.asked_of(row).filter(told__isnull=False)[:KEPT]))
        back = redirect(address(shown) if shown else reverse("admin:guides_policy_simulation", args=[row.pk]))
        if shown is None:
            return back
        return export.take_out(request, back=back, write=partial(self._file, request, shown))

    def _file(self, request: HttpRequest, shown: PaySimulation, form: str) -> HttpResponseBase:
        at, row = clock.now(), shown.policy
        told = simulating.read(shown.told or {}, first=shown.first, last=shown.last)
        exports.take(
            noun=f"{self.admin.opts.label_lower}:simulation", filters=["months"], rows=len(told.guides), at=at,
            by=cast("User", request.user), most=FILE_MOST,
        )  # fmt: skip
        listed = Everybody(Policy.objects.none(), (), COLUMNS, masking.eyes(), found=tuple(told.guides))
        name = f"simulation-{row.kind}-v{row.version}-{shown.first:%Y-%m}-{shown.through:%Y-%m}"
        return export.whole(listed, form, name, at)


def ask_for(row: Policy, first: date | None, through: date | None, by: User) -> PaySimulation:
    """Ask for the simulation of a version on the months from one through another.

    Refuses: BadMonths.
    """
    if first is None or through is None:
        raise BadMonths(most=MOST_MONTHS)
    return pay_simulations.ask(policy=row, first=first, last=clock.month_after(through), at=clock.now(), by=by)


def ask_for_last(row: Policy, by: User) -> PaySimulation:
    """Ask for the simulation of a version on the last months that are over."""
    return ask_for(row, *_last_months(MONTHS[1]), by)


def address(simulation: PaySimulation) -> str:
    """Give the address of a simulation: that of its version, with its months."""
    page = reverse("admin:guides_policy_simulation", args=[simulation.policy_id])
    return f"{page}?from={simulation.first:%Y-%m}&to={simulation.through:%Y-%m}"


def _last_months(count: int) -> tuple[date, date]:
    today = clock.business_day(clock.now())
    return clock.month_before(today, count), clock.month_before(today)


def _choices() -> list[date]:
    """List the months that can be chosen, the newest first."""
    today = clock.business_day(clock.now())
    return [clock.month_before(today, count) for count in range(1, OFFERED + 1)]


def _span(given: QueryDict) -> tuple[date | None, date | None]:
    """Read the first and the last month that are meant: so many last ones, or from one through another."""
    last = next((each for each in MONTHS if str(each) == given.get("months")), None)
    if last:
        return _last_months(last)
    return payroll.month_named(given.get("from", "")), payroll.month_named(given.get("to", ""))


def _shown(request: HttpRequest, asked: list[PaySimulation]) -> PaySimulation | None:
    """Choose the one that is meant: the newest of these months, else the newest of all."""
    span = _span(request.GET)
    return next((one for one in asked if (one.first, one.through) == span), asked[0] if asked else None)


def _told(shown: PaySimulation) -> dict[str, Any]:
    told = simulating.read(shown.told or {}, first=shown.first, last=shown.last)
    return {
        "told": told, "chart": _chart(told), "by_month": told.months.items(),
        "kinds": [(KIND_WORDS[kind], pay) for kind, pay in told.kinds.items() if pay.now or pay.drafted],
        "sides": [(_now("Who would have more"), told.winners), (_now("Who would have less"), told.losers)],
        "most": SHOWN,
    }  # fmt: skip


def _chart(told: Simulated) -> dict[str, Any]:
    return {
        "months": [f"{month:%Y-%m}" for month in told.months],
        "now": [pay.now / 100 for pay in told.months.values()],
        "drafted": [pay.drafted / 100 for pay in told.months.values()],
        "words": {"now": _now("as it counts"), "drafted": _now("as drafted")},
    }
