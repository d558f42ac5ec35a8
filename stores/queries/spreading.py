"""How a month's amount falls on its days: by weight, to the last unit; days gone by keep what they had."""

from collections.abc import Mapping, Sequence

from newretail.kernel import money


def spread(amount: int, weights: Sequence[int], past: Sequence[int] = ()) -> list[int]:
    """Split an amount over days by weight (largest remainder); the first days keep what `past` says.

    The days always sum to the amount. Where the past took more than there is, or no day is left, all days are split
    anew.
    """
    left = amount - sum(past)
    if past and left >= 0 and len(past) < len(weights):
        return [*past, *_split(left, weights[len(past) :])]
    return _split(amount, weights)


def _split(amount: int, weights: Sequence[int]) -> list[int]:
    return money.split(amount, weights if sum(weights) else [1] * len(weights))


def share_out(days: Sequence[int], amounts: Sequence[int]) -> list[list[int]]:
    """Share each day out among parts so that each part gets its amount and the parts of a day sum to the day.

    Day by day, by what each part still lacks (largest remainder): no part ever gets more than it lacks. Σ days must
    equal Σ amounts; all ≥ 0.
    """
    if sum(days) != sum(amounts):
        raise ValueError("the days must sum to the parts")
    lacking = list(amounts)
    columns = []
    for day in days:
        parts = money.split(day, lacking) if sum(lacking) else [0] * len(lacking)
        lacking = [lack - part for lack, part in zip(lacking, parts, strict=True)]
        columns.append(parts)
    return [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in amounts]


def share_out_rest(
    days: Sequence[int], amounts: Mapping[int, int], past: Mapping[int, Sequence[int]], weights: Sequence[int]
) -> dict[int, list[int]]:
    """Share a place's days out among those below it, the days gone by as they were.

    Where that cannot be (a part came later, or had more than it gets now) each part is spread by weight alone.
    """
    keys = list(amounts)
    gone = max((len(past.get(key, ())) for key in keys), default=0)
    before = {key: list(past.get(key, ())) or [0] * gone for key in keys}
    rest = [amounts[key] - sum(before[key]) for key in keys]
    if min(rest, default=0) >= 0 and sum(rest) == sum(days[gone:]) and gone < len(days):
        shared = share_out(days[gone:], rest)
        return {key: before[key] + shared[n] for n, key in enumerate(keys)}
    return {key: spread(amounts[key], weights, past.get(key, ())) for key in keys}
