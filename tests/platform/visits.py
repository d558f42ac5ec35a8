"""Visits to the HQ admin of either brand: every address that can be opened, as someone who may do everything."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from newretail.kernel.models import User
from newretail.platform import actions

LEAVES = {"logout"}  # ends the visit
HOSTS = {"acme": "localhost", "beta": "second.localhost"}


def superuser(brand: Any) -> User:
    """Someone who may do everything in a brand."""
    actions.create_admin(brand=brand, username="root", password="a-long-password-1")
    with brand:
        return User.objects.get(username="root")


def browser(brand: Any) -> Client:
    """A client at the brand's host, signed in as one who may do everything there."""
    user = superuser(brand)
    client = Client(headers={"host": HOSTS[brand.code]})
    with brand:
        session = client.session
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def patterns(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[tuple[str, set[str]]]:
    """Every named address of the site with the names of its arguments."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from patterns(each, (*spaces, each.namespace) if each.namespace else spaces)
        elif isinstance(each, URLPattern) and each.name:
            yield ":".join((*spaces, each.name)), set(each.pattern.regex.groupindex)


def keys() -> list[str]:
    """Every primary key of every table of the brand at work, as it stands in an address."""
    found = {str(pk) for model in apps.get_models() if model._meta.app_label != "platform"
             for pk in model._default_manager.order_by().values_list("pk", flat=True)[:50]}  # fmt: skip
    return sorted(found)


def addresses(known: list[str]) -> list[str]:
    """Every address that can be opened; those that name a row are given with each of the known keys."""
    found = set()
    for name, arguments in patterns():
        if name.rpartition(":")[2] in LEAVES:
            continue
        fillings = [{}] if not arguments else [dict.fromkeys(arguments, key) for key in known]
        for filling in fillings:
            try:
                found.add(reverse(name, kwargs=filling))
            except NoReverseMatch:
                continue
    return sorted(found)


def answer(client: Client, path: str) -> str:
    """The whole answer at an address: its status, headers and text."""
    response = client.get(path)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.status_code} {dict(response.headers)} {body.decode('utf-8', 'replace')}"
