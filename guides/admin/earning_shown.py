"""What orders would earn by a draft, as its page shows it: the arithmetic of each line in words and figures."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guides.admin.policy_cells import percent
from guides.models import Credit
from guides.models.credits import WHOLE_BP
from guides.queries import previewing
from guides.queries.previewing import Line
from guides.queries.trials import Draft
from newretail.kernel import clock
from newretail.kernel.templatetags import people


@dataclass(frozen=True)
class Shown:
    """A line of an order, as what she has a share of it, how its rate came about and what it comes to."""

    line: Line
    role: str
    rate: str
    sum: str


def preview(draft: Draft) -> dict[str, Any]:
    """Give the template what the newest orders would earn."""
    found = previewing.preview(draft, at=clock.now())
    shown = [Shown(line, str(Credit.Role(line.role).label), _rate(line), _sum(line)) for line in found]
    return {"told": True, "lines": shown}


def _rate(line: Line) -> str:
    factors = [(_("goods"), line.goods_bp), (_("channel"), line.channel_bp), (_("first purchase"), line.fresh_bp)]
    parts = [f"L{line.level} {percent(line.level_bp)}%"]
    parts += [f"{word} {percent(bp)}%" for word, bp in factors if bp != WHOLE_BP]
    if len(parts) == 1 and not line.capped:
        return parts[0]
    cap = f" ({_('capped')})" if line.capped else ""
    return f"{' × '.join(parts)} = {percent(line.rate_bp)}%{cap}"


def _sum(line: Line) -> str:
    gross = f"{people.money(line.cents)} × {percent(line.rate_bp)}% × {percent(line.share_bp)}%"
    if not line.back:
        return f"{gross} = {people.money(line.net)}"
    taken = _("of %(money)s given back") % {"money": people.money(line.back)}
    return f"{gross} − {people.money(line.gross - line.net)} ({taken}) = {people.money(line.net)}"
