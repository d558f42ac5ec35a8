"""What a version would have paid for the last months, beside those that counted: a page, and a file of everybody."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models import CommissionEntry, Policy
from guides.queries import simulating
from guides.queries.simulating import OfGuide, Simulated
from guides.queries.trials import draft_of
from newretail.kernel import clock, masking, money, scopes
from newretail.kernel.actions import exports
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbadmin import Column, export

MONTHS = (1, 3, 6, 12)
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
        """Show what a version would have paid for the last months that are over."""
        row: Policy = self.admin.found(request, pk)
        months = _months(request)
        told = _simulated(row, months)
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "original": row,
            "title": _now("What %(version)s would have paid") % {"version": row}, "told": told, "months": months,
            "offered": MONTHS, "chart": _chart(told), "by_month": told.months.items(),
            "kinds": [(KIND_WORDS[kind], pay) for kind, pay in told.kinds.items() if pay.now or pay.drafted],
            "sides": [(_now("Who would have more"), told.winners), (_now("Who would have less"), told.losers)],
            "shown": SHOWN, "can_export": scopes.may(request.user, "guide_pay", "export"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/guides/policy/simulation.html", context)

    @scoped("guide_policies", "change")
    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give everybody of it as a file, and write that down."""
        row: Policy = self.admin.found(request, pk)
        if not scopes.may(request.user, "guide_pay", "export"):
            raise PermissionDenied
        back = redirect("admin:guides_policy_simulation", row.pk)
        return export.take_out(request, back=back, write=partial(self._file, request, row))

    def _file(self, request: HttpRequest, row: Policy, form: str) -> HttpResponseBase:
        at, months = clock.now(), _months(request)
        told = _simulated(row, months)
        exports.take(
            noun=f"{self.admin.opts.label_lower}:simulation", filters=["months"], rows=len(told.guides), at=at,
            by=cast("User", request.user), most=FILE_MOST,
        )  # fmt: skip
        listed = Everybody(Policy.objects.none(), (), COLUMNS, masking.eyes(), found=tuple(told.guides))
        return export.whole(listed, form, f"simulation-{row.kind}-v{row.version}-{months}", at)


def _months(request: HttpRequest) -> int:
    return next((each for each in MONTHS if str(each) == request.GET.get("months")), MONTHS[1])


def _simulated(row: Policy, months: int) -> Simulated:
    first, last = simulating.last_months(clock.business_day(clock.now()), months)
    return simulating.simulate(draft_of(row.kind, row.terms), first=first, last=last)


def _chart(told: Simulated) -> dict[str, Any]:
    return {
        "months": [f"{month:%Y-%m}" for month in told.months],
        "now": [pay.now / 100 for pay in told.months.values()],
        "drafted": [pay.drafted / 100 for pay in told.months.values()],
        "words": {"now": _now("as it counts"), "drafted": _now("as drafted")},
    }
