"""Orders as another system sends them: each with its lines, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction

from members.actions import orders, parked
from members.actions.orders import Terms
from newretail.kernel import brand
from newretail.kernel.files.outcome import Outcome, RowRefusal
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import verb


@dataclass(frozen=True)
class Sent:
    """Orders as they were sent; `owners` tells for each of `lines`, in their order, the line of `orders` it is of."""

    orders: Batch
    lines: Batch
    owners: Sequence[int]


@dataclass
class Arrival:
    """What became of orders sent, by line: created, updated, unchanged, or why one was refused."""

    fates: dict[int, str] = field(default_factory=dict)
    refusals: dict[int, list[RowRefusal]] = field(default_factory=dict)
    enrolled: int = 0


class _SomeRefused(Exception):
    """Others are taken once more without them."""


@verb
def take(*, sent: Sent, at: datetime, by: User | None = None, within: list[int] | None = None) -> Arrival:
    """Take orders with their lines: one that has a line refused is refused whole, the others go in.

    Payers whom nobody knows are taken as the brand's setting `enrol_payers` says; beyond the stores `within` nothing
    is there. Refunds that came before their order go in with it.
    Row refusals: those of `orders.record` and `orders.record_lines`.
    Writes: members.order.recorded, members.order_line.recorded, members.refund.unparked.
    """
    arrival, unknown = Arrival(), brand.setting("enrol_payers")
    terms = Terms(within=within, nameless=unknown == "nameless")
    _refuse(arrival, sent, sent.orders.errors, sent.lines.errors)
    while True:
        try:
            with transaction.atomic():
                _take(arrival, sent, at=at, by=by, enrol=unknown == "enrol", terms=terms)
        except _SomeRefused:
            continue
        return arrival


Errors = Sequence[tuple[int, str, str]]


def _refuse(arrival: Arrival, sent: Sent, of_orders: Errors, of_lines: Errors) -> None:
    """Refuse orders for their own errors and for those of their lines."""
    for line, column, code in of_orders:
        arrival.refusals.setdefault(line, []).append(RowRefusal(line, column, code))
    for line, column, code in of_lines:
        owner = sent.owners[line - 1]
        place = sum(1 for each in sent.owners[: line - 1] if each == owner)
        where = f"lines.{place}" + (f".{column}" if column else "")
        arrival.refusals.setdefault(owner, []).append(RowRefusal(owner, where, code))


def _news(outcome: Outcome, left_out: Sequence[int], batch: Batch) -> Errors:
    """Name what was refused in the books, beside what was left out before."""
    known = {*left_out, *(line for line, _column, _code in batch.errors)}
    return [(each.line, each.column, each.code) for each in outcome.refusals if each.line not in known]


def _take(arrival: Arrival, sent: Sent, *, at: datetime, by: User | None, enrol: bool, terms: Terms) -> None:
    out = tuple(arrival.refusals)
    lines_out = tuple(line for line, owner in enumerate(sent.owners, 1) if owner in arrival.refusals)
    taken = orders.take_in(
        sent.orders, at=at, by=by, enrol=enrol, terms=replace(terms, without=out)
    )  # fmt: skip
    refused = _news(taken, out, sent.orders)
    brought = Outcome()
    if sent.lines.data and not refused:
        brought = orders.take_lines_in(sent.lines, at=at, by=by, terms=Terms(without=lines_out))
    of_lines = _news(brought, lines_out, sent.lines)
    if refused or of_lines:
        _refuse(arrival, sent, refused, of_lines)
        raise _SomeRefused
    changed = {sent.owners[line - 1] for line, fate in brought.fates.items() if fate != "unchanged"}
    arrival.fates = {
        line: "updated" if fate == "unchanged" and line in changed else fate for line, fate in taken.fates.items()
    }
    arrival.enrolled = taken.enrolled
    if "created" in arrival.fates.values():
        parked.apply(at=at, by=by, of=taken.entry_id)
