"""Count ahead whom plans will be about, so that a month is seen before it is published."""

from datetime import date, datetime, timedelta

from campaigns.models import PlanForecast, TouchPlan
from campaigns.queries import planning
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb

AHEAD = 45  # days
STATES = (TouchPlan.State.SUBMITTED, TouchPlan.State.APPROVED, TouchPlan.State.LIVE)
FORGET = "DELETE FROM campaigns_planforecast WHERE plan_id = %(plan)s AND day >= %(first)s"


@verb
def foresee(*, plan: TouchPlan, day: date, at: datetime) -> int:
    """Count whom a plan will be about on each day of the coming weeks; returns how many in all.

    Each day is counted by what is known now; whom it will have planned for on an earlier of these days is not counted
    twice where the occasion is the same one.
    Writes: campaigns.forecast.made.
    """
    first = max(day, plan.starts_on)
    last = min(day + timedelta(days=AHEAD), plan.ends_on or date.max)
    sql.execute(FORGET, {"plan": plan.pk, "first": day})
    days = [first + timedelta(days=nth) for nth in range((last - first).days + 1)] if plan.state in STATES else []
    seen: set[tuple[int, str]] = set()
    rows = []
    for one in days:
        new = set(planning.occasions(plan, one)) - seen
        seen |= new
        rows += [PlanForecast(plan=plan, day=one, members=len(new))] if new else []
    PlanForecast.objects.bulk_create(rows)
    journal.write("campaigns.forecast.made", at=at, subject=f"plan:{plan.code}", days=len(rows), members=len(seen))
    return len(seen)
