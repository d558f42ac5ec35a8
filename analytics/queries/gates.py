"""The operating stage of a store, 拉新 → 精准 → 精细, and what is missing to its next gate."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analytics.queries.trades import Trade

STEPS = ("recruit", "precise", "refined")
MEASURES = ("members", "sales", "repeat_buyers")


@dataclass(frozen=True)
class Measure:
    """One of the three figures of a gate: what the store has, what the gate needs."""

    name: str
    have: int
    need: int

    @property
    def is_reached(self) -> bool:
        """Tell whether the gate's figure is reached."""
        return self.have >= self.need

    @property
    def missing(self) -> int:
        """Give what is missing."""
        return max(0, self.need - self.have)

    @property
    def part(self) -> int:
        """Give how much of it is there, in percent, a hundred at most."""
        return min(100, self.have * 100 // self.need) if self.need else 100


@dataclass(frozen=True)
class Stage:
    """Where a store stands: the step it is in, and the gate to the next one (empty in the last)."""

    step: str
    gate: list[Measure]
    needs_all: bool

    @property
    def number(self) -> int:
        """Give the step's number, from 1."""
        return STEPS.index(self.step) + 1


RULES = (
    "gate_members", "gate_sales_cents", "gate_repeat_buyers", "gate_needs", "gate_basis", "gate_refined_times",
)  # fmt: skip


def stage(rules: Mapping[str, Any], *, members: int, recent: Trade, repeaters: int) -> Stage:
    """Tell the stage of a store by its members, the net sales of the last thirty days, its repeat buyers of a year.

    Source: ≥ 2 000 members, ≥ 8 000 yuan a month, ≥ 100 repeat buyers lead into 精准; the source names no gate into
    精细, so it is the first one times a factor of the brand. `rules`: the brand's settings named in RULES.
    """
    cents = recent.known_cents if rules["gate_basis"] == "members" else recent.cents
    have = (members, cents, repeaters)
    needs_all = rules["gate_needs"] == "all"
    gate: list[Measure] = []
    for step, times in zip(STEPS, (1, int(rules["gate_refined_times"])), strict=False):
        needed = (rules["gate_members"], rules["gate_sales_cents"], rules["gate_repeat_buyers"])
        gate = [Measure(name, h, n * times) for name, h, n in zip(MEASURES, have, needed, strict=True)]
        if not (all if needs_all else any)(measure.is_reached for measure in gate):
            return Stage(step, gate, needs_all)
    return Stage(STEPS[-1], [], needs_all)
