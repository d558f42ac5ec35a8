"""Where the cuts of the scores lie, found from counts of values, and whose values lie where a cut has moved across.

The cuts are the fifths over members with an order in the window (percentile_disc: the first value whose cumulative
share reaches k/5), or the brand's own. Values are counted, not sorted, and a day's changes are added to the counts that
the last scoring kept. Amounts are counted in steps of three digits; within the four steps that hold a cut, exactly.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from members.models import ScoreCut
from newretail.kernel import brand, sql

CUTS = 4
DIGITS = 3
BIGINT_DIGITS = 19
_STEPS = " ".join(
    f"WHEN monetary_cents < {10**digits} THEN monetary_cents - monetary_cents % {10 ** (digits - DIGITS)}"
    for digits in range(DIGITS, BIGINT_DIGITS)
)
_LAST = f"monetary_cents - monetary_cents % {10 ** (BIGINT_DIGITS - DIGITS)}"
# What is counted of a row; days by their ordinal number.
VALUES = {
    "last_day": "last_day - '0001-01-01'::date + 1",
    "frequency": "frequency",
    "monetary": f"CASE {_STEPS} ELSE {_LAST} END",
}
COUNT = "SELECT {value}, sum(n) FROM {rows} WHERE frequency > 0 {where} GROUP BY 1"
PORTRAIT = "(SELECT last_day, frequency, monetary_cents, 1 AS n FROM members_portrait) portrait"
# Who differs (`scores.find_changed`): counted as she is now, taken out as she was.
CHANGES = """
(SELECT last_day, frequency, monetary_cents, 1 AS n FROM tmp_changed
 UNION ALL SELECT was_last_day, was_frequency, was_monetary_cents, -1 FROM tmp_changed) changes
"""
BASE = "(SELECT last_day, frequency, monetary_cents, 1 AS n FROM tmp_base) base"
Tally = Counter[int]


def _count(value: str, rows: list[str], where: str = "", *, start: Tally | None = None) -> Tally:
    tally = start or Counter()
    for source in rows:
        for found, n in sql.rows(COUNT.format(value=value, rows=source, where=where)):
            tally[found] += int(n)
    return +tally


def fifths(tally: Tally) -> list[int]:
    """Give the first values whose cumulative share reaches 1/5, 2/5, 3/5, 4/5; none when nothing was counted."""
    total, reached, found = tally.total(), 0, list[int]()
    for value in sorted(tally):
        reached += tally[value]
        while len(found) < CUTS and 5 * reached >= (len(found) + 1) * total > 0:
            found.append(value)
    return found


@dataclass(frozen=True)
class Counts:
    """How many members with an order in the window have each last day, frequency, step of amount; and of which rows."""

    tallies: dict[str, Tally]
    rows: list[str] = field(default_factory=list)

    def exact(self) -> list[int]:
        """Find the cuts of the amounts to the cent."""
        steps = self.tallies["monetary"]
        found = sorted(set(fifths(steps)))
        spans = " OR ".join(f"monetary_cents >= {step} AND monetary_cents < {step + _width(step)}" for step in found)
        if not spans:
            return []
        within = _count("monetary_cents", self.rows, f"AND ({spans})")
        return fifths(Counter({step: n for step, n in steps.items() if step not in found}) + within)

    def to_json(self) -> dict[str, dict[str, int]]:
        """Write the counts as they are kept in `ScoreCut`."""
        return {name: {str(value): n for value, n in tally.items()} for name, tally in self.tallies.items()}


def _width(step: int) -> int:
    return int(10 ** max(0, len(str(step)) - DIGITS))


def count(*rows: str) -> Counts:
    """Count the values of rows: tables, or FROM items, with last_day, frequency, monetary_cents and a sign `n`."""
    return Counts({name: _count(value, list(rows)) for name, value in VALUES.items()}, list(rows))


def count_on(kept: dict[str, dict[str, int]]) -> Counts:
    """Add what changed to the counts that the last scoring kept of the live portrait."""
    tallies = {
        name: _count(value, [CHANGES], start=Counter({int(v): n for v, n in kept[name].items()}))
        for name, value in VALUES.items()
    }
    return Counts(tallies, [PORTRAIT, CHANGES])


@dataclass(frozen=True)
class Cuts:
    """Four cut values for each score (cents for money), the amount of a super customer, how many were scored."""

    last_day: list[date]
    frequency: list[int]
    monetary: list[int]
    super_cents: int
    scored: int

    def to_json(self) -> dict[str, Any]:
        """Write the cuts as they are kept in `ScoreCut`."""
        return {
            "last_day": [day.isoformat() for day in self.last_day],
            "frequency": self.frequency,
            "monetary": self.monetary,
            "rules": rules(),
        }


def rules() -> list[Any]:
    """List the settings that scores and relationships follow from."""
    return [brand.setting(key) for key in ("new_days", "super_orders", "super_cents", "rfm_cuts")]


def find(counts: Counts) -> Cuts:
    """Find the cuts; the brand's own go first."""
    own = brand.setting("rfm_cuts") or {}
    cents = counts.exact()
    super_cents = brand.setting("super_cents")
    if super_cents is None:
        super_cents = cents[-1] if cents else 0  # proposed at the 80th percentile: the fourth cut
    return Cuts(
        last_day=[date.fromisoformat(text) for text in own.get("last_day", [])]
        or [date.fromordinal(day) for day in fifths(counts.tallies["last_day"])],
        frequency=own.get("frequency") or fifths(counts.tallies["frequency"]),
        monetary=own.get("monetary") or cents,
        super_cents=int(super_cents),
        scored=counts.tallies["frequency"].total(),
    )


def proposed_super_cents() -> int | None:
    """Propose the amount of a super customer: the 80th percentile of the buyers at the newest scoring."""
    newest = ScoreCut.objects.order_by("-id").first()
    if newest is None or "monetary" in (brand.setting("rfm_cuts") or {}):
        return None
    cuts = newest.cuts.get("monetary") or []
    return int(cuts[-1]) if cuts else None  # the fourth of the quintiles' cuts


def crossed(was: ScoreCut, new: Cuts, new_since: date, was_new_since: date) -> str:
    """Write the condition for rows of the portrait whose scores may differ under new cuts.

    A score counts the cuts a value exceeds, so it changes only for values between an old cut and its new place.
    """
    parts = [f"(purchases = 1 AND last_day >= '{was_new_since}' AND last_day < '{new_since}')"]
    parts += _between("last_day", "date", was.cuts["last_day"], [day.isoformat() for day in new.last_day])
    parts += _between("frequency", "bigint", was.cuts["frequency"], new.frequency)
    parts += _between("monetary_cents", "bigint", was.cuts["monetary"], new.monetary)
    # A super customer reaches her amount, the scores exceed theirs: one cent makes the bounds alike.
    parts += _between("monetary_cents", "bigint", [was.super_cents - 1], [new.super_cents - 1])
    return " OR ".join(parts)


def _between(column: str, kind: str, was: list[Any], new: list[Any]) -> list[str]:
    if len(was) != len(new):
        return ["true"]
    moves = [sorted(pair) for pair in zip(was, new, strict=True) if pair[0] != pair[1]]
    return [f"({column} > '{low}'::{kind} AND {column} <= '{high}'::{kind})" for low, high in moves]
