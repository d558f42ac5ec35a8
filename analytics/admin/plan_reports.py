"""On the page of a touch plan: what it brought, with the interval that chance allows."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from analytics.queries import plan_reports
from analytics.queries.lift.reasons import Reason
from analytics.queries.lift.spend import Estimate
from campaigns.models import TouchPlan
from campaigns.models.plans import HELD_OUT
from newretail.kernel import clock
from newretail.kernel.numbers import DASH
from newretail.kernel.templatetags.people import money
from newretail.kernel.verbadmin.panels import panel

# Why nothing can be said.
REASONS: dict[Reason, Any] = {
    Reason.EMPTY: _("An arm holds nobody whose window is over: nothing can be compared yet."),
    Reason.ALONE: _("An arm holds one person: nothing tells how far people differ."),
    Reason.SAME: _("All of an arm spent the same, mostly nothing: an interval would feign certainty."),
    Reason.NO_SPEND: _("Nobody spends in such a window: there is nothing to be a share of."),
    Reason.FEW: _("Too few members to say so."),
    Reason.UNREACHABLE: _("No share of this audience is large enough."),
}


def _said(estimate: Estimate | None) -> str:
    """Write an amount in cents with its interval."""
    if estimate is None:
        return DASH
    value, low, high = (money(round(each)) for each in (estimate.value, estimate.low, estimate.high))
    return f"{value} [{low} – {high}]"


@panel(TouchPlan, resource="touch_plans", template="admin/analytics/plan/report.html")
def report_of_plan(_user: Any, plan: TouchPlan) -> dict[str, Any]:
    """Tell what a plan brought."""
    report = plan_reports.report(plan, clock.now())
    lift = report.lift
    return {
        "report": report, "plan": plan, "reason": REASONS[lift.reason] if lift and lift.reason else "",
        "arms": [
            (_("held out") if each.arm == HELD_OUT else each.arm, each, each.bought / (each.members or 1),
             money(each.each_cents))
            for each in report.outcomes
        ],
        "total": _said(lift.total if lift else None), "each": _said(lift.adjusted if lift else None),
        "plain": _said(lift.plain if lift else None),
        "roi": "{:.1f} [{:.1f} – {:.1f}]".format(*report.roi) if report.roi else DASH,
        "unsure": bool(lift and lift.adjusted and lift.adjusted.low <= 0 <= lift.adjusted.high),
        "seeable": report.seeable.relative if report.seeable else None, "cost": money(report.cost_cents),
        "variants": [
            (each.variant, _("held out") if each.against == HELD_OUT else each.against, _said(each.lift.adjusted),
             each.differs)
            for each in report.variants
        ],
    }  # fmt: skip
