"""Other systems that come in with a key, at the brand acme."""

import json
from typing import Any

from django.test import Client

from newretail.kernel.actions import keys
from newretail.kernel.models import User
from stores.actions import posts
from stores.models import Store
from tests import world

ALL = (
    "points:view", "points:change",
    "members:view", "members:change", "orders:view", "orders:change", "events:view", "events:change", "products:view",
    "products:change", "stores:view", "stores:change", "staff:view", "staff:change", "webhooks:view",
    "webhooks:change", "imports:view", "imports:run", "job_runs:view", "job_runs:run",
    "consents:view", "consents:change", "consent_texts:view", "touches:view",
    "coupon_plans:view", "coupons:view", "coupons:change", "redemptions:change",
    "member_codes:view", "member_codes:change",
    "gifts:view", "gift_orders:view", "gift_orders:change", "gift_pickups:change",
    "levels:view", "tags:view", "member_tags:view", "member_tags:change", "benefits:view", "benefits:change",
    "identities:view", "identities:change", "bonds:view", "bonds:change",
    "moments:change",
    "appointments:view", "appointments:change",
    "shifts:view", "shifts:change",
    "surveys:view",
    "guide_pay:view",
    "segments:view",
)  # fmt: skip


def account(name: str = "pos", store: str | None = None) -> User:
    """An account of another system, of the whole brand or of one store."""
    place = Store.objects.get(code=store) if store else None
    return posts.admit_system(name=name, store=place, at=world.NOW)


def key(*rights: str, of: User | None = None, **more: Any) -> keys.Issued:
    """A fresh key with these rights, all of them unless said otherwise."""
    return keys.issue(account=of or account(), rights=rights or ALL, at=world.NOW, **more)


def client(text: str, language: str = "en") -> Client:
    """A system that sends this key."""
    return Client(headers={"host": "localhost", "authorization": f"Bearer {text}", "accept-language": language})


def machine(*rights: str, **more: Any) -> Client:
    """A system with a key of these rights."""
    return client(key(*rights, **more).text)


def post(client: Client, path: str, body: Any, **headers: str) -> Any:
    """Send a body as JSON."""
    text = body if isinstance(body, bytes | str) else json.dumps(body)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(f"/api/v1/{path}", text, content_type="application/json", headers=sent)


def order(order_no: str = "A1", **more: Any) -> dict[str, Any]:
    """An order of V1 at SH01 as a till would send it."""
    usual = {"source": "pos", "order_no": order_no, "member_no": "V1", "store_code": "SH01", "amount": "100.00",
             "paid_at": "2026-06-10T10:00:00+08:00"}  # fmt: skip
    return {**usual, **more}


def line(number: int = 1, **more: Any) -> dict[str, Any]:
    """A line of tea."""
    return {"line_no": number, "sku": "TEA", "quantity": 1, "amount": "100.00", **more}
