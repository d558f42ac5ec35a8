"""What tills send over the API, beside bare endpoints that write the same rows."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.test import Client, override_settings
from django.test.client import ClientHandler

from bench import meter
from bench.figures import Figure, at_least, at_most
from bench.ground import BIG, HOSTS, Ground, brand
from bench.meter import Meter, Took
from members.models import Member
from newretail.kernel import clock
from newretail.kernel.actions import keys
from stores.actions import posts
from stores.models import Store

LINES, MANY, ROUNDS = 3, 500, 5
# Requests are counted in the process: the server of the counters is none of what is measured.
COUNTED = {**settings.CACHES, "counters": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
NUMBERS = count(1)
Work = Callable[[], object]


@dataclass(frozen=True)
class Basket:
    """Whom the orders are of, and where."""

    members: list[str]
    store: str

    def order(self) -> dict[str, Any]:
        """Make an order nobody has sent before."""
        number = next(NUMBERS)
        lines = [
            {"line_no": n, "sku": f"K{(number * 7 + n) % 500 + 1:04d}", "quantity": 1, "amount": "10.00"}
            for n in range(1, LINES + 1)
        ]
        return {
            "source": "bench", "order_no": f"B{number}", "store_code": self.store,
            "member_no": self.members[number % len(self.members)], "paid_at": "2026-06-10T10:00:00+08:00",
            "amount": "30.00", "lines": lines,
        }  # fmt: skip

    def orders(self) -> dict[str, Any]:
        """Make many of them."""
        return {"orders": [self.order() for _ in range(MANY)]}


def basket() -> Basket:
    """Choose members all over the brand, and a store."""
    step = max(Member.objects.count() // 1000, 1)
    wanted = [seat * step for seat in range(1000)]
    numbers = list(Member.objects.filter(seat__in=wanted).order_by("seat").values_list("member_no", flat=True))
    return Basket(numbers, str(Store.objects.order_by("code")[0].code))


class BareHandler(ClientHandler):
    """Answers by the bare endpoints' own addresses, with no middleware before them."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - as Django has it
        """Load none."""
        with override_settings(MIDDLEWARE=[]):
            super().load_middleware(is_async)

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Find the address among the bare ones."""
        request.urlconf = "bench.bare"  # type: ignore[attr-defined]
        return super().get_response(request)


class Till:
    """A system that sends to an address of the product with a key of its own, or without one to a bare address."""

    def __init__(self, *rights: str) -> None:
        self.bare = not rights
        headers = {"host": HOSTS[BIG]}
        if rights:
            now = clock.now()
            account = posts.admit_system(name=f"bench-{next(NUMBERS)}", at=now)
            issued = keys.issue(account=account, rights=rights, at=now, per_minute=keys.MOST_PER_MINUTE)
            headers["authorization"] = f"Bearer {issued.text}"
        self.client = Client(headers=headers)
        if self.bare:
            self.client.handler = BareHandler(enforce_csrf_checks=False)

    def send(self, path: str, body: Any) -> None:
        """Send once, with a key of idempotency of its own."""
        headers = {} if self.bare else {"idempotency-key": f"bench-{next(NUMBERS)}"}
        answer = self.client.post(path, json.dumps(body), content_type="application/json", headers=headers)
        assert answer.status_code in (200, 201, 202), (path, answer.status_code, answer.content[:300])

    def ask(self, path: str) -> None:
        """Ask for something."""
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.content[:300])


def in_turns(*works: Work, times: int) -> list[Took]:
    """Do each so many times, in turns; give what one took of each, the first round left out."""
    measure = Meter()
    taken: list[list[Took]] = [[] for _ in works]
    for _ in range(ROUNDS + 1):
        for work, kept in zip(works, taken, strict=True):
            _, took = measure.take(partial(_again, work, times))
            kept.append(_one(took, times))
    return [meter.middle(each[1:]) for each in taken]


def _again(work: Work, times: int) -> None:
    with brand(BIG):
        for _ in range(times):
            work()


def _one(took: Took, times: int) -> Took:
    return Took(took.wall / times, took.here / times, None if took.server is None else took.server / times)


def measure(ground: Ground) -> list[Figure]:
    """Send orders one by one and by the hundred, here and there."""
    ground.say("sending orders over the API")
    times = 200 if ground.scale.judged else 20
    with brand(BIG), override_settings(CACHES=COUNTED):
        goods = basket()
        till, bare = Till("orders:view", "orders:change"), Till()
        ours, single = in_turns(
            lambda: till.send("/api/v1/orders", goods.order()), lambda: bare.send("/single", goods.order()), times=times
        )
        many, bulk = in_turns(
            lambda: till.send("/api/v1/orders:batch", goods.orders()), lambda: bare.send("/many", goods.orders()),
            times=times // 20,
        )  # fmt: skip
    batch = Figure(
        f"API: {MANY} orders of {LINES} lines at once", many.words, f"bare bulk_create {bulk.words}",
        bulk.wall / many.wall, cpu_ratio=bulk.cpu / many.cpu,
    )  # fmt: skip
    return [at_most(beside(f"API: one order of {LINES} lines", ours, single, "bare endpoint"), 4), at_least(batch, 1)]


def beside(item: str, ours: Took, other: Took, what: str) -> Figure:
    """Tell what ours took of a processor beside another."""
    return Figure(f"{item}, by cpu", ours.words, f"{what} {other.words}", ours.cpu / other.cpu)
