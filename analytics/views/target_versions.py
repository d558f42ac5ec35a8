"""The versions of a month's targets: listed, two beside one another, and the way back to a former one."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics.queries import target_days
from analytics.queries import targets as boards
from analytics.views import target_words as words
from analytics.views.targets import chosen, show
from newretail.kernel import clock
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused
from stores.actions import target_versions
from stores.models import TargetPlan
from stores.queries import targets as aims

MOST_CHANGES = 300  # of a version, shown
MOST_DIGITS = 6


@scoped("targets")
def versions(request: HttpRequest) -> HttpResponse:
    """List the versions of a month with their reasons, and what one of them sets otherwise than another."""
    return _versions(request)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < MOST_DIGITS else None


def _versions(request: HttpRequest, refusal: str = "") -> HttpResponse:
    month, metric, current = chosen(request)
    listed = list(aims.versions(month, metric)[: boards.MOST_VERSIONS])
    numbers = [plan.version for plan in listed]
    wanted, other = (_number(request.GET.get(name, "")) for name in ("version", "beside"))
    plan = next((plan for plan in listed if plan.version == wanted), listed[0] if listed else None)
    beside = other if other in {0, *numbers} else plan.version - 1 if plan else 0
    found = target_days.changes(request.user, plan, beside=beside or 0) if plan else []
    return show(
        request,
        "versions",
        status=422 if refusal else 200,
        title=_("Versions of targets"),
        versions=listed,
        chosen=plan,
        numbers=[*numbers, 0],
        beside=beside,
        back=_back(listed, plan, beside) if month >= current else None,
        refusal=refusal,
        reason=request.POST.get("reason", ""),
        changes=[_change(each, metric) for each in found[:MOST_CHANGES]],
        more=max(len(found) - MOST_CHANGES, 0),
    )


def _back(listed: list[TargetPlan], plan: TargetPlan | None, beside: int | None) -> int | None:
    """Tell to which version the page offers to go back: the one that is shown, or what the newest is shown beside."""
    if plan is None:
        return None
    return beside if plan == listed[0] else plan.version


def _change(each: target_days.Change, metric: str) -> dict[str, Any]:
    grown = each.after - each.before if each.before is not None and each.after is not None else None
    return {
        "name": each.node.name or (_("whole brand") if each.node.place.kind == "brand" else _("no store (online)")),
        "code": each.node.code, "kind": each.node.place.kind,
        "before": words.shown(each.before, metric), "after": words.shown(each.after, metric),
        "grown": grown / each.before if grown and each.before else None,
    }  # fmt: skip


@scoped("targets", "change")
@require_POST
def go_back(request: HttpRequest) -> HttpResponse:
    """Make a new version equal to a former one; a refusal keeps the reason in its place."""
    month, metric, _current = chosen(request)
    version, base = (_number(request.POST.get(name, "")) for name in ("version", "base"))
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        if version is None:
            raise target_versions.UnknownVersion(version="?")
        made = target_versions.go_back(
            month=month, metric=metric, version=version, reason=reason, base=base, at=clock.now(),
            by=cast("User", request.user),
        )  # fmt: skip
    except Refused as refusal:
        return _versions(request, str(refusal))
    told = {"version": made.version, "former": version}
    said = _("Version %(version)s is in force; it is as version %(former)s was.") if version else _(
        "Version %(version)s is in force; its targets are taken away."
    )  # fmt: skip
    messages.success(request, said % told)
    return redirect(f"{reverse('targets_versions')}?month={month:%Y-%m}&metric={metric}")
