"""The people behind a figure of a store's board: one list a figure, paged by key."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from analytics.models import StoreMember
from analytics.queries import birthdays
from analytics.queries.boards import week_of
from analytics.queries.lapsing import last_days_lapsing
from analytics.queries.selling import BEST_DAYS
from members.models import Member, Order, StageChange
from members.models.portraits import Relationship, Stage
from newretail.kernel import clock
from stores.models import Store

YEAR_DAYS = 365
Given = dict[str, str]
People = QuerySet[Member]


class NoSuchList(LookupError):
    """No figure has such a list."""


@dataclass(frozen=True)
class Behind:
    """A page of the people behind a figure, and the key after which the next page begins (None: it was the last)."""

    people: list[Member]
    next_after: int | None


def _birthdays(store: Store, day: date, _given: Given) -> People:
    week = week_of(day)
    return birthdays.at_home_in(store.pk, week.first, week.until)


def _lapsing(store: Store, day: date, _given: Given) -> People:
    return Member.objects.filter(home_store=store, portrait__last_day__range=last_days_lapsing(day))


def _second(store: Store, _day: date, _given: Given) -> People:
    return Member.objects.filter(home_store=store, portrait__relationship=Relationship.NEW)


def _buyers(store: Store, day: date, given: Given) -> People:
    since = day - timedelta(days=YEAR_DAYS)
    rows = StoreMember.objects.filter(store=store, last_day__gte=since)
    if given.get("again"):
        rows = rows.filter(prev_day__gte=since)
    return Member.objects.filter(pk__in=rows.values("member_id"))


def _moved(store: Store, day: date, given: Given) -> People:
    changes = StageChange.objects.filter(changed_on__gte=week_of(day).first)
    for field, name in (("from_stage", "from"), ("to_stage", "to")):
        if given.get(name):
            if given[name] not in Stage.values:
                raise NoSuchList(given[name])
            changes = changes.filter(**{field: given[name]})
    return Member.objects.filter(home_store=store, pk__in=changes.values("member_id"))


def _bought(store: Store, day: date, given: Given) -> People:
    orders = Order.objects.filter(
        store=store, member__isnull=False, lines__product__sku=given.get("sku", ""),
        paid_at__gte=clock.day_start(day - timedelta(days=BEST_DAYS - 1)),
        paid_at__lt=clock.day_start(day + timedelta(days=1)),
    )  # fmt: skip
    return Member.objects.filter(pk__in=orders.values("member_id"))


LISTS: dict[str, Callable[[Store, date, Given], People]] = {
    "birthdays": _birthdays,
    "lapsing": _lapsing,
    "second": _second,
    "buyers": _buyers,
    "moved": _moved,
    "bought": _bought,
}


def behind(store: Store, who: str, *, day: date, given: Given, after: int, most: int) -> Behind:
    """Give a page of the people behind a figure, as of a business day, with their portraits.

    Refuses an unknown list with NoSuchList.
    """
    if who not in LISTS or "\0" in "".join(given.values()):
        raise NoSuchList(who)
    rows = LISTS[who](store, day, given).filter(seat__gt=after).select_related("portrait", "home_store")
    found = list(rows.order_by("seat")[: most + 1])
    return Behind(found[:most], found[most - 1].seat if len(found) > most else None)
