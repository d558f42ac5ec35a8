"""One box for everything: members, orders, stores, products and staff within a person's sight, a few of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Upper

from members.models import Member, Order
from members.queries import finding
from newretail.kernel import scopes
from newretail.kernel.models import User
from stores.models import Product, Store

MOST = 6  # shown of each kind
SHORTEST, LONGEST = 2, 60


@dataclass(frozen=True)
class Found:
    """What was found of one kind, the first few; `more` when there are others."""

    kind: str
    rows: Sequence[Any]
    more: bool


def readable(term: str) -> str:
    """Give a term as it is searched for: blanks around it go, what is too short or no text is nothing."""
    term = term.strip()[:LONGEST]
    letters = len(term) if term.isascii() else 2 * len(term)
    return "" if "\0" in term or letters < SHORTEST else term


def search(term: str, user: Any) -> list[Found]:
    """Find a term in every kind a person may see, each within her sight; at most one query a kind.

    Every way has an index that ends in the first few rows: numbers whole in either case, phones whole or by four last
    digits and more, names by their beginning or their pinyin; stores and products are few and looked through.
    """
    term = readable(term)
    if not term:
        return []
    asked = {
        "members": _members,
        "orders": _orders,
        "stores": _stores,
        "products": _products,
        "staff": _staff,
    }
    found = []
    for kind, ask in asked.items():
        if scopes.may(user, kind):  # type: ignore[arg-type]
            rows = list(ask(term, user)[: MOST + 1])
            if rows:
                found.append(Found(kind, rows[:MOST], more=len(rows) > MOST))
    return found


def _members(term: str, user: Any) -> QuerySet[Member]:
    seen = Member.objects.visible_to(user).select_related("home_store")
    return finding.found_by(term, seen, people=scopes.sees_people(user)).living()


def _orders(term: str, user: Any) -> QuerySet[Order]:
    numbered = Order.objects.visible_to(user).annotate(number=Upper("order_no")).filter(number=term.upper())
    return numbered.select_related("store")


def _stores(term: str, user: Any) -> QuerySet[Store]:
    named = Q(code__istartswith=term) | Q(name__icontains=term)
    return Store.objects.visible_to(user).filter(named).select_related("region").order_by("code")


def _products(term: str, _user: Any) -> QuerySet[Product]:
    named = Q(sku__istartswith=term) | Q(name__icontains=term)
    return Product.objects.filter(named).select_related("category").order_by("sku")


def _staff(term: str, _user: Any) -> QuerySet[User]:
    named = Q(staff_no__istartswith=term) | Q(name__startswith=term)
    return User.objects.filter(named, staff_no__isnull=False).order_by("staff_no")
