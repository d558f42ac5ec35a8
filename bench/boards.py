"""Boards on daily facts beside the same figures from raw orders; one day's facts beside the scan of all orders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from itertools import accumulate
from typing import Any

from analytics.actions import facts, scores, standings
from analytics.queries import boards, gates, regions, seasons, selling
from analytics.queries.freshness import freshness
from analytics.queries.regions import Comparison
from analytics.queries.seasons import Span
from bench.days import Days
from bench.figures import Figure, at_least, at_most, holds
from bench.ground import BIG, Ground, brand
from bench.meter import Meter, Took, middle
from bench.scale import DAYS
from bench.scoring import scan
from members.queries import birthdays
from newretail.kernel import clock, sql
from newretail.kernel.brand import in_force as settings_in_force
from stores.models import Region, Store
from stores.queries.of_store import aims

TIMES = 7
ZONE = "Asia/Shanghai"
PURCHASE = "(o.amount_cents = 0 OR o.amount_cents > o.refunded_cents)"
# What a person would write who has orders and no facts; each statement is the plain question.
OF_DAYS = """
SELECT o.store_id, (o.paid_at AT TIME ZONE %(zone)s)::date AS day, count(*), count(o.member_id),
  count(DISTINCT o.member_id), sum(o.amount_cents), sum(o.refunded_cents),
  sum(o.amount_cents - o.refunded_cents) FILTER (WHERE o.member_id IS NOT NULL)
FROM members_order o WHERE {of} AND (o.paid_at >= %(first)s AND o.paid_at < %(until)s
  OR o.paid_at >= %(then_first)s AND o.paid_at < %(then_until)s) GROUP BY 1, 2
"""
OF_GUIDES = """
SELECT o.sold_by_id, count(*), count(DISTINCT o.member_id), sum(o.amount_cents - o.refunded_cents)
FROM members_order o WHERE {of} AND o.paid_at >= %(month)s AND o.paid_at < %(until)s GROUP BY 1
"""
OF_BUYERS = f"""
SELECT store_id, count(*), count(*) FILTER (WHERE n > 1) FROM (
  SELECT o.store_id, o.member_id, count(*) AS n FROM members_order o
  WHERE {{of}} AND o.paid_at >= %(year)s AND o.paid_at < %(until)s AND o.member_id IS NOT NULL AND {PURCHASE}
  GROUP BY 1, 2) b GROUP BY 1
"""
OF_RECRUITS = """
SELECT m.home_store_id, (m.joined_at AT TIME ZONE %(zone)s)::date, count(*) FROM members_member m
WHERE {home} AND (m.joined_at >= %(first)s AND m.joined_at < %(until)s
  OR m.joined_at >= %(then_first)s AND m.joined_at < %(then_until)s) GROUP BY 1, 2
"""
OF_STAGES = """
SELECT m.home_store_id, p.stage, p.relationship, count(*) FROM members_member m
JOIN members_portrait p ON p.member_id = m.id WHERE {home} GROUP BY 1, 2, 3
"""
ONE = {"of": "o.store_id = %(store)s", "home": "m.home_store_id = %(store)s"}
MANY = {"of": "o.store_id = ANY(%(stores)s)", "home": "m.home_store_id = ANY(%(stores)s)"}


@dataclass
class Raw:
    """The figures of some stores from orders: net cents and orders by store and day, repeaters by store."""

    days: dict[tuple[int, date], tuple[int, int]] = field(default_factory=dict)
    repeaters: dict[int, int] = field(default_factory=dict)

    def cents(self, store: int, span: Span) -> int:
        """Sum the net cents of a store's days."""
        return sum(
            cents for (pk, day), (cents, _n) in self.days.items() if pk == store and span.first <= day < span.until
        )


def _bounds(day: date) -> dict[str, Any]:
    month = seasons.month_until(day + timedelta(days=1), 1)
    compared = seasons.year_earlier(Span(month.first, day)) if month.first < day else None
    first = min(month.first, day - timedelta(days=30))
    then = compared.then if compared else Span(day, day)
    return {
        "zone": ZONE, "first": clock.day_start(first), "until": clock.day_start(month.until),
        "then_first": clock.day_start(min(then.first, first - timedelta(days=364))),
        "then_until": clock.day_start(then.until), "month": clock.day_start(month.first),
        "year": clock.day_start(day - timedelta(days=365)),  # as the night of that day counts it
    }  # fmt: skip


def from_orders(stores: list[int], day: date) -> Raw:
    """Ask the orders for what a board shows of some stores."""
    words, params = (ONE if len(stores) == 1 else MANY), {**_bounds(day), "store": stores[0], "stores": stores}
    found = Raw()
    for store, on, orders, _known, _buyers, paid, back, _net in sql.rows(OF_DAYS.format(**words), params):
        found.days[store, on] = int(paid - back), orders
    for store, _buyers, again in sql.rows(OF_BUYERS.format(**words), params):
        found.repeaters[store] = again
    for select in (OF_GUIDES, OF_RECRUITS, OF_STAGES):
        sql.rows(select.format(**words), params)
    return found


def _whole_board(store: Store, day: date) -> Raw:
    """Ask the orders, and for the rest of the board what is asked either way."""
    month, week = seasons.month_until(day + timedelta(days=1), 1), boards.week_of(day)
    list(birthdays.at_home_in([store.pk], week.first, week.until)[: boards.BIRTHDAYS_SHOWN])
    selling.best(store, day)
    aims(store, since=month.first, until=month.until)
    settings_in_force("month_first_day", *gates.RULES)
    seasons.new_years(day.year - 1, day.year)
    freshness()
    return from_orders([store.pk], day)


def _times(meter: Meter, work: Callable[[], Any]) -> tuple[Any, Took]:
    answers = [meter.take(work) for _ in range(TIMES + 1)][1:]
    return answers[-1][0], middle([took for _answer, took in answers])


def _beside(item: str, ours: Took, raw: Took) -> Figure:
    figure = Figure(item, ours.words, f"raw orders {raw.words}", raw.wall / ours.wall)
    figure.cpu_ratio = raw.cpu / ours.cpu if ours.cpu else None
    figure.detail = {"ours": vars(ours), "reference": vars(raw)}
    return figure


def _store(meter: Meter, store: Store, words: str, at: datetime, *, judged: bool = True) -> list[Figure]:
    """Draw up one store's board both ways."""
    day = clock.business_day(at)
    own, ours = _times(meter, lambda: boards.board(store, at=at))
    told, raw = _times(meter, lambda: _whole_board(store, day))
    equal = (own.month.cents, own.recent.cents, own.membership.repeaters) == (
        told.cents(store.pk, own.month_span),
        told.cents(store.pk, Span(day - timedelta(days=30), day)),
        told.repeaters.get(store.pk, 0),
    )
    drawn = _beside(f"board of {words}", ours, raw)
    return [
        at_least(drawn, 4) if judged else drawn,
        holds(f"board of {words} equals raw", "equal" if equal else "differs", "always", ok=equal),
    ]


def _region(meter: Meter, words: str, stores: list[int], at: datetime, draw: Callable[[], Comparison]) -> list[Figure]:
    """Draw up a supervisor's board both ways."""
    day = clock.business_day(at)
    own, ours = _times(meter, draw)
    told, raw = _times(meter, lambda: from_orders(stores, day))
    equal = own.total.month.cents == sum(told.cents(pk, own.month) for pk in stores)
    equal = equal and own.total.repeaters == sum(told.repeaters.values())
    return [
        at_least(_beside(f"board of {words}", ours, raw), 10),
        holds(f"board of {words} equals raw", "equal" if equal else "differs", "always", ok=equal),
    ]


def _count(day: date) -> object:
    return facts.refresh(first=day, last=day + timedelta(days=1), at=clock.now())


def _days(meter: Meter, until: date, rounds: int) -> tuple[list[Took], list[Took]]:
    """Count the last days of history, each for the first time and once more."""
    first_time: list[Took] = []
    again: list[Took] = []
    for back in range(rounds, 0, -1):
        day = until - timedelta(days=back)
        for took in (first_time, again):
            took.append(meter.take(partial(_count, day))[1])
        sql.vacuum("analytics_storeday", "analytics_guideday", "analytics_daybuyers")
    return first_time, again


def _floor(item: str, took: list[Took], floor: Took) -> Figure:
    ours = middle(took)
    figure = Figure(item, ours.words, f"floor {floor.words}", ours.wall / floor.wall)
    figure.cpu_ratio = ours.cpu / floor.cpu if floor.cpu else None
    figure.detail = {"runs": [vars(each) for each in took], "floor": vars(floor)}
    return at_most(figure, 0.15)


def measure(ground: Ground) -> list[Figure]:
    """Count the facts of the big brand, then draw boards from facts and from orders."""
    meter, rounds = Meter(), max(2, ground.scale.rounds)
    with brand(BIG):
        until = max(Days(ground).first_as_of, scores.live_day() or date.min)
        ground.say("counting the facts of two years")
        begun = until - timedelta(days=DAYS + 1)
        _none, whole = meter.take(
            lambda: facts.refresh(first=begun, last=until - timedelta(days=rounds), at=clock.now())
        )
        sql.vacuum("analytics_storeday", "analytics_guideday", "analytics_daybuyers")
        first_time, again = _days(meter, until, rounds)
        scores.move_lifecycle(as_of=until, at=clock.now())
        _n, night = meter.take(lambda: standings.count(as_of=until - timedelta(days=1), at=clock.now()))
        sql.vacuum("analytics_storestanding", "analytics_storemove", "analytics_storerepeat")
        floor = middle(scan(meter, BIG))
        ground.say("drawing boards")
        found = _boards(meter, clock.day_start(until) - timedelta(hours=4))
    return [
        _floor("facts of a day, counted the first time", first_time, floor),
        _floor("facts of a day, counted again", again, floor),
        Figure("facts of two years", whole.words, detail=vars(whole)),
        Figure("how members stand, each night", night.words, detail=vars(night)),
        *found,
    ]


def _boards(meter: Meter, at: datetime) -> list[Figure]:
    sizes = sql.rows(
        "SELECT store_id, sum(orders)::bigint FROM analytics_storeday WHERE store_id IS NOT NULL"
        " GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    by_size = [pk for pk, _ in sizes]
    stores = Store.objects.in_bulk(by_size)
    region = Region.objects.order_by("name")[0]
    own = list(Store.objects.filter(region=region).order_by("pk").values_list("pk", flat=True))
    asked: dict[str, Any] = {"at": at, "asked": regions.Asked()}
    busiest, middling, small = stores[by_size[0]], stores[_of_the_middle(sizes)], stores[by_size[len(by_size) // 2]]
    return [
        *_store(meter, busiest, "the busiest store", at),
        *_store(meter, middling, "the store of the middle order", at),
        *_store(meter, small, "the middle one of all stores", at, judged=False),
        *_region(meter, f"a region, {len(own)} stores", own, at, lambda: regions.stores_of(region, **asked)),
        *_region(meter, f"the brand, {len(by_size)} stores", by_size, at, lambda: regions.by_region(**asked)),
        *_sellers(meter, [busiest, middling], clock.business_day(at)),
    ]  # fmt: skip


def _of_the_middle(sizes: list[tuple[int, int]]) -> int:
    """Find the store in whose like the middle one of all orders was paid, the largest stores first."""
    half, passed = sum(orders for _, orders in sizes) / 2, accumulate(orders for _, orders in sizes)
    return next(pk for (pk, _), so_far in zip(sizes, passed, strict=True) if so_far >= half)


def _sellers(meter: Meter, some: list[Store], day: date) -> list[Figure]:
    """Find best sellers from the lines of a week."""
    found = []
    for store, words in zip(some, ("the busiest store", "the store of the middle order"), strict=True):
        _best, took = _times(meter, partial(selling.best, store, day))
        found.append(Figure(f"best sellers of a week, {words}", took.words, detail=vars(took)))
    return found
