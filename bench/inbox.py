"""A signed message of another system, kept before it is answered, beside a bare endpoint that stores the same row."""

import json
from typing import Any

from django.test import Client, override_settings

from bench.figures import Figure, at_least, at_most
from bench.ground import BIG, HOSTS, Ground, brand
from bench.tills import COUNTED, NUMBERS, Basket, Till, basket, beside, in_turns
from newretail.kernel import clock
from newretail.kernel.actions import sources
from newretail.kernel.webhooks import signatures
from stores.actions import posts

WANTED, PROCESSORS = 1_000, 2  # posts a second


class Mall(Till):
    """A system that signs what it tells, and tells it to an inbox of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.client = Client(headers={"host": HOSTS[BIG]})
        at, self.code = clock.now(), f"bench-{next(NUMBERS)}"
        account = posts.admit_system(name=self.code, at=at)
        made = sources.add(code=self.code, account=account, kinds={"order.paid": "orders"}, at=at, by=None)
        self.secret, self.source = made.secret, made.source

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message once, signed."""
        body = json.dumps(message).encode()
        signed = signatures.headers((self.secret,), f"m{next(NUMBERS)}", clock.now(), body)
        answer = self.client.post(f"/inbox/{self.code}", body, content_type="application/json", headers=signed)
        assert answer.status_code == 202, (answer.status_code, answer.content[:300])


def _message(goods: Basket) -> dict[str, Any]:
    return {"type": "order.paid", "data": goods.order()}


def measure(ground: Ground) -> list[Figure]:
    """Keep messages, signed here, bare there."""
    ground.say("messages of other systems")
    times = 200 if ground.scale.judged else 20
    with brand(BIG), override_settings(CACHES=COUNTED):
        goods, mall, bare = basket(), Mall(), Till()
        ours, single = in_turns(
            lambda: mall.tell(_message(goods)),
            lambda: bare.send("/kept", {"source": mall.source.pk, "id": f"b{next(NUMBERS)}", **_message(goods)}),
            times=times,
        )  # fmt: skip
    many = PROCESSORS / ours.cpu
    fast = Figure(
        f"inbox: messages a second by {PROCESSORS} processors", f"{many:,.0f}", f"{WANTED:,}", many / WANTED
    )  # fmt: skip
    return [at_most(beside("inbox: one signed message", ours, single, "bare endpoint"), 2), at_least(fast, 1)]
