"""The people behind a figure of a store's or a region's board: one list a figure, paged by key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from analytics.queries import seasons, selling
from analytics.queries.boards import week_of
from analytics.queries.lapsing import last_days_lapsing
from analytics.queries.selling import BEST_DAYS
from members.models import Member, Order, StageChange
from members.models.portraits import Relationship, Stage
from members.queries import birthdays
from newretail.kernel import clock

YEAR_DAYS = 365
BOUGHT_HERE = """
SELECT member_id FROM analytics_daybuyers d, unnest(d.members) AS member_id
WHERE d.store_id = ANY (%s) AND d.day >= %s GROUP BY d.store_id, member_id HAVING count(*) >= %s"""
Given = dict[str, str]
Stores = list[int]
People = QuerySet[Member]


class NoSuchList(LookupError):
    """No figure has such a list."""


@dataclass(frozen=True)
class Behind:
    """A page of the people behind a figure, how many there are, and the key after which the next page begins.

    The last page has no next (None).
    """

    people: list[Member]
    total: int
    next_after: int | None


def _birthdays(stores: Stores, day: date, _given: Given) -> People:
    week = week_of(day)
    return birthdays.at_home_in(stores, week.first, week.until)


def _lapsing(stores: Stores, day: date, _given: Given) -> People:
    return Member.objects.filter(home_store__in=stores, portrait__last_day__range=last_days_lapsing(day))


def _second(stores: Stores, _day: date, _given: Given) -> People:
    return Member.objects.filter(home_store__in=stores, portrait__relationship=Relationship.NEW)


def _buyers(stores: Stores, day: date, given: Given) -> People:
    since = day - timedelta(days=YEAR_DAYS)
    bought = RawSQL(BOUGHT_HERE, (stores, since, 2 if given.get("again") else 1))  # noqa: S611 - values are bound
    return Member.objects.filter(pk__in=bought)


def _moved(stores: Stores, day: date, given: Given) -> People:
    changes = StageChange.objects.filter(changed_on__gte=week_of(day).first)
    for field, name in (("from_stage", "from"), ("to_stage", "to")):
        if given.get(name):
            if given[name] not in Stage.values:
                raise NoSuchList(given[name])
            changes = changes.filter(**{field: given[name]})
    return Member.objects.filter(home_store__in=stores, pk__in=changes.values("member_id"))


def _bought(stores: Stores, day: date, given: Given) -> People:
    orders = Order.objects.filter(
        store__in=stores, member__isnull=False, lines__product__sku=given.get("sku", ""),
        paid_at__gte=clock.day_start(day - timedelta(days=BEST_DAYS - 1)),
        paid_at__lt=clock.day_start(day + timedelta(days=1)),
    )  # fmt: skip
    return Member.objects.filter(pk__in=orders.values("member_id"))


def _recruited(stores: Stores, day: date, given: Given) -> People:
    month = seasons.month_until(day + timedelta(days=1))
    return Member.objects.filter(pk__in=selling.recruited_by(stores, given.get("staff", ""), month))


LISTS: dict[str, Callable[[Stores, date, Given], People]] = {
    "birthdays": _birthdays,
    "lapsing": _lapsing,
    "second": _second,
    "buyers": _buyers,
    "moved": _moved,
    "bought": _bought,
    "recruited": _recruited,
}


def behind(stores: Stores, who: str, *, day: date, given: Given, after: int, most: int) -> Behind:
    """Give a page of the people behind a figure of some stores, as of a business day, with their portraits.

    Refuses an unknown list with NoSuchList.
    """
    if who not in LISTS or "\0" in "".join(given.values()):
        raise NoSuchList(who)
    whole = LISTS[who](stores, day, given)
    rows = whole.filter(seat__gt=after).select_related("portrait", "home_store")
    found = list(rows.order_by("seat")[: most + 1])
    return Behind(found[:most], whole.count(), found[most - 1].seat if len(found) > most else None)
