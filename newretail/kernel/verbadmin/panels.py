"""Panels on the page of a row: what a higher floor knows of a noun of a lower one, to whom may see it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import Model
from django.http import HttpRequest

from newretail.kernel import scopes
from newretail.kernel.scopes import Resource

Tell = Callable[[Any, Any], dict[str, Any]]


class _Panel(NamedTuple):
    resource: Resource
    template: str
    tell: Tell


_PANELS: dict[type[Model], list[_Panel]] = {}


def panel(noun: type[Model], *, resource: Resource, template: str) -> Callable[[Tell], Tell]:
    """Enter what tells a template of a row to a person who may view a resource: a function of (user, row)."""

    def enter(tell: Tell) -> Tell:
        _PANELS.setdefault(noun, []).append(_Panel(resource, template, tell))
        return tell

    return enter


def told(request: HttpRequest, row: Model) -> list[tuple[str, dict[str, Any]]]:
    """List the templates of the panels on a row's page that this person may see, each with what it tells."""
    return [
        (each.template, each.tell(request.user, row))
        for each in _PANELS.get(type(row), [])
        if scopes.may(request.user, each.resource, "view")
    ]
