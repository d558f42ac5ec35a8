"""How segments stand: who came and went by day, how two overlap, where one member stands in each."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import OuterRef

from campaigns.models import Segment, SegmentMember, Snapshot
from campaigns.queries.segments import Moment
from members.models import Member
from members.queries import families
from members.queries.conditions import explainer, tree
from members.queries.conditions.explainer import Told
from newretail.kernel import clock, sql

DAYS = """
SELECT d.day, coalesce(sum((v.kind = 'entered')::int), 0), coalesce(sum((v.kind = 'left')::int), 0)
FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS d(day)
LEFT JOIN (SELECT kind, (moved_at AT TIME ZONE %(zone)s)::date AS day FROM campaigns_segmentmove
           WHERE segment_id = %(segment)s AND moved_at >= %(since)s) v ON v.day = d.day
GROUP BY 1 ORDER BY 1
"""
BOTH = """
SELECT count(*) FROM campaigns_segmentmember a JOIN campaigns_segmentmember b
  ON b.member_id = a.member_id AND b.segment_id = %(other)s WHERE a.segment_id = %(one)s
"""
# Bits of two snapshots, the shorter one made as long as the other.
COMPARED = """
SELECT bit_count(a & b), bit_count(a & ~b), bit_count(b & ~a) FROM (
  SELECT x.seats || repeat('0', greatest(x.width, y.width) - x.width)::varbit AS a,
    y.seats || repeat('0', greatest(x.width, y.width) - y.width)::varbit AS b
  FROM campaigns_snapshot x, campaigns_snapshot y WHERE x.id = %(one)s AND y.id = %(other)s) pair
"""


@dataclass(frozen=True)
class Day:
    """How many came into a segment on a day, and how many went out."""

    day: date
    entered: int
    left: int


@dataclass(frozen=True)
class Overlap:
    """How many are in both, and in one alone."""

    both: int
    one_alone: int
    other_alone: int

    @property
    def share(self) -> float:
        """Tell which share of all of them is in both, in per cent."""
        union = self.both + self.one_alone + self.other_alone
        return 100 * self.both / union if union else 0.0


@dataclass(frozen=True)
class Place:
    """Where a member stands: in a segment since, or not in it."""

    segment: Segment
    since: datetime | None


def days(segment: Segment, last: date, count: int) -> list[Day]:
    """Give who came and went on each of so many days, to the last."""
    first = last - timedelta(days=count - 1)
    given = {"segment": segment.pk, "first": first, "last": last, "since": clock.day_start(first),
             "zone": clock.brand_zone().key}  # fmt: skip
    return [Day(day.date(), int(entered), int(left)) for day, entered, left in sql.rows(DAYS, given)]


def overlap(one: Segment, other: Segment) -> Overlap:
    """Compare the members of two segments as they stand."""
    both = int(sql.rows(BOTH, {"one": one.pk, "other": other.pk})[0][0])
    return Overlap(both, one.members - both, other.members - both)


def difference(one: Snapshot, other: Snapshot) -> Overlap:
    """Compare two snapshots: in both, in the first alone, in the second alone."""
    return Overlap(*map(int, sql.rows(COMPARED, {"one": one.pk, "other": other.pk})[0]))


def places(member: Member) -> list[Place]:
    """Tell of every segment that is kept fresh whether the person is in it, and since when; those first."""
    links = SegmentMember.objects.filter(segment=OuterRef("pk"), member=families.root_of(member))
    active = Segment.objects.filter(state=Segment.State.ACTIVE).annotate(since=links.values("since")).order_by("code")
    return sorted((Place(segment, segment.since) for segment in active), key=lambda place: place.since is None)


def why(conditions: object, member: Member, day: date | None, at: datetime) -> Told:
    """Tell of each condition whether it holds of a member now, or held at the start of a past day, with her value."""
    moment = Moment.of(day, at)
    return explainer.why(tree.read(conditions), member, moment.as_of, until=moment.until, past=moment.past)
