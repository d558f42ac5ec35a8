"""Whom a version of the scheme would move, member by member, on a page and as a file, before it is published."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import LevelScheme, Member
from members.queries import schemes, simulations
from members.queries.schemes import Terms
from members.queries.simulations import Mover
from newretail.kernel import clock, masking, money, scopes
from newretail.kernel.actions import exports
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbadmin import Column, export

PAGE = 50
FILE_MOST = 100_000  # rows of one file; a longer list is narrowed by level
COLUMNS = (
    Column(_("member no."), lambda row: row.member_no),
    Column(pgettext_lazy("of a person", "name"), lambda row: eyes().name(row.name)),
    Column(_("home store"), lambda row: row.store),
    Column(_("from level"), lambda row: row.from_level),
    Column(_("to level"), lambda row: row.to_level),
    Column(_("up or down"), lambda row: _now("up") if row.up else _now("down")),
    Column(_("growth value"), lambda row: row.growth),
    Column(_("points given"), lambda row: row.points),
    Column(_("coupons given"), lambda row: row.coupon),
    Column(_("discount of a year"), lambda row: money.to_yuan(row.discount_cents), money=True),
)


@dataclass(frozen=True)
class Moving(export.Listed):
    """Movers to be written, read a chunk at a time from the placing of this transaction."""

    terms: Terms = field(kw_only=True)
    to: str = field(kw_only=True)

    def rows(self) -> Iterator[list[Mover]]:
        """Give the movers by member no."""
        after = ""
        while found := simulations.movers(self.terms, after=after, to=self.to, most=export.CHUNK):
            yield found
            after = found[-1].member_no


class Movers:
    """The page and the file of a version's movers, beside the list of versions (`admin`)."""

    def __init__(self, admin: Any) -> None:
        self.admin = admin

    def paths(self) -> list[URLPattern]:
        """Give their addresses."""
        return [
            self.admin.own_path("<int:pk>/movers/", self.page_view, "movers"),
            self.admin.own_path("<int:pk>/movers/export/", self.export_view, "movers_export"),
        ]

    @scoped("levels", "change")
    def page_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show whom a version would move today, fifty at a time, and what that would cost."""
        row = self.admin.found(request, pk)
        terms = schemes.read(row.terms)
        to = _to(request, terms)
        with transaction.atomic():
            told = simulations.simulate(terms, clock.business_day(clock.now()))
            after = request.GET.get("after", "").replace("\0", "")
            found = simulations.movers(terms, after=after, to=to, most=PAGE + 1)
        context = {
            **self.admin.admin_site.each_context(request), "opts": self.admin.opts, "original": row,
            "title": _("Whom %(version)s would move") % {"version": row}, "told": told, "to": to,
            "moving": simulations.moving(told, to),
            "movers": [(each, eyes().called(each)) for each in found[:PAGE]], "first": not after,
            "after": found[PAGE - 1].member_no if len(found) > PAGE else "",
            "levels": [level for level in told.levels if terms.of(level.code)],
            "can_export": scopes.may(request.user, "members", "export"),
        }  # fmt: skip
        return TemplateResponse(request, "admin/members/levelscheme/movers.html", context)

    @scoped("levels", "change")
    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Give all of them as a file, and write that down."""
        row = self.admin.found(request, pk)
        if not scopes.may(request.user, "members", "export"):
            raise PermissionDenied
        back = redirect("admin:members_levelscheme_movers", row.pk)
        return export.take_out(request, back=back, write=partial(self._file, request, row))

    def _file(self, request: HttpRequest, row: LevelScheme, form: str) -> HttpResponseBase:
        at, by, terms = clock.now(), cast("User", request.user), schemes.read(row.terms)
        to = _to(request, terms)
        with transaction.atomic():
            told = simulations.simulate(terms, clock.business_day(at))
            exports.take(
                noun=f"{self.admin.opts.label_lower}:movers", filters=["to"] if to else [],
                rows=simulations.moving(told, to), at=at, by=by, most=FILE_MOST,
            )  # fmt: skip
            listed = Moving(Member.objects.none(), (), COLUMNS, masking.eyes(), terms=terms, to=to)
            return export.whole(listed, form, f"movers-{row}-{clock.business_day(at):%Y-%m-%d}", at)


def _to(request: HttpRequest, terms: Terms) -> str:
    """Read of which level the movers to it are asked for; none for all of them."""
    asked = request.GET.get("to", "")
    return asked if terms.of(asked) else ""
