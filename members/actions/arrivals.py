"""Orders as another system sends them: each with its lines, whole or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop

from members.actions import orders, parked, points, redemptions
from members.actions.orders import Terms
from members.actions.redemptions import Redemption
from members.models import Member
from members.queries import orders as questions
from newretail.kernel import brand
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files.outcome import Outcome, RowRefusal
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb


class NoPayer(Refused):
    """Nobody in reach has spent the points."""

    code = "no_payer"
    sentence = gettext_noop("Points are spent by a member: the order names none whose points may be spent here.")


@dataclass(frozen=True)
class Sent:
    """Orders as they were sent; `owners` tells for each of `lines`, in their order, the line of `orders` it is of."""

    orders: Batch
    lines: Batch
    owners: Sequence[int]


@dataclass(frozen=True)
class Tender:
    """What an order is paid with beside money: coupons (code, cents each took off) and points; its freight as paid."""

    coupons: Sequence[tuple[str, int]] = ()
    points: int = 0
    freight_cents: int = 0


@dataclass
class Arrival:
    """What became of orders sent, by line: created, updated, unchanged, or why one was refused.

    `redeemed` and `points_spent` tell what the tender of a single order has taken, now or when it was sent before.
    """

    fates: dict[int, str] = field(default_factory=dict)
    refusals: dict[int, list[RowRefusal]] = field(default_factory=dict)
    enrolled: int = 0
    redeemed: list[Redemption] = field(default_factory=list)
    points_spent: int = 0


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


@verb
def take_paid(
    *, sent: Sent, name: tuple[str, str], tender: Tender, at: datetime, by: User | None = None,
    within: list[int] | None = None,
) -> Arrival:  # fmt: skip
    """Take the one order of this name (source, order no.) with the coupons and points it was paid with, or nothing.

    The name is the business key of both: what the order has redeemed or spent before stays as it was.
    Row refusals: those of `take`. Refuses: NoPayer, and what `redemptions.redeem_all` and `points.spend` refuse.
    Writes: as `take`, members.coupon.redeemed, members.points.spent.
    """
    arrival = take(sent=sent, at=at, by=by, within=within)
    if arrival.refusals:
        return arrival
    failpoint("order.taken")
    order = questions.bought(*name)
    if tender.coupons:
        arrival.redeemed = redemptions.redeem_all(
            shown=tender.coupons, source=order.source, source_no=order.order_no,
            paid=replace(order.purchase, freight_cents=tender.freight_cents), at=at, by=by,
        )  # fmt: skip
    if tender.points:
        spent = points.spend(
            member=_payer(order.payer_id, within), points=tender.points,
            name=points.Name(order.source, order.order_no), at=at, by=by,
        )  # fmt: skip
        arrival.points_spent = spent.points
    return arrival


def _payer(payer_id: int | None, within: list[int] | None) -> Member:
    """Give who spends the points of an order: its member, at home in the stores `within` if these confine."""
    row = Member.objects.filter(pk=payer_id, erased_at__isnull=True).first() if payer_id else None
    if row is None or (within is not None and row.home_store_id not in within):
        raise NoPayer
    return row


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
