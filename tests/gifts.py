"""Gifts of the cast, and what is done with them, by the product's own verbs."""

from datetime import datetime, timedelta
from typing import Any

from members.actions import gift_orders, gift_returns, gifts, points
from members.actions.gift_orders import Pickup, Told, Wish
from members.actions.gift_returns import Handing
from members.actions.gifts import Count
from members.actions.points import Name
from members.models import Gift, GiftOrder, GiftStock
from stores.models import Store
from tests import world

AFTER = world.NOW + timedelta(days=15)  # the last of fourteen days is over


def gift(code: str = "CUP", stock: int = 5, store: str = "SH01", **more: Any) -> Gift:
    """A cup for 100 points, five of them at SH01."""
    row = gifts.keep(terms={"code": code, "name": "保温杯", "points": 100, **more}, at=world.NOW)
    if stock:
        supply(row, stock, store)
    return row


def supply(row: Gift, pieces: int, store: str = "SH01", seen: int | None = None) -> int:
    """Say how many pieces lie in a store."""
    return gifts.supply(gift=row, counts={Store.objects.get(code=store).pk: Count(pieces, seen)}, at=world.NOW)


def purse(balance: int = 300, member_no: str = "V1") -> None:
    """Points in a member's hand."""
    points.earn(
        member=world.member(member_no), points=balance, name=Name("mall", f"P-{member_no}-{balance}"), at=world.NOW
    )


def place(
    order_no: str = "O1",
    member_no: str = "V1",
    store: str = "SH01",
    at: datetime = world.NOW,
    code: str = "CUP",
    source: str = "app",
) -> Told:
    """Order a cup at SH01 for V1."""
    wish = Wish(
        Gift.objects.get(code=code), world.member(member_no), Store.objects.get(code=store), source, order_no
    )  # fmt: skip
    return gift_orders.place(wish=wish, at=at)


def hand_over(code: str, source_no: str = "H1", store: str = "SH01", at: datetime = world.NOW) -> Told:
    """Hand a gift over in a store."""
    pickup = Pickup(code, Store.objects.get(code=store), "pos", source_no)
    return gift_orders.hand_over(pickup=pickup, at=at)


def take_back(
    order_no: str = "O1", pickup_no: str = "H1", at: datetime = world.NOW, reason: str = "拿错了", **more: Any
) -> Told:
    """Undo a handing over."""
    handing = Handing("app", order_no, "pos", pickup_no)
    return gift_returns.take_back(handing=handing, reason=reason, at=at, **more)


def cancel(order_no: str = "O1", reason: str = "不想要了", source: str = "app", **more: Any) -> Told:
    """Cancel an order."""
    return gift_orders.cancel(source=source, order_no=order_no, reason=reason, at=world.NOW, **more)


def stock(code: str = "CUP", store: str = "SH01") -> tuple[int, int, int]:
    """In stock, reserved, handed over."""
    row = GiftStock.objects.get(gift__code=code, store__code=store)
    return row.stock, row.reserved, row.handed


def states() -> dict[str, str]:
    """How each order stands."""
    return dict(GiftOrder.objects.order_by("order_no").values_list("order_no", "state"))
