"""Schemes of levels: their versions, the matrix of a version to edit, what it would do, the day it counts from."""

from datetime import date
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from members.actions import level_schemes
from members.admin import scheme_cells
from members.admin.movers import Movers
from members.models import CouponPlan, Level, LevelScheme, SchemeStart
from members.queries import arrived, schemes, simulations
from members.queries.schemes import BadScheme
from members.queries.simulations import Simulation
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import Column, Opening, VerbAdmin
from newretail.kernel.verbs import Refused

PLANS_OFFERED = 200


@admin.register(LevelScheme)
class LevelSchemeAdmin(VerbAdmin):
    """Versions of the scheme, the newest first."""

    resource = "levels"
    key = ("-version",)
    says_when_empty = gettext_lazy("No scheme yet: record levels, then keep the first version.")
    openings: ClassVar[tuple[Opening, ...]] = (
        Opening(gettext_lazy("Write the next version"), "admin:members_levelscheme_draft"),
    )
    list_select_related = ("start", "by")
    list_display = ("version_shown", "starts_shown", "kept_shown", "by", "note")
    list_display_links = ("version_shown",)
    export_columns: ClassVar[tuple[Column, ...]] = (
        Column(gettext_lazy("version"), lambda row: row.version),
        Column(gettext_lazy("starts on"), lambda row: row.start.starts_on if hasattr(row, "start") else ""),
        Column(gettext_lazy("kept at"), lambda row: people.moment(row.kept_at)),
        Column(gettext_lazy("note"), lambda row: row.note),
    )

    @display(description=gettext_lazy("version"))
    def version_shown(self, row: LevelScheme) -> str:
        """Give its number."""
        return f"v{row.version}"

    @display(description=gettext_lazy("starts on"))
    def starts_shown(self, row: LevelScheme) -> str:
        """Say from when it counts, or that it is a draft."""
        return f"{row.start.starts_on:%Y-%m-%d}" if hasattr(row, "start") else _("draft")

    @display(description=gettext_lazy("kept at"))
    def kept_shown(self, row: LevelScheme) -> str:
        """Say when it was kept."""
        return people.moment(row.kept_at)

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which the next version is written, and whom a version would move."""
        return [self.own_path("draft/", self.draft_view, "draft"), *Movers(self).paths(), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a version, read only."""
        row = self.found(request, object_id)
        return self._page(request, row, scheme_cells.written(row.terms), told=None)

    @scoped("levels", "change")
    def draft_view(self, request: HttpRequest) -> HttpResponse:
        """Write the next version, see what it would do, keep it, let it count from a day on."""
        last = schemes.newest()
        cells = scheme_cells.written(last.terms if last else scheme_cells.proposed())
        if request.method != "POST":
            return self._page(request, last, cells, told=None, may_write=True)
        cells = scheme_cells.posted(request.POST, [one["level"] for one in cells["levels"]])
        try:
            return self._done(request, last, cells)
        except BadScheme as refusal:
            where, wrong = scheme_cells.place(str(refusal.facts["where"]), _names(cells))
            told = str(BadScheme(why=refusal.facts["why"], where=where))
            return self._page(request, last, cells, told=None, may_write=True, refusal=told, wrong=wrong, status=422)
        except Refused as refusal:
            return self._page(request, last, cells, told=None, may_write=True, refusal=str(refusal), status=422)

    def _done(self, request: HttpRequest, last: LevelScheme | None, cells: dict[str, Any]) -> HttpResponse:
        at, by = clock.now(), cast("User", request.user)
        terms = scheme_cells.terms(cells)
        if request.POST.get("do") == "look":
            read = schemes.read(terms)
            schemes.check_levels(read)
            with transaction.atomic():
                told = simulations.simulate(read, clock.business_day(at))
            return self._page(request, last, cells, told=told, may_write=True)
        seen = request.POST.get("seen", "")
        kept = level_schemes.keep(
            terms=terms, at=at, by=by, note=request.POST.get("note", "")[:200],
            seen=int(seen) if seen.isdecimal() and seen.isascii() else None,
        )  # fmt: skip
        if request.POST.get("do") == "publish":
            level_schemes.publish(scheme=kept, starts_on=_day(request.POST.get("starts_on", ""), at), at=at, by=by)
            messages.success(request, _("The scheme is published."))
        else:
            messages.success(request, _("The draft is kept."))
        return redirect("admin:members_levelscheme_change", kept.pk)

    def _page(
        self, request: HttpRequest, row: LevelScheme | None, cells: dict[str, Any], *, told: Simulation | None,
        may_write: bool = False, status: int = 200, **more: Any,
    ) -> HttpResponse:  # fmt: skip
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": row,
            "title": str(row) if row else _("new scheme"), "cells": cells, "rows": scheme_cells.rows(cells),
            "names": _names(cells), "matrix": matrix(told),
            "event_words": scheme_cells.EVENT.values(), **(_offered(cells) if may_write else {}),
            "told": told, "may_write": may_write, "may_change": self.may(request, "change"),
            "today": clock.business_day(clock.now()),
            "start": SchemeStart.objects.filter(scheme=row).first() if row else None, **more,
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/levelscheme/page.html", context, status=status)


def _day(text: str, at: Any) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.business_day(at)


def _offered(cells: dict[str, Any]) -> dict[str, Any]:
    """Give what may be chosen in cells: kinds of events that came lately, coupon plans."""
    return {
        "kinds": arrived.kinds(),
        "plans": CouponPlan.objects.order_by("code").values_list("code", "name")[:PLANS_OFFERED],
        "coupon_fields": {f"{i}-{name}" for i in range(len(cells["levels"])) for name in scheme_cells.COUPONS},
    }


def _names(cells: dict[str, Any]) -> list[str]:
    names = dict(Level.objects.values_list("code", "name"))
    return [names.get(one["level"], one["level"]) for one in cells["levels"]]


def matrix(told: Simulation | None) -> list[tuple[str, list[str]]]:
    """Write who would move where: a row for each level as it is, a column for each as it would be."""
    if told is None:
        return []
    befores: list[tuple[int | None, str]] = [(None, _("none yet")), *((one.pk, one.name) for one in told.levels)]
    return [
        (name, [numbers.grouped(told.cells.get((before, after.pk), 0)) for after in told.levels])
        for before, name in befores
    ]
