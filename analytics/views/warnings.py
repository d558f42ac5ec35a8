"""The board's warnings in the language at work: what is the matter, what to do, where to look."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from analytics.queries.alerts import Alert, alerts
from analytics.queries.boards import Board
from analytics.queries.seasons import Span
from analytics.views import links
from newretail.kernel import numbers


@dataclass(frozen=True)
class Warned:
    """One warning as it is shown."""

    tone: str
    says: str
    do: str
    link: str


def warnings(board: Board) -> list[Warned]:
    """Write the warnings that hold."""
    return [_warned(board, alert) for alert in alerts(board)]


def _warned(board: Board, alert: Alert) -> Warned:
    facts = {name: _in_words(fact) for name, fact in alert.facts.items()}
    return Warned(alert.rule.tone, _(alert.rule.says) % facts, _(alert.rule.do), _link(board, alert.rule.code))


def _in_words(fact: object) -> str:
    if isinstance(fact, list):
        return _(", ").join(fact)
    return numbers.percent(fact) if isinstance(fact, float) else numbers.grouped(fact)  # type: ignore[arg-type]


def _link(board: Board, code: str) -> str:
    store, recent = board.store, Span(board.trend[0].day, board.day)
    found = {
        "refunds": links.listed(
            "members_order", paid_from=recent.first, paid_to=recent.last, store=store.pk, refunded="full"
        ),
        "recruiting": links.joined(board.month_span, store.pk),
        "repeating": links.behind(store.code, "second"),
        "slipping": links.behind(store.code, "moved"),
        "lapsing": links.behind(store.code, "lapsing"),
        "birthdays": links.behind(store.code, "birthdays"),
        "idle": "#guides",
        "fall": "#trend",
        "behind": "#targets",
    }
    return found.get(code, links.orders_paid(recent, store.pk))
