"""People who sign in to the HQ admin, and a small trade they look at; its figures can be counted by hand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from newretail.kernel.actions import jobs
from newretail.kernel.guard import writing
from newretail.kernel.models import User
from stores.actions import posts
from stores.models import Post, Region, Store
from tests import world

PASSWORD = "a-long-password-1"
TODAY = date(2026, 6, 15)
MOST_QUERIES = 12  # of a page, whatever the size
NOT_COUNTED = ("search_path", "django_session", "axes_")  # they find the brand and who asks
TOKEN = re.compile(r'(?<=csrfmiddlewaretoken" value=")[A-Za-z0-9]{64}|(?<=name="csrf" content=")[A-Za-z0-9]{64}')
JOBS = ("score_rfm", "move_lifecycle", "refresh_facts", "measure_retention")


def trade() -> None:
    """The chain of `world`, four orders this June, one of them refunded in part, and two of June a year before."""
    world.chain()
    world.buy(
        world.order("A1", "100.00", "2026-06-02T10:00:00", member_no="V1", store_code="SH01"),
        world.order("A2", "50.00", "2026-06-10T10:00:00", member_no="V1", store_code="SH01"),
        world.order("A3", "30.00", "2026-06-05T10:00:00", member_no="V2", store_code="GZ01"),
        world.order("A4", "10.00", "2026-06-06T10:00:00"),
        world.order("B1", "80.00", "2025-06-03T10:00:00", member_no="V1", store_code="SH01"),
        world.order("B2", "40.00", "2025-06-20T10:00:00", member_no="V1", store_code="SH01"),
    )
    world.refund(
        {"refund_no": "R1", "order_no": "A2", "line_no": 0, "amount": "20.00", "refunded_at": "2026-06-11T10:00:00"}
    )


def night() -> None:
    """The night's jobs as of today."""
    for name in JOBS:
        run = jobs.enter(name=name, as_of=TODAY, at=world.NOW)
        assert run
        jobs.perform(run=run)


def person(role: str) -> User:
    """Someone in a role: the manager of SH01, the supervisor of 华东, a guide of SH01, or HQ."""
    store = Store.objects.get(code="SH01") if role in ("manager", "guide") else None
    region = Region.objects.get(name="华东") if role == "supervisor" else None
    return posts.admit(username=role, password=PASSWORD, name=role, role=role, at=world.NOW, store=store, region=region)


def dismiss(username: str) -> None:
    """End every post of someone, behind the house's back."""
    with writing("tests"):
        Post.objects.filter(user__username=username).update(until=TODAY)


def browser(role: str, language: str = "zh-hans") -> Client:
    """A client signed in as someone in a role, at the brand acme."""
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = language
    client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    return client


def text(response: Any) -> str:
    """The whole text of an answer, streamed or not; without the tokens of its forms, that may hold any two letters."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return TOKEN.sub("", body.decode("utf-8"))


@contextmanager
def asked() -> Iterator[list[str]]:
    """What the database is asked inside, beyond the brand and who is signed in; filled at the end."""
    counted: list[str] = []
    with CaptureQueriesContext(connection) as queries:
        yield counted
    counted += [query["sql"] for query in queries if not any(word in query["sql"] for word in NOT_COUNTED)]
