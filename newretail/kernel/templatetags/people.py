"""Filters that write numbers, money and phones for people; what a person may see."""

from datetime import datetime
from typing import Any

from django import template
from django.db import connection

from newretail.kernel import clock, numbers, scopes, words
from newretail.kernel.files import phones
from newretail.kernel.scopes import Resource

register = template.Library()

register.filter("grouped", numbers.grouped)
register.filter("short", numbers.short)
register.filter("percent", numbers.percent)
register.filter("masked", phones.masked)
register.filter("in_words", words.in_words)


def currency() -> str:
    """Name the currency of the brand at work."""
    return getattr(connection.tenant, "currency", None) or "CNY"  # type: ignore[attr-defined]


@register.filter
def money(cents: int | None) -> str:
    """Write cents in full, in the brand's currency."""
    return numbers.money(cents, currency())


@register.filter
def money_short(cents: int | None) -> str:
    """Write cents for a headline, in the brand's currency."""
    return numbers.money_short(cents, currency())


@register.filter
def moment(at: datetime | None) -> str:
    """Write an instant in the brand's zone, to the minute, the same in every language."""
    return f"{at.astimezone(clock.brand_zone()):%Y-%m-%d %H:%M}" if at else numbers.DASH


@register.filter
def change(part: float | None) -> str:
    """Write a change with its sign: 0.126 → "▲ 12.6%"."""
    if part is None:
        return numbers.DASH
    arrow = "▲" if part > 0 else "▼" if part < 0 else "="
    return f"{arrow} {numbers.percent(abs(part))}"


@register.filter
def sign(name: object) -> str:
    """Give the sign by which somebody is drawn: what her name begins with."""
    return str(name or "").strip()[:1] or "·"


@register.filter
def tone(part: float | None) -> str:
    """Name the tone of a change: up, down or flat."""
    return "flat" if not part else "up" if part > 0 else "down"


@register.filter
def may_see(user: Any, resource: Resource) -> bool:
    """Tell whether a person may see a resource of the table of rights."""
    return scopes.may(user, resource)


@register.filter
def may_change(user: Any, resource: Resource) -> bool:
    """Tell whether a person may change a resource of the table of rights."""
    return scopes.may(user, resource, "change")


@register.filter
def may_approve(user: Any, resource: Resource) -> bool:
    """Tell whether a person may approve a resource of the table of rights."""
    return scopes.may(user, resource, "approve")


@register.filter
def named(thing: object) -> str:
    """Say a thing with code and name: what is known everywhere in the language at work, else the brand's name."""
    return words.named(thing.code, thing.name) if thing else numbers.DASH  # type: ignore[attr-defined]
