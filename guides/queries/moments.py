"""Posts in Moments: a guide's week as it stands, and how far guides keep the plan (朋友圈达标率)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from guides.models import Material, MomentPost, MomentSlot
from guides.queries.moment_weeks import WEEK, monday
from newretail.kernel import clock, sql
from stores.models import Post, held_on

# The slots of those who were guides of the store on their day, and what they made of them until an instant.
SLOTS = f"""
SELECT p.id AS post_id, s.closes_at <= %(at)s OR m.id IS NOT NULL AS due, m.id IS NOT NULL AS made,
  m.at >= s.opens_at AND m.at < s.closes_at AS in_time, m.evidence = 'platform' AS confirmed
FROM stores_post p JOIN guides_momentslot s ON s.store_id = p.store_id AND s.day >= %(since)s AND s.day < %(until)s
  AND {held_on("s.day")}
LEFT JOIN guides_momentpost m ON m.slot_id = s.id AND m.post_id = p.id AND m.undone_at IS NULL AND m.at <= %(at)s
WHERE {{where}}
"""
KEPT = f"""
SELECT count(*) FILTER (WHERE due), count(*) FILTER (WHERE made), count(*) FILTER (WHERE in_time),
  count(*) FILTER (WHERE confirmed)
FROM ({SLOTS.format(where="p.id = ANY(%(posts)s)")}) x
"""
LEFT_TODAY = """
SELECT count(*) FROM guides_momentslot s JOIN stores_post p ON p.store_id = s.store_id AND p.id = ANY(%(posts)s)
WHERE s.day = %(today)s
  AND NOT EXISTS (SELECT FROM guides_momentpost m WHERE m.slot_id = s.id AND m.post_id = p.id AND m.undone_at IS NULL)
"""


@dataclass(frozen=True)
class Kept:
    """How far the plan was kept: slots that were due (their time is over, or they are posted), made, made in time.

    The score is the mean of two shares: what was made within its week, and what was made at its best time, both of
    what was due. A post of the week that was made late counts half. That brand advertising is posted once a week at
    most is no part of it: more is not kept at all. Source: 朋友圈有效措施 of the brand's training deck names the
    week's posts and their best times as the two measures; that they weigh the same is ours.
    """

    due: int = 0
    made: int = 0
    in_time: int = 0
    confirmed: int = 0

    @property
    def score(self) -> float | None:
        """Give the score; None where nothing was due."""
        return (self.made + self.in_time) / (2 * self.due) if self.due else None


@dataclass(frozen=True)
class Card:
    """A slot as its guide sees it: what she may post now, what she made of it, where it stands."""

    slot: MomentSlot
    material: Material | None
    made: MomentPost | None
    today: date

    @property
    def open(self) -> bool:
        """Tell whether it can be posted."""
        return self.made is None and self.slot.day <= self.today

    @property
    def late(self) -> bool:
        """Tell whether its day is over and it can still be made up for."""
        return self.made is None and self.slot.day < self.today

    @property
    def number(self) -> str:
        """Give the slot's number as text."""
        return str(self.slot.ref)


def week(posts: Sequence[Post], at: datetime, *, slot: UUID | None = None) -> list[Card]:
    """Give the running week of a guide's posts, or one slot of it, in the order of the slots' times."""
    today = clock.business_day(at)
    planned = MomentSlot.objects.filter(store__in=[post.store_id for post in posts], week_on=monday(today))
    rows = list((planned if slot is None else planned.filter(ref=slot)).select_related("material").order_by("opens_at"))
    made = MomentPost.objects.standing().filter(slot__in=rows, post__in=[post.pk for post in posts])
    by_slot = {each.slot_id: each for each in made}
    usable = Material.objects.usable_by(list(posts), today).select_related("product")
    codes = {row.material.code for row in rows if row.material}
    by_code = {each.code: each for each in usable.filter(code__in=codes)}
    return [
        Card(row, by_code.get(row.material.code) if row.material else None, by_slot.get(row.pk), today) for row in rows
    ]


def left_today(posts: Iterable[int], at: datetime) -> int:
    """Count what a guide's posts have still to post today."""
    given = {"posts": list(posts), "today": clock.business_day(at)}
    return int(sql.rows(LEFT_TODAY, given)[0][0])


def kept(posts: Iterable[int], *, since: date, until: date, at: datetime) -> Kept:
    """Tell how far the guides of these posts kept the plan of the days in [since, until)."""
    given = {"posts": list(posts), "since": since, "until": until, "at": at}
    return Kept(*sql.rows(KEPT, given)[0])


def kept_this_week(posts: Iterable[int], at: datetime) -> Kept:
    """Tell how far the guides of these posts keep the plan of the running week."""
    first = monday(clock.business_day(at))
    return kept(posts, since=first, until=first + WEEK, at=at)
