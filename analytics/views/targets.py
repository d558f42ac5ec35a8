"""The grid of targets: read, set, compare, take out; and a store's month day by day with its weights."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics.queries import target_days
from analytics.queries import targets as boards
from analytics.queries.targets import Grid, Line
from analytics.views import target_words as words
from newretail.kernel import clock, scopes
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused
from stores.actions import targets, weights
from stores.actions.targets import Draft
from stores.models import Metric, Store
from stores.models.places import sight_of
from stores.models.targets import EVEN
from stores.queries import targets as aims
from stores.queries.chain import Place, chain

BACK, AHEAD = 12, 6
WHOLE_BRAND = "-"  # the brand's own month among those of stores
PERCENT = EVEN // 100


def _today() -> date:
    return clock.business_day(clock.now())


def chosen(request: HttpRequest) -> tuple[date, str, date]:
    """Read which month and metric are asked for; give the current month beside them. Kept for the request."""
    kept: tuple[date, str, date] | None = getattr(request, "_chosen", None)
    if kept is not None:
        return kept
    current = aims.month_of(_today())
    metric = request.GET.get("metric", "")
    month = words.month_in(request.GET.get("month", ""), current)
    kept = month, metric if metric in Metric.values else Metric.SALES.value, current
    request._chosen = kept  # type: ignore[attr-defined]
    return kept


def show(request: HttpRequest, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
    """Draw a page of targets in its frame: month and metric chosen, what this person may do."""
    month, metric, current = chosen(request)
    context = {
        **admin.site.each_context(request), "month": month, "metric": metric, "metrics": Metric.choices,
        "metric_name": Metric(metric).label, "months": words.months_around(current, BACK, AHEAD),
        "may_change": scopes.may(request.user, "targets", "change"), "brand_seen": sight_of(request.user).everything,
        "words": f"month={month:%Y-%m}&metric={metric}", **more,
    }  # fmt: skip
    return TemplateResponse(request, f"targets/{template}.html", context, status=status)


@scoped("targets")
def grid(request: HttpRequest) -> HttpResponse:
    """Show the grid of a month in a metric, as far as a person sees."""
    month, metric, _current = chosen(request)
    found = boards.grid(request.user, metric=metric, month=month, today=_today())
    return show(
        request,
        "grid",
        title=_("Targets"),
        grid=found,
        open_still=any(line.may_set for line in found.lines),
        data=_data(found),
    )


def _data(found: Grid) -> dict[str, Any]:
    sums = found.metric.additive
    return {
        "month": f"{found.days.month.first:%Y-%m}",
        "metric": found.metric.value,
        "base": found.version,
        "unit": {"sales": "money", "repeat_rate": "rate"}.get(found.metric.value, "count"),
        "additive": sums,
        "save": reverse("targets_save"),
        "rows": [_row(found, line) for line in found.lines],
        "words": {
            "unset": _("not set"), "summed": _("sum of those below"), "show": _("show those below"),
            "changed": _("changed: %(n)s"), "differ": _("sums that differ: %(n)s"), "needs": _("Say why it changes."),
            "failed": _("It could not be saved; your numbers are still here. Try again."),
            "rebased": _("The newer version stands beneath your numbers now. Look at them and save again."),
            "whole": _("whole brand"), "online": _("no store (online)"),
            "day": _("day by day"), "wrong": _("no amount"),
        },
    }  # fmt: skip


def _row(found: Grid, line: Line) -> dict[str, Any]:
    node, target, come = line.node, line.target, line.progress
    above = found.chain.nodes[node.above].key if node.above else None
    row: dict[str, Any] = {
        "k": node.key, "n": node.name, "c": node.code, "p": above, "kind": node.place.kind, "set": line.may_set,
        "a": target.amount if target and not target.implied else None, "gone": node.ended,
    }  # fmt: skip
    if node.place.kind == "store":
        row["link"] = reverse("targets_days", args=[node.code])
    if come:
        going = come.forecast
        row |= {
            "act": come.actual, "due": come.to_date, "gap": come.gap, "today": come.needed[0] if come.needed else None,
            "left": len(come.needed), "need": sum(come.needed), "ly": come.year_before, "rc": come.recent,
            "fc": [going.amount, going.low, going.high] if going else None,
        }  # fmt: skip
    return row


def _given(body: bytes) -> dict[str, Any]:
    """Read what the grid sends; anything else is a bad request."""
    try:
        given = json.loads(body)
        amounts, reason = given["amounts"], given.get("reason", "")
        texts = [reason, given["month"], given["metric"], *amounts, *filter(None, amounts.values())]
        sound = all(isinstance(text, str) and "\x00" not in text and text.encode() is not None for text in texts)
        sound = sound and type(given.get("base", 0)) is int and words.MONTH.fullmatch(given["month"]) is not None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise BadRequest from wrong
    if not sound:
        raise BadRequest
    return cast("dict[str, Any]", given)


def _draft(given: dict[str, Any]) -> Draft:
    """Translate what the grid sends.

    Refuses: UnknownMetric, UnknownPlace, BadAmount.
    """
    if given["metric"] not in Metric.values:
        raise targets.UnknownMetric
    by_key = chain().by_key()
    amounts: dict[Place, int | None] = {}
    for key, text in given["amounts"].items():
        if key not in by_key:
            raise targets.UnknownPlace(place=key[:80])
        try:
            amounts[by_key[key]] = words.read(text or "", given["metric"])
        except words.NotAnAmount as wrong:
            raise targets.BadAmount(place=key.partition(":")[2][:80] or key) from wrong
    return Draft(
        month=words.month_in(given["month"], aims.month_of(_today())),
        metric=given["metric"],
        amounts=amounts,
        reason=given.get("reason", ""),
        base=given.get("base"),
        confirmed=given.get("confirmed") is True,
    )


@scoped("targets", "change")
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Make a new version of what the grid sends; a refusal is told as it is and takes nothing from the page."""
    given = _given(request.body)
    user = cast("User", request.user)
    try:
        draft = _draft(given)
        made = targets.plan(draft=draft, at=clock.now(), by=user)
    except targets.Stale as refusal:
        newer = boards.grid(user, metric=draft.metric, month=draft.month, today=_today())
        amounts = {line.node.key: _row(newer, line)["a"] for line in newer.lines}
        return JsonResponse(
            {"code": refusal.code, "says": str(refusal), "base": newer.version, "amounts": amounts}, status=409
        )
    except Refused as refusal:
        return JsonResponse({"code": refusal.code, "says": str(refusal)}, status=422)
    messages.success(request, _("Version %(version)s is in force.") % {"version": made.version})
    return JsonResponse({"to": f"{reverse('targets')}?month={draft.month:%Y-%m}&metric={draft.metric}"})


def _store(request: HttpRequest, code: str) -> Store | None:
    """Find the store of a month day by day; the brand's own is for those who see all of it."""
    if code == WHOLE_BRAND and sight_of(request.user, "targets").everything:
        return None
    return get_object_or_404(Store.objects.visible_to(request.user), code=code)


@scoped("targets")
def days(request: HttpRequest, code: str) -> HttpResponse:
    """Show a month of one store, or of the brand, day by day, with the weights of its days."""
    return _days(request, _store(request, code), code)


def _days(request: HttpRequest, store: Store | None, code: str, status: int = 200, refusal: str = "") -> HttpResponse:
    month, metric, current = chosen(request)
    found = target_days.month_of(store, metric=metric, month=month, today=_today())
    typed = request.POST if status != 200 else {}
    return show(
        request,
        "days",
        status=status,
        title=store.name if store else _("The whole brand"),
        found=found,
        code=code,
        store=store,
        refusal=refusal,
        reason=typed.get("reason", ""),
        lines=[_day(line, found, metric) for line in found.lines],
        weights=[_weight(kind, found, typed) for kind in found.kinds] if found.metric.additive else [],
        sums={name: words.shown(value, metric) for name, value in _sums(found).items()}
        | {"actual": words.shown(found.progress.actual, metric)},
        open_still=month >= current,
    )


def _sums(found: target_days.Month) -> Mapping[str, int | None]:
    come = found.progress
    going = come.forecast
    return {
        "target": come.target, "actual": come.actual, "due": come.to_date, "gap": come.gap,
        "forecast": going.amount if going else None, "low": going.low if going else None,
        "high": going.high if going else None, "need": sum(come.needed) if come.needed else None,
    }  # fmt: skip


def _day(line: target_days.DayLine, found: target_days.Month, metric: str) -> dict[str, Any]:
    return {
        "day": line.day,
        "weekday": words.kind_in_words(line.kind.weekday, found),
        "weekend": line.day.weekday() >= 5,
        "festival": words.kind_in_words(line.kind.occasion, found) if line.kind.occasion else "",
        "weight": f"{line.weight_bp / PERCENT:.0f}%",
        "target": words.shown(line.target, metric),
        "actual": words.shown(line.actual, metric),
        "short": line.actual is not None and line.target is not None and line.actual < line.target,
        "needed": words.shown(line.needed, metric),
    }


def _weight(kind: str, found: target_days.Month, typed: Mapping[str, Any]) -> dict[str, Any]:
    store_id = found.store.pk if found.store else None
    own = found.weights.rows.get((store_id, kind, "set"))
    return {
        "kind": kind,
        "name": words.kind_in_words(kind, found),
        "in_force": f"{found.weights.weight(store_id, kind) / PERCENT:.0f}",
        "source": found.weights.source(store_id, kind),
        "value": typed.get(f"weight_{kind}", "" if own is None else f"{own / PERCENT:g}"),
    }


@scoped("targets", "change")
@require_POST
def put_weights(request: HttpRequest, code: str) -> HttpResponse:
    """Set the weights of a store's days, or the brand's; an empty cell gives back to what was learned."""
    store = _store(request, code)
    _month, metric, _current = chosen(request)
    given = {name.removeprefix("weight_"): text for name, text in request.POST.items() if name.startswith("weight_")}
    reason = str(request.POST.get("reason", "")).replace("\x00", "")
    try:
        typed = {kind: words.read(str(text), Metric.REPEAT_RATE) for kind, text in given.items()}
        months = weights.put(
            metric=metric, store=store, weights=typed, reason=reason, at=clock.now(), by=cast("User", request.user)
        )
    except words.NotAnAmount as wrong:
        return _days(request, store, code, 422, _("This is no percentage: %(text)s") % {"text": str(wrong)[:40]})
    except Refused as refusal:
        return _days(request, store, code, 422, str(refusal))
    told = ", ".join(months) or "—"
    messages.success(request, _("The weights are set. Months whose days fall anew: %(months)s.") % {"months": told})
    return redirect(f"{reverse('targets_days', args=[code])}?{request.GET.urlencode()}")
