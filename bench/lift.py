"""Lift on simulated truth: how often the 95 % interval holds it, what pre-period spend saves, how often alarms err."""

from collections import Counter
from dataclasses import dataclass, field
from math import exp, log
from statistics import fmean

import numpy as np
import numpy.typing as npt

from analytics.queries.lift import balance, bootstrap, spend
from analytics.queries.lift.arms import Arm
from bench.figures import Figure, holds
from bench.ground import Ground
from newretail.kernel import drawing

SIMULATIONS = 500
AUDIENCES = (3_000, 10_000, 30_000)
CHECKED = 10  # of them, by bootstrap too
HELD_OUT = 0.1
COVERED = (0.93, 0.97)
FALSE_ALARMS = 0.01
SHARES = (("holdout", 1_000), ("treated", 9_000))
# Two members in three buy nothing in the window: a regular buys with one chance, another member with the other. What
# one spends is lognormal about her own level, which is lognormal too and the same before the window, where as many
# windows count as a year has: that is how pre-period spend tells of what comes.
REGULARS, BUYS, BUYS_SELDOM = 1 / 3, 0.7, 0.1
AMOUNT, SPREAD, LEVELS, WINDOWS_BEFORE = log(15_000), 0.5, 0.7, 12
MORE_BUYERS, MORE_SPENT = 0.10, 0.08  # what the plan does to a treated member's chance and to her amount
Column = npt.NDArray[np.int64]


@dataclass
class Runs:
    """What the simulations of one audience found, one entry each."""

    covered: list[bool] = field(default_factory=list)
    covered_plain: list[bool] = field(default_factory=list)
    covered_nothing: list[bool] = field(default_factory=list)
    narrowing: list[float] = field(default_factory=list)
    warned: list[bool] = field(default_factory=list)


def truth(more_buyers: float, more_spent: float) -> float:
    """Give the lift per member in cents that the simulation has: its mean spend is known in closed form."""
    chance = REGULARS * BUYS + (1 - REGULARS) * BUYS_SELDOM
    return chance * exp(AMOUNT + SPREAD**2 / 2) * ((1 + more_buyers) * (1 + more_spent) - 1)


def people(draw: np.random.Generator, many: int, more_buyers: float, more_spent: float) -> tuple[Column, Column]:
    """Draw members: what each spends in the window and what she spent before it, cents."""
    chance = np.where(draw.random(many) < REGULARS, BUYS, BUYS_SELDOM)
    level = np.exp(draw.normal(-(LEVELS**2) / 2, LEVELS, many))

    bought = draw.random(many) < chance * (1 + more_buyers)
    spent = bought * level * (1 + more_spent) * draw.lognormal(AMOUNT, SPREAD, many)
    times = draw.binomial(WINDOWS_BEFORE, chance)
    before = times * level * exp(AMOUNT + SPREAD**2 / 2)
    return np.rint(spent).astype(np.int64), np.rint(before).astype(np.int64)


def _holds(estimate: spend.Estimate | None, value: float) -> bool:
    return estimate is not None and estimate.low <= value <= estimate.high


def simulate(audience: int) -> Runs:
    """Run plans with a lift and without one, a tenth held out."""
    draw, runs, held = np.random.default_rng(audience), Runs(), round(audience * HELD_OUT)
    for number in range(SIMULATIONS):
        base = people(draw, held, 0, 0)
        given = people(draw, audience - held, MORE_BUYERS, MORE_SPENT)
        lift, value = spend.measure(Arm.of(*given), Arm.of(*base)), truth(MORE_BUYERS, MORE_SPENT)
        runs.covered.append(_holds(lift.adjusted, value))
        runs.covered_plain.append(_holds(lift.plain, value))
        runs.narrowing.append(lift.narrowing or 0.0)
        nothing = spend.measure(Arm.of(*people(draw, audience - held, 0, 0)), Arm.of(*base))
        runs.covered_nothing.append(_holds(nothing.adjusted, 0))
        if number < CHECKED:
            parts = (bootstrap.buckets(*arm, seed=number) for arm in (given, base))
            runs.warned.append(bootstrap.check(lift, *parts, seed=number).warns)
    return runs


def false_alarms() -> float:
    """Give the share of sound draws of 3 000 members that the sample-ratio alarm calls broken."""
    alarms = 0
    for number in range(SIMULATIONS):
        counts = Counter(drawing.arm_of(f"M{no}", f"plan{number}", SHARES) for no in range(AUDIENCES[0]))
        alarms += balance.weigh(counts, dict(SHARES)).alarm
    return alarms / SIMULATIONS


def measure(ground: Ground) -> list[Figure]:
    """Simulate; nothing of the loaded brand is needed."""
    ground.say("lift on simulated truth")
    by_audience = {audience: simulate(audience) for audience in AUDIENCES}
    return [figure for audience, runs in by_audience.items() for figure in _figures(audience, runs)] + [_alarms()]


def _figures(audience: int, runs: Runs) -> list[Figure]:
    narrowing, warned = fmean(runs.narrowing), fmean(runs.warned)
    detail = {"simulations": SIMULATIONS, "narrowing": narrowing, "warned": warned}
    people_ = f"{audience:,} members, a tenth held out"
    shown = Figure(
        f"lift, {people_}: interval with pre-period spend beside without", f"{narrowing:.0%} narrower",
        f"bootstrap warns of {warned:.0%}", 1 - narrowing, detail=detail,
    )  # fmt: skip
    return [
        _coverage(f"lift, {people_}: 95 % interval holds the truth", runs.covered, runs.covered_plain),
        _coverage(f"lift, {people_}: the same where there is none", runs.covered_nothing),
        shown,
    ]


def _coverage(item: str, covered: list[bool], plain: list[bool] | None = None) -> Figure:
    low, high = COVERED
    share = fmean(covered)
    figure = holds(item, f"{share:.1%} of {len(covered)}", f"{low:.0%}–{high:.0%}", ok=low <= share <= high)
    figure.reference = f"without {fmean(plain):.1%}" if plain else ""
    return figure


def _alarms() -> Figure:
    share = false_alarms()
    said = f"{share:.1%} of {SIMULATIONS}"
    return holds("sample-ratio alarm, sound draws", said, f"≤ {FALSE_ALARMS:.0%}", ok=share <= FALSE_ALARMS)
