"""A first level table: the bands of the source, above them what the brand's own guides sell."""

from datetime import date
from typing import Any

from guides.models.levels import LAST_LEVEL
from guides.queries.policy_terms import ABILITIES
from newretail.kernel import clock, sql

MONTHS = 6
# Levels 1 to 4 as the source has them (levels of guides), in yuan; level 3 runs to 50 000 so that no gap is left.
GIVEN = (0, 8_000, 20_000, 50_000)
TOP = 70_000  # where the source ends: above it each level holds the same share of the brand's guide months
STEPS = (90_000, 120_000, 150_000, 200_000, 250_000, 300_000, 400_000)  # where too few sell that much
FEWEST = 10 * (LAST_LEVEL - len(GIVEN))  # guide months above TOP for which quantiles say anything
ROUNDED: tuple[tuple[int, int], ...] = ((200_000, 5_000), (500_000, 10_000), (1_000_000, 50_000))  # below: to so much
COARSEST = 100_000
# What is learned: 1 to 3 as the source says, then what the KPIs of the group ask for. Abilities: content, operation,
# portrait, tools; the tools come first, content of her own last.
LEARNED: tuple[tuple[str, tuple[int, int, int, int]], ...] = (
    ("操作流程", (0, 1, 0, 1)), ("运营方法", (1, 1, 1, 2)), ("精准细分", (1, 2, 2, 2)),
    ("用户运营", (1, 2, 2, 3)), ("复购经营", (2, 3, 2, 3)), ("唤醒召回", (2, 3, 3, 3)),
    ("标签画像", (2, 3, 4, 3)), ("活动策划", (3, 4, 4, 4)), ("客单提升", (3, 4, 4, 4)),
    ("内容生产", (4, 4, 4, 5)), ("圈层经营", (5, 5, 4, 5)), ("带教传承", (5, 5, 5, 5)),
)  # fmt: skip
# Quantiles do not need the cent: each share is taken by itself, whatever is left over.
QUANTILES = """
SELECT count(*), percentile_cont(%(parts)s::float8[]) WITHIN GROUP (ORDER BY s.cents) FROM (
  SELECT sum((o.amount_cents - o.refunded_cents) * c.share_bp / 10000) AS cents
  FROM guides_credit c JOIN members_order o ON o.id = c.order_id JOIN stores_post p ON p.id = c.post_id
  WHERE c.end_entry_id IS NULL AND c.own AND c.paid_at >= %(since)s AND c.paid_at < %(until)s
  GROUP BY p.user_id, date_trunc('month', c.paid_at AT TIME ZONE %(zone)s)) s
WHERE s.cents >= %(top)s
"""


def table(*, as_of: date | None = None) -> dict[str, Any]:
    """Write the terms of a first table: by private sales, one month of grace.

    Levels 5 to 12 begin at quantiles of the monthly sales above 70 000 yuan of the six months before that of `as_of`;
    without a day, or where guides sell that much too seldom, at sensible steps.
    """
    beyond = (as_of and _of_brand(as_of)) or list(STEPS)
    lows = [*GIVEN, TOP, *beyond]
    return {
        "basis": "private",
        "grace_months": 1,
        "levels": [
            {"level": i, "low_cents": low * 100, "high_cents": None if high is None else high * 100, "theme": theme,
             "abilities": dict(zip(ABILITIES, abilities, strict=True))}
            for i, (low, high, (theme, abilities)) in enumerate(zip(lows, [*lows[1:], None], LEARNED, strict=True), 1)
        ],
    }  # fmt: skip


def _of_brand(as_of: date) -> list[int] | None:
    since, until = clock.month_before(as_of, MONTHS), clock.month_start(as_of)
    parts = [(i + 1) / (len(STEPS) + 1) for i in range(len(STEPS))]
    given = {
        "since": clock.day_start(since), "until": clock.day_start(until), "zone": clock.brand_zone().key,
        "parts": parts, "top": TOP * 100,
    }  # fmt: skip
    count, cents = sql.rows(QUANTILES, given)[0]
    return rising([round(cut / 100) for cut in cents]) if count >= FEWEST else None


def rising(cuts: list[int]) -> list[int]:
    """Round yuan to what people say, each above the one before it and the first above where the source ends."""
    said: list[int] = []
    last = TOP
    for cut in cuts:
        step = next((step for below, step in ROUNDED if max(cut, last) < below), COARSEST)
        last = max((cut + step // 2) // step * step, last + step)
        said.append(last)
    return said
