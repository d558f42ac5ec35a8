"""The cells in which people write a scheme: a column for each level, a row for each thing it gives."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from members.models import Level
from members.queries import schemes
from newretail.kernel import words

HEAD: dict[str, Any] = {
    "window_months": _("growth counts for (months, 0 for ever)"), "grace_days": _("days of grace before going down"),
    "per_yuan": _("growth per yuan"), "per_order": _("growth per order"), "joining": _("growth for joining"),
}  # fmt: skip
EVENT: dict[str, Any] = {
    "kind": _("event"), "growth": _("growth of each"), "per_day": _("times a day at most"),
    "per_month": _("times a month at most"),
}  # fmt: skip
EMPTY_EVENTS = 3  # rows in which another may be written
CELLS: dict[str, Any] = {
    "growth": _("from growth"), "discount_bp": _("discount (% off)"),
    "points_exchange_bp": _("points exchange: part of the points paid (%)"),
    "joining_gift.points": _("joining gift: points"), "joining_gift.coupon": _("joining gift: coupon plan"),
    "level_up_gift.points": _("level-up gift: points"), "level_up_gift.coupon": _("level-up gift: coupon plan"),
    "birthday.points": _("birthday: points"), "birthday.coupon": _("birthday: coupon plan"),
    "birthday.days_before": _("birthday: days before"), "free_shipping": _("free shipping over (yuan)"),
    "privileges": _("privileges"),
    "factory_tour.per_year": _("factory tour: times a year"), "factory_tour.places": _("factory tour: places a year"),
}  # fmt: skip
COUPONS = frozenset({"joining_gift.coupon", "level_up_gift.coupon", "birthday.coupon"})
WORDS = COUPONS | {"free_shipping", "privileges"}
PERCENTS = frozenset({"discount_bp", "points_exchange_bp"})
PERCENT = re.compile(r"[0-9]{1,3}(\.[0-9]{1,2})?", re.ASCII)
BP_OF_PERCENT = 100
LEVEL = re.compile(r"levels\[([0-9]+)\]\.(.+)", re.ASCII)
OF_EVENT = re.compile(r"growth\.events\.([^.]*)(?:\.(.+))?", re.ASCII)


def proposed() -> dict[str, Any]:
    """Propose a scheme of the levels that are recorded: growth of a yuan, doubling steps."""
    codes = Level.objects.order_by("rank").values_list("code", flat=True)
    steps = [{"level": code, "growth": 500 * (2**i) if i else 0} for i, code in enumerate(codes)]
    return {"window_months": 12, "grace_days": 30, "growth": {"per_yuan": 1}, "levels": steps}


def written(terms: dict[str, Any]) -> dict[str, Any]:
    """Write terms as cells."""
    growth = terms.get("growth", {})
    head = {"window_months": terms.get("window_months"), "grace_days": terms.get("grace_days"),
            "per_yuan": growth.get("per_yuan", 1), "per_order": growth.get("per_order", 0),
            "joining": growth.get("joining", 0)}  # fmt: skip
    return {
        **{name: str(value) for name, value in head.items()},
        "events": [
            {"kind": kind, **{name: str(one[name]) if one.get(name) is not None else "" for name in list(EVENT)[1:]}}
            for kind, one in growth.get("events", {}).items()
        ],
        "levels": [{"level": one["level"], **{name: _cell(one, name) for name in CELLS}} for one in terms["levels"]],
    }


def _cell(level: dict[str, Any], name: str) -> str:
    first, _dot, second = name.partition(".")
    value = level.get(first)
    if second:
        value = (value or {}).get(second)
    if name == "privileges":
        return ";".join(f"{one['name']}:{one['kind']}:{one['per_year']}" for one in value or [])
    if name in PERCENTS:
        return "" if value is None else f"{Decimal(value) / BP_OF_PERCENT:f}"
    return "" if value is None else str(value)


def posted(given: Mapping[str, Any], codes: list[str]) -> dict[str, Any]:
    """Read the cells of a form for these levels."""
    read = {name: str(given.get(name, "")).strip()[:500] for name in HEAD}
    levels = [
        {"level": code, **{name: str(given.get(f"{i}-{name}", "")).strip()[:2000] for name in CELLS}}
        for i, code in enumerate(codes)
    ]
    events = [
        {name: str(given.get(f"event-{i}-{name}", "")).strip()[:60] for name in EVENT}
        for i in range(schemes.MOST_EVENTS)
    ]
    return {**read, "events": [one for one in events if any(one.values())], "levels": levels}


def rows(cells: dict[str, Any]) -> dict[str, Any]:
    """Give the rows of the tables, each with its words and its cells."""
    empty = dict.fromkeys(EVENT, "")
    events = [*cells["events"], *[empty] * EMPTY_EVENTS][: schemes.MOST_EVENTS]
    return {
        "events": [
            [(f"event-{i}-{name}", word, one[name]) for name, word in EVENT.items()] for i, one in enumerate(events)
        ],
        "head": [(name, word, cells[name]) for name, word in HEAD.items()],
        "levels": [
            (name, word, [(f"{i}-{name}", one[name]) for i, one in enumerate(cells["levels"])])
            for name, word in CELLS.items()
        ],
    }


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else text


def _basis_points(text: str) -> Any:
    """Read a percentage with at most two decimals; what is none is left as it is, to be refused by its name."""
    return int(Decimal(text) * BP_OF_PERCENT) if PERCENT.fullmatch(text) else text


def _value(name: str, text: str) -> Any:
    if name == "privileges":
        return _privileges(text)
    if name in PERCENTS:
        return _basis_points(text)
    return text if name in WORDS else _number(text)


def _privileges(text: str) -> list[dict[str, Any]]:
    found = []
    for part in text.replace("；", ";").replace("：", ":").split(";"):
        if part.strip():
            name, kind, times = ([*part.split(":"), "", ""])[:3]
            found.append({"name": name.strip(), "kind": kind.strip(), "per_year": _number(times.strip())})
    return found


def _events(rows: list[dict[str, str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        if row["kind"] in found:
            raise schemes.bad("twice", f"growth.events.{row['kind']}")
        found[row["kind"]] = {name: _number(row[name]) for name in list(EVENT)[1:] if row[name]}
    return found


def place(where: str, names: list[str]) -> tuple[str, str]:
    """Say in words where the terms are wrong, and name the cell if there is one; `names` are those of the levels."""
    if level := LEVEL.match(where):
        i, cell = int(level[1]) - 1, level[2]
        word = CELLS.get(cell) or CELLS.get(cell.partition(".")[0]) or cell
        return (f"{names[i]} · {word}", f"{i}-{cell}") if i < len(names) else (where, "")
    if event := OF_EVENT.match(where):
        return " · ".join(str(part) for part in (words.in_words(event[1]), EVENT.get(event[2] or "")) if part), ""
    name = where.rpartition(".")[2]
    return (str(HEAD[name]), name) if name in HEAD else (where, "")


def terms(cells: dict[str, Any]) -> dict[str, Any]:
    """Make the terms of the cells; what is empty is not said."""
    levels = []
    for one in cells["levels"]:
        level: dict[str, Any] = {"level": one["level"]}
        for name in CELLS:
            if not one[name]:
                continue
            value = _value(name, one[name])
            first, _dot, second = name.partition(".")
            if second:
                level.setdefault(first, {})[second] = value
            else:
                level[first] = value
        levels.append(level)
    growth: dict[str, Any] = {name: _number(cells[name]) for name in ("per_yuan", "per_order", "joining")}
    if cells["events"]:
        growth["events"] = _events(cells["events"])
    return {"window_months": _number(cells["window_months"]), "grace_days": _number(cells["grace_days"]),
            "growth": growth, "levels": levels}  # fmt: skip
