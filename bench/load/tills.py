"""What tills send in a day's mixture, for locust: orders, redemptions, spendings, look-ups, and what is sent again."""

import json
import os
import random
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

from locust import FastHttpUser, between, task

SET_UP: dict[str, Any] = json.loads(Path(os.environ["LOAD_SET_UP"]).read_text())
CODES: list[str] = SET_UP["codes"]
NUMBERS = count(1)
LINES, AT_ONCE = 3, 20
CREATED, OK = (201,), (200,)


class Till(FastHttpUser):
    """A till with a customer before it; it waits a moment between two calls."""

    wait_time = between(0.05, 0.15)
    headers: ClassVar[dict[str, str]] = {
        "Host": SET_UP["host"], "Authorization": f"Bearer {SET_UP['key']}", "Content-Type": "application/json",
    }  # fmt: skip

    def send(self, name: str, path: str, body: Any, number: int, expected: tuple[int, ...]) -> bytes:
        """Send something under a key of idempotency; any other answer than expected is a failure."""
        headers = {**self.headers, "Idempotency-Key": f"load-{number}"}
        with self.client.post(
            f"/api/v1/{path}", data=json.dumps(body), headers=headers, name=name, catch_response=True
        ) as answer:
            if answer.status_code not in expected:
                answer.failure(f"{answer.status_code} {answer.text[:200]}")
            return answer.content or b""

    def look_up(self, name: str, path: str) -> None:
        """Ask for something."""
        self.client.get(f"/api/v1/{path}", headers=self.headers, name=name)

    @property
    def member(self) -> str:
        """Choose who stands before the till."""
        return random.choice(SET_UP["members"])

    def order(self, number: int) -> dict[str, Any]:
        """Make an order nobody has sent before."""
        lines = [
            {"line_no": n, "sku": random.choice(SET_UP["skus"]), "quantity": 1, "amount": "10.00"}
            for n in range(1, LINES + 1)
        ]
        return {"source": "load", "order_no": f"L{number}", "store_code": SET_UP["store"], "member_no": self.member,
                "paid_at": SET_UP["paid_at"], "amount": "30.00", "lines": lines}  # fmt: skip

    @task(8)
    def push_order(self) -> None:
        """Send an order."""
        number = next(NUMBERS)
        self.send("order", "orders", self.order(number), number, CREATED)

    @task(1)
    def push_order_again(self) -> None:
        """Send an order twice, as after a lost answer: both answers are one."""
        number = next(NUMBERS)
        body = self.order(number)
        first = self.send("order", "orders", body, number, CREATED)
        assert self.send("order, again", "orders", body, number, CREATED) == first

    @task(1)
    def push_orders(self) -> None:
        """Send orders at once."""
        body = {"orders": [self.order(next(NUMBERS)) for _ in range(AT_ONCE)]}
        self.send(f"{AT_ONCE} orders at once", "orders:batch", body, next(NUMBERS), OK)

    @task(4)
    def redeem(self) -> None:
        """Redeem a coupon, as long as there are any."""
        if CODES:
            number = next(NUMBERS)
            body = {"code": CODES.pop(), "source": "load", "source_no": f"L{number}", "amount": "30.00",
                    "store_code": SET_UP["store"]}  # fmt: skip
            self.send("coupon redeemed", "coupons:redeem", body, number, OK)

    @task(4)
    def spend(self) -> None:
        """Spend points."""
        number = next(NUMBERS)
        body = {"source": "load", "source_no": f"L{number}", "points": 1}
        self.send("points spent", f"members/{self.member}/points:spend", body, number, CREATED)

    @task(6)
    def look_up_member(self) -> None:
        """Look a member up."""
        self.look_up("member", f"members/{self.member}")

    @task(3)
    def look_up_points(self) -> None:
        """Look up what she holds."""
        self.look_up("points", f"members/{self.member}/points")

    @task(2)
    def look_up_coupons(self) -> None:
        """Look up her coupons."""
        self.look_up("coupons", f"members/{self.member}/coupons")
