"""The weekly review: a store's week against its targets, the manager's comment, HQ's answer."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from analytics.queries.goals import Goal
from analytics.queries.seasons import Span
from analytics.queries.trades import Trade
from analytics.queries.weeks import Week, WeekDay, week
from analytics.views import links
from analytics.views.pages import page
from analytics.views.stores import aiming, seen_store
from newretail.kernel import clock, numbers
from newretail.kernel.doors import scoped
from newretail.kernel.models import User
from newretail.kernel.templatetags import people as words
from newretail.kernel.verbs import Refused
from stores.actions import reviews
from stores.models import Metric, Store
from stores.models.reviews import MOST_WORDS
from stores.queries import sight_of


@scoped("reviews")
def review(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """Show a store's week, and take what is said of it; what was refused stays in the form."""
    store, monday, now = seen_store(request, code), _monday(name), clock.now()
    refused, said = "", ""
    if request.method == "POST":
        said = request.POST.get("words", "")
        speak = reviews.answer if _may(request, store) == "answer" else reviews.comment
        try:
            speak(store=store, monday=monday, words=said, by=cast("User", request.user), at=now)
        except Refused as refusal:
            refused = str(refusal)
        else:
            messages.success(request, _("What you said stands below."))
            return redirect("store_week", code, name)
    found = week(store, monday, today=clock.business_day(now))
    context = {
        **_context(found, now),
        **aiming(request, store),
        "may": _may(request, store),
        "refused": refused,
        "said": said,
    }
    return page(request, "stores/week.html", context, status=400 if refused else 200)


def _may(request: HttpRequest, store: Store) -> str:
    """Tell what this person says of the week: the manager comments, HQ answers, others read."""
    sight = sight_of(request.user, "reviews", "change")
    return "answer" if sight.everything else "comment" if store.pk in sight.store_ids else ""


def _monday(name: str) -> date:
    try:
        return date.fromisoformat(f"{name}-1")
    except ValueError:
        raise Http404 from None


def _context(found: Week, now: Any) -> dict[str, Any]:
    today = clock.business_day(now)
    return {
        "store": found.store,
        "week": found,
        "title": f"{found.span.first:%G-W%V}",
        "earlier": f"{found.span.first - timedelta(days=7):%G-W%V}",
        "later": f"{found.span.until:%G-W%V}" if found.span.until <= today else "",
        "rows": _rows(found),
        "days": [
            {
                "day": each.day, "sales": words.money_short(each.trade.cents), "plan": words.money_short(each.plan),
                "orders": numbers.grouped(each.trade.orders), "recruits": numbers.grouped(each.trade.recruits),
                "tone": _tone(each, today),
                "link": links.orders_paid(Span(each.day, each.day + timedelta(days=1)), found.store.pk),
                "joined": links.joined(Span(each.day, each.day + timedelta(days=1)), found.store.pk),
            }
            for each in found.days
        ],
        "most": MOST_WORDS,
        "plan": links.targets(found.store.code, metric=Metric.SALES),
    }  # fmt: skip


def _tone(each: WeekDay, today: date) -> str:
    """Name the tone of a day that is over and had a plan."""
    if each.plan is None or each.day >= today:
        return ""
    return "up" if each.trade.cents >= each.plan else "down"


def _rows(found: Week) -> list[dict[str, Any]]:
    """Write each figure of the week beside its target, the week before and the year before."""
    pk = found.store.pk
    spans = (found.span, found.span.moved(-timedelta(days=7)), found.compared)
    orders = [links.orders_paid(span, pk) for span in spans]
    joined = [links.joined(span, pk) for span in spans]
    figures: tuple[tuple[str, Callable[[Trade], str], list[str], Goal | None], ...] = (
        (_("Sales"), lambda it: words.money_short(it.cents), orders, found.sales_goal),
        (_("Orders"), lambda it: numbers.grouped(it.orders), orders, None),
        (_("Per buyer"), lambda it: words.money(it.per_buyer_cents), orders, None),
        (_("Per order"), lambda it: words.money(it.per_order_cents), orders, None),
        (_("Units per order"), lambda it: numbers.grouped(it.upt, 2), orders, None),
        (_("Recruits"), lambda it: numbers.grouped(it.recruits), joined, found.recruits_goal),
        (_("Recruit rate"), lambda it: numbers.percent(it.recruit_rate), joined, None),
    )
    return [
        {
            "name": name, "links": behind, "now": write(found.now),
            "before": write(found.before) if found.before else numbers.DASH,
            "then": write(found.then) if found.then else numbers.DASH,
            "target": _target(goal, money=name == _("Sales")),
            "reached": numbers.percent(goal.reached) if goal else "",
            "plan": links.targets(found.store.code, metric=Metric.SALES if name == _("Sales") else Metric.RECRUITS),
        }
        for name, write, behind, goal in figures
    ]  # fmt: skip


def _target(goal: Goal | None, *, money: bool) -> str:
    if goal is None:
        return numbers.DASH
    return words.money_short(goal.target) if money else numbers.grouped(goal.target)
