"""Credit rules in the browser: a row for each channel and one for all others, the shares of roles in percent."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from guides.admin import earning_shown, policy_cells
from guides.admin.policy_editor import PolicyEditor
from guides.models import Policy
from guides.queries import pay_proposals
from guides.queries.policy_terms import EVERYWHERE, MOST_NAMES, SHARED, read_credits
from guides.queries.trials import Draft
from newretail.kernel import words
from stores.models import Channel

SHARE_DAYS = _("days for which an opened link counts")
ROLES = {role.value: role.label for role in SHARED}
CELL = re.compile(r"(seller|bonded|sharer|pool)@(.{1,40})", re.ASCII | re.DOTALL)


class CreditRulesEditor(PolicyEditor):
    """A channel whose row is left empty goes by the row of all others."""

    kind = Policy.Kind.CREDITS
    opens = _("Write credit rules")
    template = "admin/guides/policy/credits.html"

    def proposed(self) -> dict[str, Any]:
        """Propose what the product ships."""
        return pay_proposals.credit_rules()

    def written(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Write rules as cells, named `role@channel`."""
        rules = read_credits(terms)
        shares = {
            f"{role}@{code}": policy_cells.percent(bp)
            for code, roles in rules.channels.items() for role, bp in roles.items() if bp
        }  # fmt: skip
        return {"share_days": str(rules.share_days), **shares}

    def posted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Read the cells of the form."""
        named = [name for name in given if CELL.fullmatch(name)][: (MOST_NAMES + 1) * len(ROLES)]
        shares = {name: cell for name in named if (cell := policy_cells.text(given[name]))}
        return {"share_days": policy_cells.text(given.get("share_days", "")), **shares}

    def terms(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Make the terms of the rows that say anything, and of that of all other channels."""
        channels: dict[str, dict[str, Any]] = {EVERYWHERE: {}}
        for name, cell in cells.items():
            if found := CELL.fullmatch(name):
                channels.setdefault(found[2], {})[found[1]] = policy_cells.basis_points(cell)
        terms = {"share_days": policy_cells.whole(cells["share_days"]), "channels": channels}
        read_credits(terms)
        return terms

    def place(self, where: str, cells: dict[str, Any]) -> tuple[str, str]:
        """Name the channel, and the cell of the share."""
        if where == "share_days":
            return str(SHARE_DAYS), where
        code, _dot, role = where.removeprefix("channels.").rpartition(".")
        if role not in ROLES:
            code, role = where.removeprefix("channels."), next(iter(ROLES))
        return _named(code, dict(Channel.objects.values_list("code", "name"))), f"{role}@{code}"

    def shown(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Give a row for each channel there is or that is named, the one of all others last."""
        names = dict(Channel.objects.order_by("code").values_list("code", "name"))
        named = [found[2] for name in cells if (found := CELL.fullmatch(name))]
        codes = [code for code in dict.fromkeys([*names, *named]) if code != EVERYWHERE]
        return {
            "share_days_word": SHARE_DAYS,
            "words": ROLES.values(),
            "rows": [(_named(code, names), _row(cells, code)) for code in (*codes, EVERYWHERE)],
        }

    def told(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Tell what the newest orders would earn."""
        return earning_shown.preview(Draft(rules=read_credits(terms)))


def _named(code: str, names: dict[str, str]) -> str:
    if code == EVERYWHERE:
        return _now("all other channels")
    return words.named(code, names.get(code, code))


def _row(cells: dict[str, Any], code: str) -> list[tuple[str, Any, str]]:
    return [(f"{role}@{code}", word, cells.get(f"{role}@{code}", "")) for role, word in ROLES.items()]
