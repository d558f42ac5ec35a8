"""Whether the arms came out as they were planned: a sample ratio mismatch says that the comparison is broken."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from analytics.queries.lift.distributions import chi_square_p
from analytics.queries.lift.reasons import Reason

ALARM = 0.001  # once in a thousand sound plans (Kohavi, Tang, Xu 2020, chapter 21)
LEAST_EXPECTED = 5


@dataclass(frozen=True)
class Balance:
    """Chi-square of the counts against the plan, its p, and whether that is an alarm."""

    chi_square: float | None = None
    p: float | None = None
    alarm: bool = False
    reason: Reason | None = None


def weigh(counts: Mapping[str, int], shares: Mapping[str, int]) -> Balance:
    """Hold the members counted in each arm against its planned share (whole weights, as basis points).

    Pearson's chi-square (1900) with arms − 1 degrees of freedom. Anybody in an arm whose share is 0 is an alarm.
    """
    if set(counts) - set(shares):
        raise ValueError("a count stands in no arm of the plan")
    total, whole = sum(counts.values()), sum(shares.values())
    planned = {arm: share for arm, share in shares.items() if share}
    if total == 0 or len(planned) < 2:
        return Balance(reason=Reason.EMPTY)
    if any(counts.get(arm, 0) for arm in shares if arm not in planned):
        return Balance(inf, 0.0, alarm=True)
    expected = {arm: total * share / whole for arm, share in planned.items()}
    if min(expected.values()) < LEAST_EXPECTED:
        return Balance(reason=Reason.FEW)
    value = sum((counts.get(arm, 0) - wished) ** 2 / wished for arm, wished in expected.items())
    p = chi_square_p(value, len(planned) - 1)
    return Balance(value, p, alarm=p < ALARM)
