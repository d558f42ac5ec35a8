"""The search box: what it found, in words and with a link each; masked as everywhere."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.queries import search as finding
from members.models import Member, Order
from newretail.kernel import words
from newretail.kernel.doors import scoped
from newretail.kernel.masking import Reader, reader
from newretail.kernel.models import User
from newretail.kernel.templatetags import people
from stores.models import Product, Store

Line = dict[str, str]
# Of each kind: what it is called, and the list behind "more".
KINDS: dict[str, tuple[Any, str]] = {
    "members": (gettext_lazy("Members"), "admin:members_member_changelist"),
    "orders": (gettext_lazy("Orders"), "admin:members_order_changelist"),
    "stores": (gettext_lazy("Stores"), "admin:stores_store_changelist"),
    "products": (gettext_lazy("Products"), "admin:stores_product_changelist"),
    "staff": (gettext_lazy("Staff"), "admin:kernel_user_changelist"),
}


def _line(title: str, *details: object, link: str) -> Line:
    return {"title": title, "detail": " · ".join(str(each) for each in details if each), "link": link}


def _member(row: Member, eyes: Reader) -> Line:
    link = reverse("admin:members_member_change", args=[row.pk])
    return _line(eyes.called(row), row.member_no, eyes.phone(row.phone), row.home_store, link=link)


def _order(row: Order, _eyes: Reader) -> Line:
    link = reverse("admin:members_order_change", args=[row.pk])
    told = (words.in_words(row.source), people.moment(row.paid_at), people.money(row.amount_cents), row.store)
    return _line(row.order_no, *told, link=link)


def _store(row: Store, _eyes: Reader) -> Line:
    return _line(row.name, row.code, row.region, row.city, link=reverse("store", args=[row.code]))


def _product(row: Product, _eyes: Reader) -> Line:
    link = reverse("admin:stores_product_change", args=[row.pk])
    return _line(row.name, row.sku, row.category, people.money(row.price_cents), link=link)


def _person(row: User, _eyes: Reader) -> Line:
    return _line(row.name or row.username, row.staff_no, link=reverse("admin:kernel_user_change", args=[row.pk]))


LINES: dict[str, Callable[[Any, Reader], Line]] = {
    "members": _member, "orders": _order, "stores": _store, "products": _product, "staff": _person,
}  # fmt: skip


def _groups(term: str, user: Any) -> list[dict[str, Any]]:
    eyes = reader(user)
    return [
        {
            "name": KINDS[found.kind][0],
            "lines": [LINES[found.kind](row, eyes) for row in found.rows],
            "more": reverse(KINDS[found.kind][1]) if found.more else "",
        }
        for found in finding.search(term, user)
    ]


@scoped("search")
def search(request: HttpRequest) -> HttpResponse:
    """Answer the box: its own part of a page when a script asks, else a whole page.

    The term comes in the body: it may be a name or a phone, and addresses are written into logs.
    """
    term = request.POST.get("q", "") if request.method == "POST" else ""
    asked = finding.readable(term)
    context = {"term": asked, "groups": _groups(asked, request.user), "title": _("Search")}
    part = request.headers.get("X-Part") == "results"
    answer = render(request, "search/results.html" if part else "search/page.html", context)
    answer["Cache-Control"] = "no-store"
    return answer
