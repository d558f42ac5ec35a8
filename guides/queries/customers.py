"""A guide's own customers as a list: found by a term, by stage and tag, each with what is best done next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from django.db.models import Count, F, Q, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from guides.models import Task
from guides.queries.serving import customers_of, tasks_of
from members.models import Member, MemberTag, Portrait, Tag
from members.models.member import MemberQuerySet, TagQuerySet
from members.models.portraits import Relationship, Stage
from members.queries import birthdays, finding
from newretail.kernel import clock
from stores.models import Post

SHOWN = 30
TAG_CHIPS = 8
BIRTHDAY_DAYS = 7
NEVER = date(1900, 1, 1)


@dataclass(frozen=True)
class Wish:
    """Which customers are asked for: a term, a stage, a tag by its name; the page begins after a member's number."""

    term: str = ""
    stage: str = ""
    tag: str = ""
    after: str = ""


@dataclass(frozen=True)
class Row:
    """A customer in the list, and what is best done next."""

    member: Member
    portrait: Portrait | None
    step: str


@dataclass(frozen=True)
class Customers:
    """A page of the list, how many there are by stage and tag, and after whom the next page begins."""

    rows: list[Row]
    total: int
    stages: list[tuple[str, str, int]]
    tags: list[tuple[str, int]]
    after: str


def tags_for(posts: Sequence[Post]) -> TagQuerySet:
    """Give the tags a guide sees and sets: the brand's, and those of her stores."""
    return Tag.objects.of_stores([post.store_id for post in posts if post.store_id])


def listed(user: Any, posts: Sequence[Post], wish: Wish, at: datetime) -> Customers:
    """Give a page of the customers a person serves, who bought last first."""
    own = cast("MemberQuerySet", customers_of(user))
    stages = dict(own.order_by().values_list("portrait__stage").annotate(n=Count("pk")))
    tags = MemberTag.objects.filter(member__in=own.values("pk"), tag__in=tags_for(posts))
    found = _page(_wished(own, wish), own, wish.after)
    return Customers(
        rows=_rows(found[:SHOWN], user, at),
        total=sum(stages.values()),
        stages=[(code, str(word), stages[code]) for code, word in Stage.choices if stages.get(code)],
        tags=list(tags.values_list("tag__name").annotate(n=Count("pk")).order_by("-n", "tag__name")[:TAG_CHIPS]),
        after=found[SHOWN - 1].member_no if len(found) > SHOWN else "",
    )


def _wished(own: MemberQuerySet, wish: Wish) -> MemberQuerySet:
    rows = finding.found_by(wish.term, own) if wish.term else own
    if wish.stage in Stage.values:
        rows = rows.filter(portrait__stage=wish.stage)
    if wish.tag and "\0" not in wish.tag:
        rows = rows.filter(pk__in=MemberTag.objects.filter(tag__name=wish.tag).values("member"))
    return rows


def _page(rows: MemberQuerySet, own: MemberQuerySet, after: str) -> list[Member]:
    """Read one more than is shown; the page begins behind a customer of hers, by day of the last purchase."""
    dated = rows.annotate(bought_on=Coalesce(F("portrait__last_day"), Value(NEVER)))
    last = None if not after or "\0" in after else own.select_related("portrait").filter(member_no=after).first()
    if last:
        day = getattr(getattr(last, "portrait", None), "last_day", None) or NEVER
        dated = dated.filter(Q(bought_on__lt=day) | Q(bought_on=day, member_no__gt=last.member_no))
    # Found by narrow rows: whole ones are read of those alone who are shown.
    ids = list(dated.order_by("-bought_on", "member_no").values_list("pk", flat=True)[: SHOWN + 1])
    members = Member.objects.select_related("level", "portrait").in_bulk(ids)
    return [members[pk] for pk in ids]


def _rows(members: Sequence[Member], user: Any, at: datetime) -> list[Row]:
    given = tasks_of(user).open().filter(member__in=members).select_related("brief")
    tasks: dict[int | None, Task] = {}
    for task in given.order_by("brief__priority", "due_at", "id"):
        tasks.setdefault(task.member_id, task)
    today = clock.business_day(at)
    return [Row(each, getattr(each, "portrait", None), step(each, tasks.get(each.pk), today)) for each in members]


@lru_cache(maxsize=4)
def _fetes(today: date) -> set[tuple[str, int, int]]:
    """Name the birthdays of the next days in either calendar; reckoned once a day, not for each customer."""
    days = [today + timedelta(days=n) for n in range(BIRTHDAY_DAYS + 1)]
    solar, lunar = birthdays.solar_dates(days), birthdays.lunar_dates(days)
    return {(Member.Calendar.SOLAR, *day) for day in solar} | {(Member.Calendar.LUNAR, *day) for day in lunar}


def step(member: Member, task: Task | None, today: date) -> str:
    """Say what is best done next: the task that is open, her birthday, else what her purchases ask for."""
    if task:
        return task.brief.title
    if (member.birthday_calendar, member.birth_month, member.birth_day) in _fetes(today):
        return _("Her birthday is near: send your wishes")
    return _by_portrait(getattr(member, "portrait", None), today)


def _by_portrait(portrait: Portrait | None, today: date) -> str:
    if portrait is None or not portrait.last_day or portrait.relationship == Relationship.PROSPECT:
        return _("Nothing bought yet: win her first purchase")
    quiet = {"days": (today - portrait.last_day).days}
    if portrait.stage in (Stage.WAKE, Stage.WIN_BACK):
        return _("Quiet for %(days)s days: invite her") % quiet
    if portrait.stage in (Stage.DORMANT, Stage.LOST):
        return _("Gone for %(days)s days: ask how she is") % quiet
    if portrait.relationship in (Relationship.NEW, Relationship.ONE_TIMER):
        return _("Bought once: win her second purchase")
    return _("Buys often: tell her what is new")
