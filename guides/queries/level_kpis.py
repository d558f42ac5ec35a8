"""What a guide is looked at for by the group of her level, what each figure weighs, and how it is said.

The source names the KPIs of levels 1 to 3 by four themes (recruits, sharing, service, sales) and for 4 to 8 only
"用户运营"; the others are ours. It gives no weights: each theme of a group weighs the same, and within a theme each
figure. What nothing records yet has no value and no weight: it is shown as not connected, never as zero.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext, pgettext_lazy

from guides.models.levels import FIRST_LEVEL, LAST_LEVEL
from newretail.kernel import numbers
from newretail.kernel.templatetags import people

CONTRIBUTION = "contribution"
THEME = 12  # what a theme weighs; its figures share it


@dataclass(frozen=True)
class Kpi:
    """A figure: a count or an amount (cents), or of something: a rate, an amount each (cents)."""

    code: str
    words: Any
    weight: int
    form: str = "count"  # count, money, rate, each
    connected: bool = True


@dataclass(frozen=True)
class Group:
    """Levels that are looked at for the same."""

    words: Any
    first: int
    last: int
    kpis: tuple[Kpi, ...]


GROUPS = (
    Group(pgettext_lazy("level", "entry"), FIRST_LEVEL, 3, (
        Kpi("recruits", pgettext_lazy("kpi", "customers won"), THEME),
        Kpi("shares", pgettext_lazy("kpi", "materials shared"), THEME // 3),
        Kpi("opened", pgettext_lazy("kpi", "shares opened"), THEME // 3, "rate"),
        Kpi("ordered", pgettext_lazy("kpi", "opened shares that brought orders"), THEME // 3, "rate"),
        Kpi("reply", pgettext_lazy("kpi", "time to reply"), THEME // 2, connected=False),
        Kpi("on_time", pgettext_lazy("kpi", "tasks done on time"), THEME // 2, "rate"),
        Kpi("sales", pgettext_lazy("kpi", "credited sales"), THEME, "money"),
    )),
    Group(pgettext_lazy("level", "growth"), 4, 8, (
        Kpi("reach", pgettext_lazy("kpi", "own customers reached"), THEME, "rate"),
        Kpi("repeat", pgettext_lazy("kpi", "repeat rate of own customers"), THEME, "rate"),
        Kpi("woken", pgettext_lazy("kpi", "own customers woken"), THEME, "rate"),
        Kpi("won_back", pgettext_lazy("kpi", "own customers won back"), THEME, "rate"),
    )),
    Group(pgettext_lazy("level", "professional"), 9, LAST_LEVEL, (
        Kpi("average", pgettext_lazy("kpi", "average order value"), THEME, "each"),
        # Nothing records who wrote a material: what she made of it is counted by the shares that sold.
        Kpi("content", pgettext_lazy("kpi", "shares that brought orders"), THEME),
        Kpi("coaching", pgettext_lazy("kpi", "coaching of others"), THEME, connected=False),
    )),
)  # fmt: skip
KPIS = {kpi.code: kpi for group in GROUPS for kpi in group.kpis}


def group_of(level: int) -> Group:
    """Give the group of a level."""
    return next(group for group in GROUPS if group.first <= level <= group.last)


@dataclass(frozen=True)
class Line:
    """A figure as it is shown: `value` in words, `score` the share (%) of her group whose figure is no higher."""

    words: Any
    value: str
    score: int | None
    connected: bool = True


def lines(kept: list[dict[str, Any]]) -> list[Line]:
    """Read the figures of an assessment; of a word that is no longer known nothing is shown."""
    return [
        Line(KPIS[one["kpi"]].words, _said(KPIS[one["kpi"]], one), one["score"], KPIS[one["kpi"]].connected)
        for one in kept
        if one["kpi"] in KPIS
    ]


def contribution(kept: list[dict[str, Any]]) -> int | None:
    """Give the contribution score, None where no figure had one."""
    return next((one["score"] for one in kept if one["kpi"] == CONTRIBUTION), None)


def _said(kpi: Kpi, one: dict[str, Any]) -> str:
    value, of = one["value"], one["of"]
    if not kpi.connected:
        return pgettext("kpi", "not connected")
    if value is None or of == 0:
        return numbers.DASH
    if kpi.form == "rate":
        return f"{numbers.percent(value / of)} ({numbers.grouped(value)} / {numbers.grouped(of)})"
    if kpi.form == "each":
        return people.money(round(value / of))
    return people.money(value) if kpi.form == "money" else numbers.grouped(value)
