"""Which version of a policy counts on which day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from guides.models import Policy, PolicyStart
from guides.queries.policy_terms import READ


@dataclass(frozen=True)
class Counting:
    """A version, the days [from_on, until_on) on which it counts, and its terms as they are read."""

    policy: Policy
    from_on: date
    until_on: date | None
    terms: Any


def newest(kind: str) -> Policy | None:
    """Give the version of a kind that was kept last."""
    return Policy.objects.filter(kind=kind).order_by("-version").first()


def counting(kind: str) -> list[Counting]:
    """List the versions of a kind that count or will, in the order of their days.

    Of two that begin on one day the later word counts, and so the former on no day.
    """
    starts = PolicyStart.objects.filter(policy__kind=kind).select_related("policy").order_by("starts_on", "id")
    by_day = {start.starts_on: start.policy for start in starts}
    days = sorted(by_day)
    return [
        Counting(by_day[day], day, until, READ[kind](by_day[day].terms))
        for day, until in zip(days, [*days[1:], None], strict=False)
    ]


def in_force(kind: str, day: date) -> Counting | None:
    """Find the version of a kind that counts on a day."""
    return next((one for one in reversed(counting(kind)) if one.from_on <= day), None)
