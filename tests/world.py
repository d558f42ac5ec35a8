"""A named cast: stores, staff and members the tests speak of, made by the product's own verbs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from members import importers as member_files
from members.actions import events, members, orders, refunds
from members.actions.events import EVENTS
from members.models import Member
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.rows import batch_of
from stores import importers as store_files
from stores.actions import catalogue, places, posts

NOW = datetime(2026, 6, 15, 4, 0, tzinfo=UTC)  # noon in Shanghai
Rows = Sequence[Mapping[str, object]]


def stores(*rows: Mapping[str, object]) -> Outcome:
    """Record stores."""
    return places.record(batch=batch_of(store_files.STORES, rows), at=NOW)


def products(*rows: Mapping[str, object]) -> Outcome:
    """Record products."""
    return catalogue.record(batch=batch_of(store_files.PRODUCTS, rows), at=NOW)


def staff(*rows: Mapping[str, object]) -> Outcome:
    """Record staff."""
    return posts.record(batch=batch_of(store_files.STAFF, rows), at=NOW)


def people(*rows: Mapping[str, object]) -> Outcome:
    """Record members."""
    return members.record(batch=batch_of(member_files.MEMBERS, rows), at=NOW)


def member(member_no: str) -> Member:
    """Give a member by her number."""
    return Member.objects.get(member_no=member_no)


def buy(*rows: Mapping[str, object], enrol: bool = False) -> Outcome:
    """Record orders; source pos and store SH01 unless said otherwise."""
    whole = [{"source": "pos", **row} for row in rows]
    return orders.record(batch=batch_of(member_files.ORDERS, whole), at=NOW, enrol=enrol)


def lines(*rows: Mapping[str, object]) -> Outcome:
    """Record order lines of source pos."""
    whole = [{"source": "pos", "quantity": 1, **row} for row in rows]
    return orders.record_lines(batch=batch_of(member_files.ORDER_LINES, whole), at=NOW)


def refund(*rows: Mapping[str, object]) -> Outcome:
    """Record refunds of source pos."""
    whole = [{"source": "pos", **row} for row in rows]
    return refunds.record(batch=batch_of(member_files.REFUNDS, whole), at=NOW)


def saw(*rows: Mapping[str, object]) -> Outcome:
    """Record events of source app: pages looked at at noon."""
    usual = {"source": "app", "kind": "page_view", "happened_at": "2026-06-15T12:00:00+08:00"}
    return events.record(batch=batch_of(EVENTS, [{**usual, **row} for row in rows]), at=NOW)


def order(order_no: str, amount: object, paid_at: str, **more: Any) -> dict[str, object]:
    """Write an order's row."""
    return {"order_no": order_no, "amount": amount, "paid_at": paid_at, **more}


def reasons(outcome: Outcome) -> list[tuple[int, str, str]]:
    """Why rows were refused: line, column, code."""
    return [(refusal.line, refusal.column, refusal.code) for refusal in outcome.refusals]


def chain() -> None:
    """Two regions, two stores; 王店长 and 导购小美 in Shanghai, 李督导 over East China; members 张三 and 李四."""
    stores(
        {"code": "SH01", "name": "上海南京西路店", "region": "华东", "city": "上海"},
        {"code": "GZ01", "name": "广州天河店", "region": "华南", "city": "广州"},
    )
    products({"sku": "TEA", "name": "明前龙井", "category": "茶", "price": "128.00"},
             {"sku": "NUT", "name": "每日坚果", "category": "零食", "price": "59.90"})  # fmt: skip
    staff(
        {"staff_no": "M1", "name": "王店长", "store_code": "SH01", "role": "manager"},
        {"staff_no": "G1", "name": "小美", "store_code": "SH01", "role": "guide"},
        {"staff_no": "S1", "name": "李督导", "store_code": "华东", "role": "supervisor"},
    )
    people(
        {"member_no": "V1", "name": "张三", "phone": "13800000001", "store_code": "SH01", "joined_at": "2025-01-10"},
        {"member_no": "V2", "name": "李四", "phone": "13800000002", "store_code": "GZ01", "joined_at": "2026-06-01"},
    )
