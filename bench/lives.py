"""The pages of members who lived through ten things, a thousand and ten thousand, all of them in the big brand."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.figures import Figure, at_most
from bench.filling import HQ
from bench.ground import BIG, HOSTS, Ground, brand
from members import importers
from members.actions import events, members, orders
from members.actions.events import EVENTS
from members.models import Member
from newretail.kernel import clock, sql
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import User
from stores.models import Store

FEW, SOME, MANY = 10, 1_000, 10_000
MOST_QUERIES = 12
VISITS = 15
TABLES = ("members_order", "members_orderline", "members_event")


def _instants(now: datetime, number: int) -> Iterator[tuple[int, str]]:
    for n in range(number):
        yield n, (now - timedelta(hours=n + 1)).isoformat()


def live(member_no: str, things: int, at: datetime) -> None:
    """Let a new member buy and look at pages, as often the one as the other."""
    store, half = Store.objects.order_by("code")[0].code, things // 2
    bought: list[dict[str, Any]] = [
        {"source": "bench", "order_no": f"{member_no}-{n}", "store_code": store, "member_no": member_no,
         "paid_at": when, "amount": "30.00"}
        for n, when in _instants(at, half)
    ]  # fmt: skip
    lines = [
        {"source": "bench", "order_no": row["order_no"], "line_no": 1, "sku": f"K{n % 500 + 1:04d}", "quantity": 1,
         "amount": row["amount"]}
        for n, row in enumerate(bought)
    ]  # fmt: skip
    looked = [
        {"source": "bench", "event_no": f"{member_no}-{n}", "member_no": member_no, "kind": "page_view",
         "happened_at": when}
        for n, when in _instants(at, half)
    ]  # fmt: skip
    members.record(batch=batch_of(importers.MEMBERS, [{"member_no": member_no, "store_code": store}]), at=at)
    orders.record(batch=batch_of(importers.ORDERS, bought), at=at)
    orders.record_lines(batch=batch_of(importers.ORDER_LINES, lines), at=at)
    events.record(batch=batch_of(EVENTS, looked), at=at)


class Visitor:
    """An HQ user, signed in, who opens pages of members."""

    def __init__(self) -> None:
        self.client = Client(headers={"host": HOSTS[BIG]})
        user = User.objects.get(username=HQ)
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def open(self, address: str) -> float:
        """Open a page; give the seconds it took."""
        began = perf_counter()
        answer = self.client.get(address)
        assert answer.status_code == 200, (address, answer.status_code)
        return perf_counter() - began

    def asked(self, address: str) -> int:
        """Count the queries of a page; the brand's search path is none of them."""
        with CaptureQueriesContext(connection) as asked:
            self.open(address)
        return sum(not query["sql"].startswith("SET search_path") for query in asked.captured_queries)


def _figure(item: str, visitor: Visitor, long: str, short: str, reference: str) -> Figure:
    asked = max(visitor.asked(long), visitor.asked(short))
    taken: dict[str, list[float]] = {long: [], short: []}
    for _ in range(VISITS):
        for address, seconds in taken.items():
            seconds.append(visitor.open(address))
    here, there = median(taken[long]), median(taken[short])
    ours, other = f"{here * 1000:.0f} ms, {asked} queries", f"{reference} {there * 1000:.0f} ms"
    figure = Figure(f"page of a member: {item}", ours, other, here / there, detail={"seconds": list(taken.values())})
    figure.ok = asked <= MOST_QUERIES
    return figure


def measure(ground: Ground) -> list[Figure]:
    """Open the page of each, in turns: the newest, the middle of a life, and one kind alone."""
    with brand(BIG):
        at = clock.now()
        lives = {things: f"LIFE{things}-{at:%H%M%S}" for things in (FEW, SOME, MANY)}
        for things, number in lives.items():
            ground.say(f"a member lives through {things} things")
            live(number, things, at)
        sql.vacuum(*TABLES)
        found = Member.objects.filter(member_no__in=lives.values()).order_by("pk")
        few, some, many = (reverse("admin:members_member_change", args=[row.pk]) for row in found)
        visitor, middle = Visitor(), f"?until={clock.business_day(at - timedelta(hours=SOME // 4)):%Y-%m-%d}"
        told = _figure(f"{MANY:,} entries", visitor, many, few, f"{FEW} entries")
        judged = [
            _figure(f"{MANY:,} entries{words}", visitor, many + asked, some + asked, f"{SOME:,} entries")
            for words, asked in (("", ""), (", from the middle on", middle), (", orders alone", "?kind=orders"))
        ]
    return [told, *(_judge(figure) for figure in judged)]


def _judge(figure: Figure) -> Figure:
    few_queries = bool(figure.ok)
    at_most(figure, 1.2)
    figure.target += f", ≤ {MOST_QUERIES} queries"
    figure.ok = bool(figure.ok) and few_queries
    return figure
