"""At which level a guide stands, since when, what is missing to the next, how her months were judged."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import takewhile

from django.db.models import Q, QuerySet

from guides.models import GuideAssessment, GuideLevelMove, Policy
from guides.models.levels import FIRST_LEVEL
from guides.queries import crediting, level_kpis, policies
from guides.queries.level_kpis import Group
from guides.queries.policy_terms import Band, LevelTable, read_levels
from newretail.kernel import clock, sql
from newretail.kernel.models import User
from stores.models import Post

MONTHS_SHOWN = 12
# Since when everybody stands where she stands; who is not there stands at the first level.
STOOD = """
SELECT DISTINCT ON (user_id) user_id, level, from_at FROM guides_guidelevelmove ORDER BY user_id, from_at DESC
"""
# An order's shares are its whole: all of its credits are read, her own are kept.
ORDERS_OF = """
c.order_id IN (SELECT k.order_id FROM guides_credit k JOIN stores_post q ON q.id = k.post_id
  WHERE k.end_entry_id IS NULL AND q.user_id = ANY(%(users)s) AND k.paid_at >= %(since)s AND k.paid_at < %(until)s)
"""
SPLIT = crediting.SPLITS.format(money=crediting.NET, source=crediting.CURRENT_CREDITS.format(where=ORDERS_OF))
SALES = f"""
SELECT p.user_id, s.role, s.own, count(*), sum(s.cents)::bigint
FROM ({SPLIT}) s JOIN stores_post p ON p.id = s.post_id
WHERE p.user_id = ANY(%(users)s) GROUP BY 1, 2, 3 ORDER BY 1, 5 DESC
"""


@dataclass(frozen=True)
class Part:
    """What a guide's credits of one kind come to: as what she has them, whether of own customers, orders, cents."""

    role: str
    own: bool
    orders: int
    cents: int


def guides(day: date) -> QuerySet[Post]:
    """Give the posts of guides that are held on a day."""
    begun = Q(since__isnull=True) | Q(since__lte=day)
    return Post.objects.filter(begun, Q(until__isnull=True) | Q(until__gt=day), role=Post.Role.GUIDE)


def sales(users: Iterable[int], month: date) -> dict[int, list[Part]]:
    """Give what the credits of these persons (ids) come to in a calendar month, net of refunds, as the books stand."""
    given = {
        "users": list(users), "since": clock.day_start(month), "until": clock.day_start(clock.month_after(month)),
    }  # fmt: skip
    found: dict[int, list[Part]] = {}
    for user, *part in sql.rows(SALES, given):
        found.setdefault(user, []).append(Part(*part))
    return found


def counted(parts: Sequence[Part], table: LevelTable | None) -> int:
    """Sum up what counts by the basis of a table: of own customers, or all of it."""
    everything = table is not None and table.basis == "credited"
    return sum(part.cents for part in parts if part.own or everything)


@dataclass(frozen=True)
class Standing:
    """Where a guide stands now by the table in force, and what this month's sales (cents) come to so far."""

    user: User
    level: int
    since: datetime | None
    month: date
    cents: int
    table: LevelTable | None
    history: list[GuideAssessment] = field(default_factory=list)

    @property
    def group(self) -> Group:
        """Give the group of her level."""
        return level_kpis.group_of(self.level)

    @property
    def band(self) -> Band | None:
        """Give the band of her level, None where the table has none."""
        return self._band(self.level)

    @property
    def following(self) -> Band | None:
        """Give the band above hers, None where she stands at the top."""
        return self._band(self.level + 1)

    @property
    def missing_cents(self) -> int | None:
        """Give what this month lacks to the next level, None where there is none."""
        return max(self.following.low_cents - self.cents, 0) if self.following else None

    @property
    def last(self) -> GuideAssessment | None:
        """Give the last month that was assessed."""
        return self.history[0] if self.history else None

    def _band(self, level: int) -> Band | None:
        return next((band for band in self.table.bands if band.level == level), None) if self.table else None


def standings(users: Sequence[User], *, at: datetime) -> list[Standing]:
    """Tell where each of these guides stands, in few queries whatever their number."""
    month = clock.month_start(clock.business_day(at))
    found = policies.in_force(Policy.Kind.LEVELS, clock.business_day(at))
    table: LevelTable | None = found.terms if found else None
    ids = [user.pk for user in users]
    moves = GuideLevelMove.objects.filter(user__in=ids, from_at__lte=at).order_by("user", "-from_at").distinct("user")
    stood = {move.user_id: move for move in moves}
    months = _history(ids)
    sold = sales(ids, month)
    return [
        Standing(
            user, stood[user.pk].level if user.pk in stood else FIRST_LEVEL,
            stood[user.pk].from_at if user.pk in stood else None, month, counted(sold.get(user.pk, []), table), table,
            months.get(user.pk, []),
        )
        for user in users
    ]  # fmt: skip


def _history(users: Sequence[int]) -> dict[int, list[GuideAssessment]]:
    """List the last months assessed of each, the newest first."""
    found: dict[int, list[GuideAssessment]] = {}
    rows = GuideAssessment.objects.filter(user__in=users).select_related("policy").order_by("user", "-month")
    for row in rows:
        months = found.setdefault(row.user_id, [])
        if len(months) < MONTHS_SHOWN:
            months.append(row)
    return found


@dataclass(frozen=True)
class Reckoned:
    """How a month was held against the table: sales by credits, the band they reach, months below in a row."""

    assessment: GuideAssessment
    parts: list[Part]
    table: LevelTable
    cents: int
    below: int

    @property
    def band(self) -> Band:
        """Give the band that the sales reached."""
        return next(band for band in self.table.bands if band.level == self.assessment.reached)

    @property
    def moved_cents(self) -> int:
        """Give what the books changed since: refunds and decisions that came after the assessment."""
        return self.cents - self.assessment.sales_cents


def reckoned(assessment: GuideAssessment, history: Sequence[GuideAssessment]) -> Reckoned:
    """Reckon a month of the history (the newest first) anew from the books, by the table it was assessed by."""
    parts = sales([assessment.user_id], assessment.month).get(assessment.user_id, [])
    table = read_levels(assessment.policy.terms)
    until = [row for row in history if row.month <= assessment.month]
    below = list(takewhile(lambda row: row.reached < row.before, until))
    return Reckoned(assessment, parts, table, counted(parts, table), len(below))
