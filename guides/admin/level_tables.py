"""The level table in the browser: a row for each level, its band in yuan, what is learned there, four abilities."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from guides.admin.policy_editor import PolicyEditor
from guides.models import Policy
from guides.models.levels import FIRST_LEVEL, LAST_LEVEL
from guides.queries import level_proposals
from guides.queries.policy_terms import ABILITIES, ABILITY_WORDS, MOST_ABILITY, read_levels
from newretail.kernel import clock, money

BASIS_WORDS: dict[str, Any] = {
    "private": _("sales to own customers (private domain)"), "credited": _("all credited sales"),
}  # fmt: skip
HEAD: dict[str, Any] = {"basis": _("sales counted"), "grace_months": _("months of grace before going down")}
BAND: dict[str, Any] = {"low": _("from (yuan)"), "high": _("to below (yuan)"), "theme": _("what is learned")}
CELLS: dict[str, Any] = {**BAND, **ABILITY_WORDS}
LEVELS = range(FIRST_LEVEL, LAST_LEVEL + 1)
CELL_OF = {"low_cents": "low", "high_cents": "high"}
WHERE = re.compile(r"levels\[([0-9]+)\](?:\.abilities)?(?:\.(.+))?", re.ASCII)
LONGEST_CELL = 200


class LevelTableEditor(PolicyEditor):
    """Up to twelve levels, upwards; a row that is left empty is none."""

    kind = Policy.Kind.LEVELS
    opens = _("Write a level table")
    template = "admin/guides/policy/levels.html"

    def proposed(self) -> dict[str, Any]:
        """Propose the bands of the source, and above them those of the brand's last six months."""
        return level_proposals.table(as_of=clock.business_day(clock.now()))

    def written(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Write the table as cells."""
        table = read_levels(terms)
        cells = {"basis": table.basis, "grace_months": str(table.grace_months)}
        for band in table.bands:
            cells |= {
                f"{band.level}-low": money.to_yuan(band.low_cents),
                f"{band.level}-high": "" if band.high_cents is None else money.to_yuan(band.high_cents),
                f"{band.level}-theme": band.theme,
                **{f"{band.level}-{name}": str(score) for name, score in band.abilities.items()},
            }
        return cells

    def posted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Read the cells of the form."""
        names = [*HEAD, *(f"{level}-{name}" for level in LEVELS for name in CELLS)]
        return {name: str(given.get(name, "")).strip()[:LONGEST_CELL] for name in names}

    def terms(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Make the terms of the rows down to the last that says anything."""
        last = max((level for level in LEVELS if any(cells[f"{level}-{name}"] for name in BAND)), default=0)
        terms = {
            "basis": cells["basis"],
            "grace_months": _number(cells["grace_months"]),
            "levels": [_band(cells, level) for level in LEVELS[:last]],
        }
        read_levels(terms)
        return terms

    def place(self, where: str, cells: dict[str, Any]) -> tuple[str, str]:
        """Name the level and the cell."""
        if found := WHERE.fullmatch(where):
            cell = CELL_OF.get(found[2] or "", found[2] or "low")
            return f"L{found[1]} · {CELLS.get(cell, cell)}", f"{found[1]}-{cell}"
        return (str(HEAD[where]), where) if where in HEAD else (str(_("level table")), "")

    def shown(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Give the rows of the table."""
        return {
            "words": CELLS.values(),
            "head": HEAD,
            "bases": BASIS_WORDS.items(),
            "basis": BASIS_WORDS.get(cells["basis"], cells["basis"]),
            "most": MOST_ABILITY,
            "levels": [
                (level, [(f"{level}-{name}", word, cells.get(f"{level}-{name}", "")) for name, word in CELLS.items()])
                for level in LEVELS
            ],
        }


def _band(cells: dict[str, Any], level: int) -> dict[str, Any]:
    high = cells[f"{level}-high"]
    return {
        "level": level,
        "low_cents": _cents(cells[f"{level}-low"]),
        "high_cents": _cents(high) if high else None,
        "theme": cells[f"{level}-theme"],
        "abilities": {name: _number(cells[f"{level}-{name}"] or "0") for name in ABILITIES},
    }


def _cents(text: str) -> Any:
    try:
        return money.to_cents(text.replace(",", "").replace("，", ""))
    except money.NotMoney:
        return text


def _number(text: str) -> Any:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else text
