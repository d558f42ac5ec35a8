"""Coupon plans: drafted, opened by one person or two, paused, resumed, closed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from members.models import CouponPlan
from members.models.coupons import MOST_STOCK
from newretail.kernel import brand
from newretail.kernel.actions import journal
from newretail.kernel.models import JournalEntry, User
from newretail.kernel.verbs import Refused, verb

State = CouponPlan.State
SCOPES = ("stores", "regions", "products", "categories", "channels")


class NotDraft(Refused):
    """Its terms stay as they are."""

    code = "plan_not_draft"
    sentence = gettext_noop("The plan %(plan)s is no draft any more: its terms stay as they are. Make a new one.")


class BadTerms(Refused):
    """The terms do not hold together."""

    code = "bad_terms"
    sentence = gettext_noop("The plan cannot be kept: %(why)s")


class WrongState(Refused):
    """That cannot be done with a plan in its state."""

    code = "plan_wrong_state"
    sentence = gettext_noop("The plan %(plan)s is %(state)s: that cannot be done now.")


class SamePerson(Refused):
    """Who made it does not approve it."""

    code = "plan_same_person"
    sentence = gettext_noop("A plan of this size is approved by somebody other than the one who made it.")


class StockBelow(Refused):
    """The stock cannot be that."""

    code = "plan_stock"
    sentence = gettext_noop("The stock is raised only, and up to what needs no approval: at most %(most)s.")


@dataclass(frozen=True)
class Terms:
    """The terms of a plan: its own fields by name, and the ids of what it is confined to."""

    fields: dict[str, Any]
    confined: dict[str, Sequence[int]] = field(default_factory=dict)


def _locked(plan: CouponPlan, *states: str) -> CouponPlan:
    """Lock a plan and read it; it must stand in one of these states."""
    row = CouponPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if row.state not in states:
        raise WrongState(plan=row.code, state=row.get_state_display())
    return row


def _changed(row: CouponPlan, line: JournalEntry, **fields: object) -> CouponPlan:
    """Write what a line of the journal has changed in a plan."""
    for name, value in fields.items():
        setattr(row, name, value)
    row.entry_id = line.pk
    row.save()
    return row


def value_cents(plan: CouponPlan) -> int | None:
    """Give what one coupon takes off at most; None where nothing bounds it."""
    if plan.kind == CouponPlan.Kind.AMOUNT:
        return plan.amount_cents
    if plan.kind == CouponPlan.Kind.EXCHANGE and plan.product:
        return plan.product.price_cents if plan.cap_cents is None else plan.cap_cents
    return plan.cap_cents


def needs_approval(plan: CouponPlan, stock: int) -> bool:
    """Tell whether so many coupons of a plan are worth more than one person may open."""
    value = value_cents(plan)
    return value is None or value * stock > brand.setting("coupon_approval_cents")


@verb
def keep(*, terms: Terms, at: datetime, by: User | None = None) -> CouponPlan:
    """Keep the draft of a plan under its code, new or changed.

    Refuses: NotDraft, BadTerms.
    Writes: members.coupon_plan.kept.
    """
    code = terms.fields["code"]
    plan = CouponPlan.objects.select_for_update(no_key=True).filter(code=code).first() or CouponPlan(made_by=by)
    if plan.state != State.DRAFT:
        raise NotDraft(plan=code)
    for name, value in terms.fields.items():
        setattr(plan, name, value)
    try:
        plan.full_clean(validate_unique=False)
    except ValidationError as error:
        raise BadTerms(why=" ".join(error.messages)) from None
    line = journal.write("members.coupon_plan.kept", at=at, by=by, subject=code, kind=plan.kind, stock=plan.stock)
    plan.entry_id = line.pk
    plan.save()
    for name in SCOPES:
        if name in terms.confined:
            getattr(plan, name).set(sorted(terms.confined[name]))
    return plan


@verb
def open_up(*, plan: CouponPlan, at: datetime, by: User | None = None) -> CouponPlan:
    """Open a draft: it is active at once, or awaits a second person where it is worth more than the brand's setting.

    Refuses: WrongState.
    Writes: members.coupon_plan.opened, members.coupon_plan.submitted.
    """
    row = _locked(plan, State.DRAFT)
    if needs_approval(row, row.stock):
        line = journal.write("members.coupon_plan.submitted", at=at, by=by, subject=row.code, stock=row.stock)
        return _changed(row, line, state=State.AWAITING, made_by=by)
    line = journal.write("members.coupon_plan.opened", at=at, by=by, subject=row.code, stock=row.stock)
    return _changed(row, line, state=State.ACTIVE, opened_at=at)


@verb
def approve(*, plan: CouponPlan, at: datetime, by: User) -> CouponPlan:
    """Approve a plan that awaits it, by somebody other than who made it.

    Refuses: WrongState, SamePerson.
    Writes: members.coupon_plan.approved.
    """
    row = _locked(plan, State.AWAITING)
    if row.made_by_id == by.pk:
        raise SamePerson
    line = journal.write("members.coupon_plan.approved", at=at, by=by, subject=row.code, stock=row.stock)
    return _changed(row, line, state=State.ACTIVE, approved_by=by, opened_at=at)


@verb
def send_back(*, plan: CouponPlan, at: datetime, by: User | None = None) -> CouponPlan:
    """Make a draft again of a plan that awaits approval.

    Refuses: WrongState.
    Writes: members.coupon_plan.sent_back.
    """
    row = _locked(plan, State.AWAITING)
    line = journal.write("members.coupon_plan.sent_back", at=at, by=by, subject=row.code)
    return _changed(row, line, state=State.DRAFT)


@verb
def pause(*, plan: CouponPlan, at: datetime, by: User | None = None) -> CouponPlan:
    """Stop issuing and redeeming for a while.

    Refuses: WrongState.
    Writes: members.coupon_plan.paused.
    """
    row = _locked(plan, State.ACTIVE)
    line = journal.write("members.coupon_plan.paused", at=at, by=by, subject=row.code)
    return _changed(row, line, state=State.PAUSED)


@verb
def resume(*, plan: CouponPlan, at: datetime, by: User | None = None) -> CouponPlan:
    """Let a paused plan go on.

    Refuses: WrongState.
    Writes: members.coupon_plan.resumed.
    """
    row = _locked(plan, State.PAUSED)
    line = journal.write("members.coupon_plan.resumed", at=at, by=by, subject=row.code)
    return _changed(row, line, state=State.ACTIVE)


@verb
def close(*, plan: CouponPlan, at: datetime, by: User | None = None) -> CouponPlan:
    """End a plan for good: nothing of it is issued or redeemed any more.

    Refuses: WrongState.
    Writes: members.coupon_plan.closed.
    """
    row = _locked(plan, *(state for state in State if state != State.CLOSED))
    line = journal.write("members.coupon_plan.closed", at=at, by=by, subject=row.code)
    return _changed(row, line, state=State.CLOSED)


@verb
def raise_stock(*, plan: CouponPlan, stock: int, at: datetime, by: User | None = None) -> CouponPlan:
    """Raise the stock of an active plan, up to what needs no approval.

    Refuses: WrongState, StockBelow.
    Writes: members.coupon_plan.stocked.
    """
    row = _locked(plan, State.ACTIVE)
    most = _most_stock(row)
    if not row.stock < stock <= most:
        raise StockBelow(most=most)
    line = journal.write("members.coupon_plan.stocked", at=at, by=by, subject=row.code, was=row.stock, stock=stock)
    return _changed(row, line, stock=stock)


def _most_stock(plan: CouponPlan) -> int:
    """Give the largest stock of a plan that needs no approval; what it has where that is more."""
    value = value_cents(plan)
    open_to = int(brand.setting("coupon_approval_cents") // value) if value else plan.stock
    return max(plan.stock, min(open_to, MOST_STOCK))


# What ships with the product: the member day on the 18th, five yuan off for whoever bought within a year.
EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "code": "MEMBER-DAY", "name": "会员日立减 5 元", "kind": "amount", "amount_cents": 500,
        "threshold_cents": 3_000, "days_valid": 3, "stock": 10_000, "per_member": 0, "given_on": "monthly",
        "given_day": 18, "bought_days": 365,
    },
    {
        "code": "BIRTHDAY", "name": "生日礼券 8.8 折", "kind": "percent", "off_bp": 1_200, "cap_cents": 2_000,
        "days_valid": 15, "stock": 2_000, "per_member": 0, "given_on": "birthday",
    },
    {
        "code": "WELCOME", "name": "入会礼 10 元", "kind": "amount", "amount_cents": 1_000, "threshold_cents": 5_000,
        "days_valid": 30, "stock": 5_000, "given_on": "joined",
    },
)  # fmt: skip


@verb
def add_examples(*, at: datetime, by: User | None = None) -> list[CouponPlan]:
    """Draft the example plans that are not there yet; those that are stay as they are.

    Writes: members.coupon_plan.kept.
    """
    known = set(CouponPlan.objects.values_list("code", flat=True))
    return [keep(terms=Terms(each), at=at, by=by) for each in EXAMPLES if each["code"] not in known]
