"""Simulations of pay: asked for by a person, reckoned by a worker, kept to be looked at again."""

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop

from guides.models import PaySimulation, Policy
from newretail.kernel import clock
from newretail.kernel.actions import jobs, journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

JOB = "simulate_pay"
MOST_MONTHS = 24


class BadMonths(Refused):
    """No span of months that are over."""

    code = "bad_months"
    sentence = gettext_noop("Choose months that are over, from an earlier to a later one, %(most)s at most.")


@verb
def ask(*, policy: Policy, first: date, last: date, at: datetime, by: User) -> PaySimulation:
    """Ask what a version would have paid for the months [first, last), first days of months; a worker reckons it.

    What she asked for already and is still reckoned is not asked again.
    Refuses: BadMonths.
    Writes: guides.pay_simulation.asked, kernel.job.entered.
    """
    over = clock.month_start(clock.business_day(at))
    if not first < last <= over or clock.month_before(last, MOST_MONTHS) > first:
        raise BadMonths(most=MOST_MONTHS)
    User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    same = PaySimulation.objects.filter(
        policy=policy, first=first, last=last, by=by, run__state__in=jobs.UNENDED
    ).first()
    if same:
        return same
    simulation = PaySimulation.objects.create(policy=policy, first=first, last=last, asked_at=at, by=by)
    simulation.run = jobs.queue(name=JOB, at=at, by=by, params={"simulation": simulation.pk})
    simulation.save(update_fields=["run"])
    journal.write("guides.pay_simulation.asked", at=at, by=by, subject=f"policy:{policy.kind}-{policy.version}",
                  first=f"{first:%Y-%m}", last=f"{last:%Y-%m}")  # fmt: skip
    return simulation


@verb
def tell(*, simulation: PaySimulation, told: dict[str, Any], at: datetime) -> PaySimulation:
    """Keep what a simulation came to; a run that is taken up again tells it anew.

    Writes: guides.pay_simulation.told.
    """
    simulation.told, simulation.told_at = told, at
    simulation.save(update_fields=["told", "told_at"])
    journal.write("guides.pay_simulation.told", at=at, subject=f"simulation:{simulation.pk}", guides=len(told["users"]))
    return simulation
