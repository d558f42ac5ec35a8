"""Whether guides keep the SOP: greeted within a day, reminded a day after a purchase, in touch within a week.

Times are what happened, not what a task says: of a touch that a guide made, whatever led her to it. Counted are
occasions in [first, until), each by the guide who served the member then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from guides.models import Bond
from newretail.kernel import clock, sql

GREETED, REMINDED, IN_TOUCH = "greeted", "reminded", "in_touch"
STEPS = {
    GREETED: _("Greeted within a day"),
    REMINDED: _("Reminded a day after a purchase"),
    IN_TOUCH: _("In touch within 7 days"),
}
ADDED = (Bond.Source.SCAN, Bond.Source.PURCHASE, Bond.Source.HAND, Bond.Source.API)
# The first touch by a guide since then; it stands in her root's row or in the one she was added by.
FIRST_TOUCH = """
(SELECT min(t.planned_for) FROM members_touch t WHERE t.member_id IN (m.id, coalesce(m.merged_into_id, m.id))
 AND t.planned_for >= {since} AND t.planned_for < {since} + interval '60 days'
 AND t.source LIKE 'guides.%%' AND t.claimed_at IS NOT NULL
 AND t.state NOT IN ('failed', 'refused', 'over_quota', 'unknown'))
"""
ADDED_THEN = """
FROM guides_bond b JOIN members_member m ON m.id = b.member_id
WHERE b.post_id IN (SELECT id FROM those) AND b.began_at >= %(from)s AND b.began_at < %(to)s
  AND b.source = ANY(%(added)s)
"""
# Of one day's purchases the first counts, hers and those of the rows merged into her; of a row that was merged away
# where nobody served her root then.
BOUGHT_THEN = """
FROM (SELECT DISTINCT ON (b.id, day) b.post_id, m.id, m.merged_into_id, o.paid_at,
        (o.paid_at AT TIME ZONE %(zone)s)::date AS day
      FROM guides_bond b JOIN members_member m ON m.id = b.member_id
      CROSS JOIN LATERAL (
        SELECT m.id UNION ALL SELECT f.id FROM members_member f WHERE f.merged_into_id = m.id) s(id)
      JOIN members_order o ON o.member_id = s.id AND o.paid_at >= %(from)s AND o.paid_at < %(to)s
        AND o.paid_at >= b.began_at AND (b.ended_at IS NULL OR o.paid_at < b.ended_at)
        AND o.refunded_cents < o.amount_cents
      WHERE b.post_id IN (SELECT id FROM those) AND (b.ended_at IS NULL OR b.ended_at > %(from)s)
        AND NOT EXISTS (SELECT FROM guides_bond r WHERE r.member_id = m.merged_into_id AND r.began_at <= o.paid_at
          AND (r.ended_at IS NULL OR o.paid_at < r.ended_at))
      ORDER BY b.id, day, o.paid_at) m
"""
COUNTED = f"""
WITH those AS (SELECT id FROM stores_post WHERE id = ANY(%(posts)s) OR store_id = ANY(%(stores)s)),
occasions AS (
  SELECT b.post_id, '{GREETED}' AS step, b.began_at + interval '1 day' AS due_at,
    {FIRST_TOUCH.format(since="b.began_at")} AS done_at {ADDED_THEN}
  UNION ALL
  SELECT m.post_id, '{REMINDED}', m.paid_at + interval '1 day', {FIRST_TOUCH.format(since="m.paid_at")} {BOUGHT_THEN}
  UNION ALL
  SELECT b.post_id, '{IN_TOUCH}', b.began_at + interval '7 days',
    {FIRST_TOUCH.format(since="(b.began_at + interval '1 day')")} {ADDED_THEN}
)
SELECT post_id, step, count(*) FILTER (WHERE done_at <= due_at) AS on_time,
  count(*) FILTER (WHERE done_at > due_at) AS late,
  count(*) FILTER (WHERE done_at IS NULL AND due_at <= %(at)s) AS missed,
  count(*) FILTER (WHERE done_at IS NULL AND due_at > %(at)s) AS waiting
FROM occasions GROUP BY post_id, step
"""


@dataclass(frozen=True)
class Kept:
    """How often a step of the SOP was done on time, late, not at all; how often there is still time for it."""

    step: str
    on_time: int = 0
    late: int = 0
    missed: int = 0
    waiting: int = 0

    def __add__(self, other: "Kept") -> "Kept":
        return Kept(
            self.step, self.on_time + other.on_time, self.late + other.late, self.missed + other.missed,
            self.waiting + other.waiting,
        )  # fmt: skip

    @property
    def name(self) -> str:
        """Say what is to be done."""
        return str(STEPS[self.step])

    @property
    def due(self) -> int:
        """Count the occasions whose time is over, or that were done."""
        return self.on_time + self.late + self.missed

    @property
    def share(self) -> float | None:
        """Give the share done on time; None where none was due."""
        return self.on_time / self.due if self.due else None


def kept(
    *, first: datetime, until: datetime, at: datetime, posts: Sequence[int] = (), stores: Sequence[int] = ()
) -> dict[int, list[Kept]]:
    """Count the SOP of guides, by post, each with all steps; of posts, or of all posts of stores. One statement."""
    given = asking(first=first, until=until, at=at, posts=posts, stores=stores)
    return by_post(sql.together({"kept": COUNTED}, given)["kept"])


def asking(
    *, first: datetime, until: datetime, at: datetime, posts: Sequence[int] = (), stores: Sequence[int] = ()
) -> sql.Params:
    """Give what the statement is asked with, also beside others."""
    return {
        "from": first, "to": until, "at": at, "posts": list(posts), "stores": list(stores), "added": list(ADDED),
        "zone": clock.brand_zone().key,
    }  # fmt: skip


def by_post(rows: Iterable[Mapping[str, Any]]) -> dict[int, list[Kept]]:
    """Read the statement's rows: the steps of each guide, also those that nothing asked for."""
    found: dict[int, dict[str, Kept]] = defaultdict(dict)
    for row in rows:
        counts = {name: count for name, count in row.items() if name != "post_id"}
        found[row["post_id"]][row["step"]] = Kept(**counts)
    return {post: [steps.get(step, Kept(step)) for step in STEPS] for post, steps in found.items()}


def together(found: Iterable[list[Kept]]) -> list[Kept]:
    """Sum the steps of several guides."""
    sums = {step: Kept(step) for step in STEPS}
    for steps in found:
        for each in steps:
            sums[each.step] += each
    return list(sums.values())
