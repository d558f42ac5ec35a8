"""What tills send over the API, beside bare endpoints that write the same rows."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

from django.conf import settings
from django.test import Client, override_settings

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
RIGHTS = ("orders:view", "orders:change")
# Requests are counted in the process: the server of the counters is none of what is measured.
COUNTED = {**settings.CACHES, "counters": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
BARE = {"ROOT_URLCONF": "bench.bare", "MIDDLEWARE": []}
NUMBERS = count(1)


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


def basket() -> Basket:
    """Choose members all over the brand, and a store."""
    step = max(Member.objects.count() // 1000, 1)
    wanted = [seat * step for seat in range(1000)]
    numbers = list(Member.objects.filter(seat__in=wanted).order_by("seat").values_list("member_no", flat=True))
    return Basket(numbers, str(Store.objects.order_by("code")[0].code))


class Till:
    """A system with a key of its own that sends to the product's address, or without one to a bare one."""

    def __init__(self, path: str, code: int, *, bare: bool) -> None:
        self.path, self.code, self.bare = path, code, bare
        headers = {"host": HOSTS[BIG]}
        if not bare:
            now = clock.now()
            account = posts.admit_system(name=f"bench-{path}", at=now)
            issued = keys.issue(account=account, rights=RIGHTS, at=now, per_minute=keys.MOST_PER_MINUTE)
            headers["authorization"] = f"Bearer {issued.text}"
        self.client = Client(headers=headers)

    def send(self, body: Any) -> None:
        """Send once, with a key of idempotency of its own."""
        headers = {} if self.bare else {"idempotency-key": f"bench-{next(NUMBERS)}"}
        answer = self.client.post(self.path, json.dumps(body), content_type="application/json", headers=headers)
        assert answer.status_code == self.code, (self.path, answer.status_code, answer.content[:300])


def _sent(till: Till, bodies: list[Any]) -> None:
    for body in bodies:
        till.send(body)


def _bare(till: Till, bodies: list[Any]) -> None:
    with brand(BIG):
        _sent(till, bodies)


def _rounds(path: tuple[str, str], code: tuple[int, int], times: int, body: Callable[[], Any]) -> list[Took]:
    """Send so many to our address and to a bare one in turns; give what one took of each, the first round left out."""
    ours, bare = Till(path[0], code[0], bare=False), Till(path[1], code[1], bare=True)
    measure = Meter()
    taken: list[list[Took]] = [[], []]
    for _ in range(ROUNDS + 1):
        _, took = measure.take(partial(_sent, ours, [body() for _ in range(times)]))
        taken[0].append(_one(took, times))
        with override_settings(**BARE):
            bare.client.handler.load_middleware()
            _, took = measure.take(partial(_bare, bare, [body() for _ in range(times)]))
        taken[1].append(_one(took, times))
    return [meter.middle(each[1:]) for each in taken]


def _one(took: Took, times: int) -> Took:
    return Took(took.wall / times, took.here / times, None if took.server is None else took.server / times)


def measure(ground: Ground) -> list[Figure]:
    """Send orders one by one and by the hundred, here and there."""
    ground.say("sending orders over the API")
    times = 200 if ground.scale.judged else 20
    with brand(BIG), override_settings(CACHES=COUNTED):
        goods = basket()
        ours, bare = _rounds(("/api/v1/orders", "/single"), (201, 201), times, goods.order)
        many, bulk = _rounds(
            ("/api/v1/orders:batch", "/many"), (200, 200), times // 20,
            lambda: {"orders": [goods.order() for _ in range(MANY)]},
        )  # fmt: skip
    single = Figure(
        f"API: one order of {LINES} lines, by cpu", ours.words, f"bare endpoint {bare.words}", ours.cpu / bare.cpu
    )
    batch = Figure(
        f"API: {MANY} orders of {LINES} lines at once", many.words, f"bare bulk_create {bulk.words}",
        bulk.wall / many.wall, cpu_ratio=bulk.cpu / many.cpu,
    )  # fmt: skip
    return [at_most(single, 4), at_least(batch, 1)]
