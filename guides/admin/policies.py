"""Policies of guides' levels, credits and pay: their versions, the form of each kind, the day a version counts from."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from guides.actions import policies as policy_verbs
from guides.admin import pay_simulations
from guides.admin.credit_rules import CreditRulesEditor
from guides.admin.level_tables import LevelTableEditor
from guides.admin.pay_schemes import PaySchemeEditor
from guides.admin.pay_simulations import Simulations
from guides.admin.policy_editor import PolicyEditor
from guides.models import Policy, PolicyStart
from guides.queries import policies
from guides.queries.policy_terms import BadPolicy
from newretail.kernel import clock
from newretail.kernel.actions import jobs
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from newretail.kernel.verbadmin import ChoicePick, Opening, VerbAdmin
from newretail.kernel.verbs import Refused

EDITORS: dict[str, PolicyEditor] = {
    editor.kind: editor for editor in (LevelTableEditor(), CreditRulesEditor(), PaySchemeEditor())
}
EARNING = (Policy.Kind.CREDITS, Policy.Kind.COMMISSION)


class KindPick(ChoicePick):
    """By what it rules."""

    title, parameter_name, field = _("kind"), "kind", "kind"
    offered = Policy.Kind


@admin.register(Policy)
class PolicyAdmin(VerbAdmin):
    """Versions of every kind, the newest first; each kind is shown and written by its editor."""

    resource = "guide_policies"
    says_when_empty = _("No policy yet: write a level table, rules of credits, a commission scheme.")
    openings: ClassVar[tuple[Opening, ...]] = tuple(
        Opening(editor.opens, f"admin:guides_policy_{kind}_draft") for kind, editor in EDITORS.items()
    )
    list_select_related = ("start", "by")
    list_filter = (KindPick,)
    list_display = ("kind", "version_shown", "starts_shown", "kept_shown", "by", "note")
    list_display_links = ("version_shown",)
    fields = readonly_fields = ("kind", "version_shown", "starts_shown", "kept_shown", "by", "note")

    @display(description=_("version"))
    def version_shown(self, row: Policy) -> str:
        """Give its number."""
        return f"v{row.version}"

    @display(description=_("starts on"))
    def starts_shown(self, row: Policy) -> str:
        """Say from when it counts, or that it is a draft."""
        return f"{row.start.starts_on:%Y-%m-%d}" if hasattr(row, "start") else _now("draft")

    @display(description=_("kept at"))
    def kept_shown(self, row: Policy) -> str:
        """Say when it was kept."""
        return people.moment(row.kept_at)

    def get_urls(self) -> list[URLPattern]:
        """Add the form of each kind, and what a version would have paid."""
        drafts = [
            self.own_path(f"{kind}/draft/", self._draft_of(editor), f"{kind}_draft") for kind, editor in EDITORS.items()
        ]
        return [*drafts, *Simulations(self).paths(), *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a version, read only."""
        row = self.found(request, object_id)
        editor = EDITORS.get(row.kind)
        if editor is None:
            return super().change_view(request, object_id, form_url, extra_context)
        return self._page(request, editor, row, editor.written(row.terms), may_write=False)

    def _draft_of(self, editor: PolicyEditor) -> Callable[[HttpRequest], HttpResponse]:
        @scoped("guide_policies", "change")
        def draft_view(request: HttpRequest) -> HttpResponse:
            """Write the next version of a kind, see what it would do, keep it, let it count from a day on."""
            last = policies.newest(editor.kind)
            if request.method == "POST":
                return self._judged(request, editor, last, editor.posted(request.POST))
            cells = editor.written(last.terms if last else editor.proposed())
            return self._page(request, editor, last, cells)

        return draft_view

    def _judged(
        self, request: HttpRequest, editor: PolicyEditor, last: Policy | None, cells: dict[str, Any]
    ) -> HttpResponse:
        try:
            terms = editor.terms(cells)
            if request.POST.get("do") == "look":
                return self._page(request, editor, last, cells, **editor.told(terms))
            return self._kept(request, editor, terms)
        except BadPolicy as refusal:
            where, wrong = editor.place(str(refusal.facts["where"]), cells)
            said = str(BadPolicy(why=refusal.facts["why"], where=where))
            return self._page(request, editor, last, cells, refusal=said, wrong=wrong, status=422)
        except Refused as refusal:
            return self._page(request, editor, last, cells, refusal=str(refusal), status=422)

    @transaction.atomic
    def _kept(self, request: HttpRequest, editor: PolicyEditor, terms: dict[str, Any]) -> HttpResponse:
        at, by, do = clock.now(), cast("User", request.user), request.POST.get("do")
        seen = request.POST.get("seen", "")
        kept = policy_verbs.keep(
            kind=editor.kind, terms=terms, at=at, by=by, note=request.POST.get("note", ""),
            seen=int(seen) if seen.isdecimal() and seen.isascii() else None,
        )  # fmt: skip
        if do == "publish":
            starts_on = _day(request.POST.get("starts_on", ""), at)
            policy_verbs.publish(policy=kept, starts_on=starts_on, at=at, by=by)
            messages.success(request, _now("The version is published."))
            if editor.kind in EARNING:
                _bring_earlier(request, starts_on, at, by)
        else:
            messages.success(request, _now("The draft is kept."))
        if do == "simulate":
            return redirect(pay_simulations.address(pay_simulations.ask_for_last(kept, by)))
        return redirect("admin:guides_policy_change", kept.pk)

    def _page(
        self, request: HttpRequest, editor: PolicyEditor, row: Policy | None, cells: dict[str, Any], *,
        may_write: bool = True, status: int = 200, **more: Any,
    ) -> HttpResponse:  # fmt: skip
        context = {
            **self.admin_site.each_context(request), "opts": self.opts, "original": row,
            "title": str(row) if row else editor.opens, "kind": Policy.Kind(editor.kind).label, "cells": cells,
            "may_write": may_write, "may_change": self.may(request, "change"),
            "draft": f"admin:guides_policy_{editor.kind}_draft", "first_day": _tomorrow(clock.now()),
            "start": PolicyStart.objects.filter(policy=row).first() if row else None, **editor.shown(cells), **more,
        }  # fmt: skip
        return TemplateResponse(request, editor.template, context, status=status)


def _bring_earlier(request: HttpRequest, starts_on: date, at: datetime, by: User) -> None:
    """Let a worker settle what was sold, won and done since a first version counts, once there is all it takes."""
    today = clock.business_day(at)
    if starts_on > today or not all(policies.in_force(kind, today) for kind in EARNING):
        return
    span: dict[str, object] = {"from": starts_on.isoformat(), "to": _tomorrow(at).isoformat()}
    jobs.queue(name="settle_commission", at=at, by=by, params=span)
    messages.info(request, _now("What was sold, won and done since %(day)s is being settled: settle_commission runs.")
                  % {"day": starts_on})  # fmt: skip


def _tomorrow(at: datetime) -> date:
    return clock.business_day(at) + timedelta(days=1)


def _day(text: str, at: datetime) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return _tomorrow(at)
