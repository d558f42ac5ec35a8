"""The commission scheme in the browser: rates by level, factors, what else is paid; in percent, yuan and days."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from guides.admin import earning_shown, policy_cells
from guides.admin.policy_cells import basis_points, cents, whole
from guides.admin.policy_editor import PolicyEditor
from guides.models import Policy
from guides.models.levels import FIRST_LEVEL, LAST_LEVEL
from guides.queries import pay_proposals
from guides.queries.policy_terms import MOST_NAMES, MOST_STEPS, Scheme, bad, read_scheme
from guides.queries.trials import Draft
from stores.models import Category, Channel, Product

Reader = Callable[[str], Any]
HEAD: dict[str, tuple[Any, Reader]] = {
    "return_days": (_("return days: commission vests after them"), whole),
    "fresh_bp": (_("factor of a first purchase (%)"), basis_points),
    "most_bp": (_("highest rate of a line (%)"), basis_points),
    "bounty_cents": (_("recruit bounty (yuan)"), cents),
    "bounty_days": (_("the bounty vests if she is still a friend after (days)"), whole),
    "task_cents": (_("task bonus (yuan)"), cents),
    "tasks_most": (_("tasks a month that have the bonus, 0 for all"), whole),
    "month_most_cents": (_("cap of a month for a guide (yuan), empty for none"), cents),
    "recovery_bp": (_("debt paid back of a month's pay at most (%)"), basis_points),
}
FACTORS: dict[str, Any] = {
    "categories": _("factor of a category (%)"), "products": _("factor of a product (%)"),
    "channels": _("factor of a channel (%)"),
}  # fmt: skip
NAME_WORDS: dict[str, Any] = {"categories": _("category"), "products": _("SKU"), "channels": _("channel code")}
STEP: dict[str, Any] = {"from_cents": _("from credited sales of (yuan)"), "pay_cents": _("pays (yuan)")}
LEVELS = range(FIRST_LEVEL, LAST_LEVEL + 1)
EMPTY_ROWS = 3  # in which another may be written
OFFERED = 200
STEPS_AT = re.compile(r"steps\[([0-9]+)\](?:\.(.+))?", re.ASCII)


class PaySchemeEditor(PolicyEditor):
    """What is paid for one's own orders, customers and tasks; there is no cell for what others recruited or sold."""

    kind = Policy.Kind.COMMISSION
    opens = _("Write a commission scheme")
    template = "admin/guides/policy/commission.html"

    def proposed(self) -> dict[str, Any]:
        """Propose what the product ships."""
        return pay_proposals.scheme()

    def written(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Write a scheme as cells; factors and steps are lists of rows."""
        scheme = read_scheme(terms)
        return {
            **{name: _head_cell(scheme, name) for name in HEAD},
            **{f"rate-{level}": policy_cells.percent(bp) for level, bp in scheme.levels.items()},
            **{of: [(name, policy_cells.percent(bp)) for name, bp in getattr(scheme, of).items()] for of in FACTORS},
            "steps": [tuple(policy_cells.WRITE[cents](getattr(step, name)) for name in STEP) for step in scheme.steps],
        }

    def posted(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Read the cells of the form; rows that say nothing are none."""
        single = [*HEAD, *(f"rate-{level}" for level in LEVELS)]
        return {
            **{name: policy_cells.text(given.get(name, "")) for name in single},
            **{of: _rows(given, of, ("name", "bp"), MOST_NAMES + 1) for of in FACTORS},
            "steps": _rows(given, "steps", tuple(STEP), MOST_STEPS),
        }

    def terms(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Make the terms of the cells; what is empty is as usual."""
        terms = {
            **{name: read(cells[name]) for name, (_word, read) in HEAD.items() if cells[name]},
            "levels": {str(level): basis_points(cell) for level in LEVELS if (cell := cells.get(f"rate-{level}", ""))},
            **{of: _named(of, cells[of]) for of in FACTORS if cells[of]},
        }
        if cells["steps"]:
            steps = [dict(zip(STEP, row, strict=True)) for row in cells["steps"]]
            terms["steps"] = [{name: cents(cell) for name, cell in step.items()} for step in steps]
        _known(read_scheme(terms))
        return terms

    def place(self, where: str, cells: dict[str, Any]) -> tuple[str, str]:
        """Say in words where it is wrong, and name the cell."""
        if where in HEAD:
            return str(HEAD[where][0]), where
        if step := STEPS_AT.fullmatch(where):
            name = step[2] if step[2] in STEP else next(iter(STEP))
            return f"{_('reward steps')} {step[1]} · {STEP[name]}", f"steps-{int(step[1]) - 1}-{name}"
        of, _dot, name = where.partition(".")
        if of == "levels":
            return (f"L{name}", f"rate-{name}") if name else (str(_("rate by level (%)")), f"rate-{FIRST_LEVEL}")
        if of not in FACTORS:
            return where, ""
        at = next((i for i, row in enumerate(cells[of]) if row[0].startswith(name)), 0)
        return f"{FACTORS[of]} · {name}", f"{of}-{at}-{'bp' if name else 'name'}"

    def shown(self, cells: dict[str, Any]) -> dict[str, Any]:
        """Give the rows of the tables, and what may be named in them."""
        return {
            "head": [(name, word, cells[name]) for name, (word, _read) in HEAD.items()],
            "rates": [(f"rate-{level}", f"L{level}", cells.get(f"rate-{level}", "")) for level in LEVELS],
            "factors": [
                (of, word, NAME_WORDS[of], _drawn(of, cells[of], ("name", "bp"), MOST_NAMES))
                for of, word in FACTORS.items()
            ],
            "step_words": STEP.values(),
            "steps": _drawn("steps", cells["steps"], tuple(STEP), MOST_STEPS),
            "offered": {
                "categories": Category.objects.order_by("name").values_list("name", "name")[:OFFERED],
                "channels": Channel.objects.order_by("code").values_list("code", "name")[:OFFERED],
            },
        }

    def told(self, terms: dict[str, Any]) -> dict[str, Any]:
        """Tell what the newest orders would earn."""
        return earning_shown.preview(Draft(scheme=read_scheme(terms)))


def _head_cell(scheme: Scheme, name: str) -> str:
    value = getattr(scheme, name)
    return "" if value is None else policy_cells.WRITE[HEAD[name][1]](value)


def _rows(given: Mapping[str, Any], of: str, names: tuple[str, ...], most: int) -> list[tuple[str, ...]]:
    rows = [tuple(policy_cells.text(given.get(f"{of}-{i}-{name}", "")) for name in names) for i in range(most)]
    return [row for row in rows if any(row)]


def _drawn(of: str, rows: list[tuple[str, ...]], names: tuple[str, ...], most: int) -> list[list[tuple[str, str]]]:
    filled = [*rows, *[("",) * len(names)] * EMPTY_ROWS][: max(most, len(rows))]
    return [[(f"{of}-{i}-{name}", cell) for name, cell in zip(names, row, strict=True)] for i, row in enumerate(filled)]


def _named(of: str, rows: list[tuple[str, ...]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, cell in rows:
        if name in found:
            raise bad("twice", f"{of}.{name}")
        found[name] = basis_points(cell)
    return found


def _known(scheme: Scheme) -> None:
    """Refuse factors of what nobody knows: they would pay nobody anything.

    Refuses: BadPolicy.
    """
    known: dict[str, set[str]] = {
        "categories": set(Category.objects.filter(name__in=scheme.categories).values_list("name", flat=True)),
        "products": set(Product.objects.filter(sku__in=scheme.products).values_list("sku", flat=True)),
        "channels": set(Channel.objects.filter(code__in=scheme.channels).values_list("code", flat=True)),
    }
    for of, names in known.items():
        for name in getattr(scheme, of):
            if name not in names:
                raise bad("unknown_name", f"{of}.{name}")
