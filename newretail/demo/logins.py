"""One way in for each role of the demo brand; the passwords are random and kept privately."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.db.models import Count

from newretail.kernel.models import User
from newretail.platform.folder import SECRETS, read_json, write_private
from stores.actions import posts
from stores.models import Post, Region, Store

FILE = "demo.json"
REGION = "华东"
ROLES = ("hq", "supervisor", "manager", "guide", "auditor", "integrator")


@dataclass(frozen=True)
class Person:
    """Who signs in, and where she stands."""

    username: str
    name: str
    store: Store | None = None
    region: Region | None = None


def kept(home: Path) -> str:
    """Give the kept logins as one JSON line, empty before there are any."""
    found = read_json(home / SECRETS / FILE)
    return json.dumps(found, ensure_ascii=False) if found else ""


def prepare(home: Path, *, at: datetime) -> None:
    """Let one person of each role sign in, unless all of them can already.

    The manager and the guide are those of the busiest store, the supervisor that of 华东.
    """
    logins = read_json(home / SECRETS / FILE)
    names = [logins[role]["username"] for role in ROLES if role in logins]
    users = User.objects.filter(username__in=names)
    if [user.has_usable_password() for user in users] == [True] * len(ROLES):
        return
    people = _people()
    logins = {role: {"username": who.username, "password": _password(logins.get(role))} for role, who in people.items()}
    write_private(home / SECRETS / FILE, json.dumps({"brand": "demo", **logins}))
    for role, who in people.items():
        posts.admit(
            username=who.username,
            password=logins[role]["password"],
            name=who.name,
            role=role,
            at=at,
            store=who.store,
            region=who.region,
        )


def _password(known: dict[str, str] | None) -> str:
    return known["password"] if known else secrets.token_urlsafe(12)


def busiest() -> Store:
    """Find the store with most orders."""
    return Store.objects.annotate(sold=Count("orders")).order_by("-sold", "code")[0]


def _people() -> dict[str, Person]:
    """Choose who signs in for each role."""
    store = busiest()
    region = Region.objects.get(name=REGION)
    head = _holder(role="supervisor", region=region)
    chief, guide = _holder(role="manager", store=store), _holder(role="guide", store=store)
    return {
        "hq": Person("hq", "总部运营"),
        "supervisor": Person(head.username, head.name, region=region),
        "manager": Person(chief.username, chief.name, store=store),
        "guide": Person(guide.username, guide.name, store=store),
        "auditor": Person("auditor", "审计"),
        "integrator": Person("integrator", "系统对接"),
    }


def _holder(**post: object) -> User:
    """Find the first holder of a post, by staff number."""
    found = Post.objects.filter(until__isnull=True, **post).order_by("user__staff_no")
    user: User = found.select_related("user")[0].user
    return user
