"""Openings of shared links, which leave no line: until which day facts hold them whole, and those since."""

from analytics.queries.seasons import Span
from newretail.kernel import clock, sql

MARKED = "analytics.opening.marked"
# All openings of the days before it were there when their facts were counted; NULL before the first night.
WHOLE_UNTIL = f"""(SELECT (facts ->> 'until')::date FROM kernel_journalentry WHERE name = '{MARKED}'
  ORDER BY id DESC LIMIT 1)"""
# What the facts of the others do not hold yet, by post and day of a span.
SINCE = f"""
SELECT h.post_id, (o.at AT TIME ZONE %(zone)s)::date AS day, count(*) AS opens
FROM guides_linkopen o JOIN guides_share h ON h.id = o.share_id
WHERE h.post_id = ANY ({{posts}}) AND o.at < %(span_ends)s
  AND o.at >= greatest(%(span_begins)s, {WHOLE_UNTIL}::timestamp AT TIME ZONE %(zone)s)
GROUP BY 1, 2
"""


def asking(span: Span) -> sql.Params:
    """Give what SINCE is asked with."""
    return {
        "span_begins": clock.day_start(span.first), "span_ends": clock.day_start(span.until),
        "zone": clock.brand_zone().key,
    }  # fmt: skip


def of_facts(days: str) -> str:
    """Write the openings that the facts of a day hold whole; none of the days that are counted from the links."""
    return f"CASE WHEN {days}.day < {WHOLE_UNTIL} THEN {days}.opens ELSE 0 END"
