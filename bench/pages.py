"""Pages: what HQ opens, in a brand of ten thousand members and in the big one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter, process_time
from typing import Any

from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bench.figures import Figure, at_most
from bench.filling import HQ
from bench.ground import BIG, HOSTS, SMALL, Ground, brand
from members.models import Member, Order
from newretail.kernel import clock
from newretail.kernel.actions import jobs
from newretail.kernel.models import User
from newretail.kernel.verbadmin import VerbAdmin

MOST_QUERIES = 12
PAGE = 50
NIGHT = ("refresh_facts", "score_rfm", "move_lifecycle", "measure_retention")
Where = Callable[[], str]


@dataclass
class Visits:
    """What one page took in one brand."""

    queries: int = 0
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def _list(model: type[Any]) -> str:
    return reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_changelist")


def _member() -> Member:
    """Choose a member of the middle of the list, who has bought."""
    order = Order.objects.filter(member__isnull=False).order_by("paid_at", "id").select_related("member").first()
    assert order is not None
    assert order.member is not None
    return order.member


def _page_of(row: Any) -> str:
    return reverse(f"admin:{row._meta.label_lower.replace('.', '_')}_change", args=[row.pk])


def addresses() -> dict[str, str]:
    """Name the pages and where they are in the brand at work: home, every list, further on, found, one row."""
    found = {"home": reverse("admin:index")}
    for model, door in sorted(admin.site._registry.items(), key=lambda item: item[0]._meta.label):
        if isinstance(door, VerbAdmin):
            found[f"list of {model._meta.label}"] = _list(model)
    member, middle = _member(), Member.objects.order_by("-seat")[Member.objects.count() // 2]
    members, orders = _list(Member), _list(Order)
    order = Order.objects.filter(member=member).order_by("id")[0]
    return {
        **found,
        "members, from the middle on": f"{members}?after={middle.seat}",
        "members, one stage": f"{members}?stage=lost",
        "members, found by number": f"{members}?q={member.member_no}",
        "members, found by phone": f"{members}?q={member.phone.removeprefix('+86')}",
        "members, found by last four digits": f"{members}?q={member.phone[-4:]}",
        "orders, found by number": f"{orders}?q={order.order_no}",
        "page of a member": _page_of(member),
        "page of an order": _page_of(order),
    }


def prepare(code: str) -> None:
    """Do the night's work in a brand, so that pages have something to show."""
    with brand(code):
        now = clock.now()
        today = clock.business_day(now)
        for name in NIGHT:
            params = {"from": today.replace(year=today.year - 2).isoformat()} if name == "refresh_facts" else None
            run = jobs.enter(name=name, as_of=today, at=now, params=params)
            assert run is not None
            jobs.perform(run=run)


class Visitor:
    """An HQ user of one brand, signed in."""

    def __init__(self, code: str) -> None:
        self.code, self.client = code, Client(headers={"host": HOSTS[code]})
        with brand(code):
            user = User.objects.get(username=HQ)
            self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
            self.addresses = addresses()
            self.shown = {_list(model): model.objects.count() for model in admin.site._registry}

    def count(self, page: str, visits: Visits) -> None:
        """Open a page and count its queries; the brand's search path is none of them."""
        with CaptureQueriesContext(connection) as asked:
            self._open(page)
        visits.queries = sum(not q["sql"].startswith("SET search_path") for q in asked.captured_queries)

    def time(self, page: str, visits: Visits) -> None:
        """Open a page by the clock."""
        cpu, began = process_time(), perf_counter()
        self._open(page)
        visits.seconds.append(perf_counter() - began)
        visits.cpu.append(process_time() - cpu)

    def _open(self, page: str) -> None:
        answer = self.client.get(self.addresses[page])
        assert answer.status_code == 200, (self.code, page, answer.status_code)


def measure(ground: Ground) -> list[Figure]:
    """Open every page in both brands, in turns."""
    for code in (SMALL, BIG):
        ground.say(f"{code}: the night's jobs")
        prepare(code)
    ground.say("opening pages")
    small, big = Visitor(SMALL), Visitor(BIG)
    return [_visit(page, small, big, ground.scale.visits) for page in big.addresses]


def _visit(page: str, small: Visitor, big: Visitor, times: int) -> Figure:
    taken = {visitor: Visits() for visitor in (small, big)}
    for visitor, visits in taken.items():
        visitor.count(page, visits)
    for _ in range(times):
        for visitor, visits in taken.items():
            visitor.time(page, visits)
    few, many = taken.values()
    queries = max(few.queries, many.queries)
    here, there = median(many.seconds), median(few.seconds)
    figure = Figure(f"page: {page}", f"{here * 1000:.0f} ms, {queries} queries", f"small brand {there * 1000:.0f} ms",
                    here / there, detail={"big": vars(many), "small": vars(few)})  # fmt: skip
    told = f"≤ {MOST_QUERIES} queries"
    if not _alike(small, big, page):
        figure.target, figure.ok = told, queries <= MOST_QUERIES
        return figure
    figure = at_most(figure, 1.5)
    figure.target += f", {told}"
    figure.ok = bool(figure.ok) and queries <= MOST_QUERIES
    return figure


def _alike(small: Visitor, big: Visitor, page: str) -> bool:
    """Tell whether the page draws as many rows in both brands: a list shorter than a page in one does not."""
    counts = [min(visitor.shown.get(visitor.addresses[page], PAGE), PAGE) for visitor in (small, big)]
    return counts[0] == counts[1]
