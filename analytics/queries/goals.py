"""How far a store has come towards its targets, and what each remaining day must bring."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from newretail.kernel import money


@dataclass(frozen=True)
class Goal:
    """One metric of a span of days, in cents or persons: its target, what came in, what is left to bring.

    `today` is the plan for the day itself; `needed` what that day and the days after it must bring, each by its weight
    in the plan, so that the target is met; the day itself first.
    """

    target: int
    to_date: int
    actual: int
    today: int
    needed: tuple[int, ...]

    @property
    def reached(self) -> float | None:
        """Give the share of the target that came in, None without a target to reach."""
        return self.actual / self.target if self.target else None

    @property
    def gap(self) -> int:
        """Give what came in beyond the plan of the days that are over, negative when behind."""
        return self.actual - self.to_date

    @property
    def each(self) -> int | None:
        """Give what each remaining day must bring on average, None when no day is left."""
        return round(sum(self.needed) / len(self.needed)) if self.needed else None


def goal(days: Mapping[date, int], *, day: date, before: int, today: int) -> Goal | None:
    """Set what came in before a day, and on it, beside the targets of a span's days; None when none has a target."""
    if not days:
        return None
    ahead = [amount for each, amount in sorted(days.items()) if each >= day]
    missing = max(sum(days.values()) - before, 0)
    needed = money.split(missing, ahead if sum(ahead) else [1] * len(ahead)) if ahead else []
    return Goal(
        target=sum(days.values()),
        to_date=sum(amount for each, amount in days.items() if each < day),
        actual=before + today,
        today=days.get(day, 0),
        needed=tuple(needed),
    )
