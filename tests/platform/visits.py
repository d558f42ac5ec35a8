"""Visits to the HQ admin of either brand: every address that can be opened, as someone who may do everything."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.urls import NoReverseMatch

from newretail.kernel.models import User
from newretail.platform import actions
from tests.scopes.addresses import every

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


def keys() -> dict[Any, set[str]]:
    """The primary keys of every noun that has pages, in the brand at work, as they stand in an address."""
    nouns = {address.model for address in every() if address.model}
    return {noun: {str(pk) for pk in noun.objects.order_by().values_list("pk", flat=True)[:50]} for noun in nouns}


def addresses(known: dict[Any, set[str]]) -> list[str]:
    """Every address that can be opened: a page of a noun with each of its known keys, any other with each of all.

    One key will do for a noun without rows, and for the doors of other systems: who is signed in finds them all shut.
    """
    found, everything = set(), sorted(set().union(*known.values()))
    for address in every():
        if address.name.rpartition(":")[2] in LEAVES:
            continue
        own = known.get(address.model, set()) if address.model or address.api else everything
        for key in own or everything[:1] if address.arguments else [None]:
            try:
                found.add(address.at(key))
            except NoReverseMatch:
                continue
    return sorted(found)


def answer(client: Client, path: str) -> str:
    """The whole answer at an address: its status, headers and text."""
    response = client.get(path)
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.status_code} {dict(response.headers)} {body.decode('utf-8', 'replace')}"
