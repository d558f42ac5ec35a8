"""Every address of the site, with examples of what it may name: of the person's own store, of a foreign one, of none."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from newretail.kernel import doors
from newretail.kernel.doors import Right

# What Django and the admin theme offer beside the pages that are ours; each answers 404 to everybody.
SHUT_ENDINGS = ("_add", "_delete", "_history")
SHUT = {"admin:search", "admin:autocomplete", "admin:app_list", "admin:view_on_site", "view"}
MISSING = "99999999"


@dataclass(frozen=True)
class Address:
    """One address: its name, the right it reads (None: shut or open), its view, the names of its arguments."""

    name: str
    right: Right | None
    view: Any
    arguments: tuple[str, ...]

    @property
    def shut(self) -> bool:
        return self.name in SHUT or (self.right is None and self.name.endswith(SHUT_ENDINGS))

    @property
    def api(self) -> bool:
        """Tell whether it is a door for other systems, which knows keys and no sessions."""
        return self.name.startswith("api:")

    def right_for(self, method: str) -> Right | None:
        """The right that this method reads."""
        return doors.right_at(self.name, self.view, method)

    @property
    def open(self) -> bool:
        return self.name in doors.OPEN

    @property
    def model(self) -> Any:
        """The noun whose row it names, where it is a page of the admin."""
        return getattr(noun_of(self.view), "model", None)

    def at(self, key: Any = None) -> str:
        """The path, naming a row by this key, or by a key for each argument."""
        values = key if isinstance(key, tuple) else (key,) * len(self.arguments)
        return reverse(self.name, kwargs=dict(zip(self.arguments, values, strict=True)))


def noun_of(view: Any) -> Any:
    """The list of the admin a view belongs to, however it is wrapped."""
    while view is not None:
        found = getattr(view, "model_admin", None) or getattr(view, "__self__", None)
        if found is not None:
            return found
        view = getattr(view, "__wrapped__", None)
    return None


def every(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[Address]:
    """Walk all that the resolver knows, named or not."""
    for each in (resolver or get_resolver()).url_patterns:
        if isinstance(each, URLResolver):
            yield from every(each, (*spaces, each.namespace) if each.namespace else spaces)
        elif isinstance(each, URLPattern):
            view = each.callback
            name = doors.name_at(":".join((*spaces, each.name)) if each.name else "", view)
            yield Address(name, doors.right_at(name, view), view, tuple(each.pattern.regex.groupindex))


def with_rights() -> list[Address]:
    """The addresses that somebody may enter."""
    return [address for address in every() if address.right is not None]
