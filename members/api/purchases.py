"""A purchase as a till describes it, for a coupon that is shown with it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from rest_framework import serializers

from members.models import Member
from members.queries import coupon_codes, families
from members.queries.coupon_reasons import UnknownCoupon
from members.queries.coupons import Line, Purchase, Use
from newretail.kernel import guesses
from newretail.kernel.api.fields import Fields
from newretail.kernel.api.problems import Problem
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused
from stores.models import Channel, Product, Store, sight_of, store_ids_in

Told = TypeVar("Told")
MOST_LINES = 200
NAMED = frozenset({"code", "source", "source_no"})
WHOLE = NAMED | {"amount", "freight", "store_code", "channel", "member_no", "lines"}
OF_A_LINE = frozenset({"sku", "quantity", "amount"})


class NamedIn(serializers.Serializer[Any]):
    """A coupon, and the purchase by its name: the same name meets the same answer for ever."""

    code = serializers.CharField(help_text="券码 · as typed or scanned")
    source = serializers.CharField(max_length=40, help_text="来源系统 · the system of the till")
    source_no = serializers.CharField(max_length=64, help_text="购买单号 · the number of the purchase there")


class PurchaseLineIn(serializers.Serializer[Any]):
    """A line of a purchase before coupons."""

    sku = serializers.CharField()
    quantity = serializers.IntegerField(required=False, min_value=1)
    amount = serializers.DecimalField(max_digits=14, decimal_places=2)


class PurchaseIn(NamedIn):
    """A coupon shown for a purchase; the amount is before coupons, Σ lines + freight where there are lines."""

    amount = serializers.DecimalField(max_digits=14, decimal_places=2)
    freight = serializers.DecimalField(max_digits=14, decimal_places=2, required=False)
    store_code = serializers.CharField(required=False)
    channel = serializers.CharField(required=False)
    member_no = serializers.CharField(required=False)
    lines = PurchaseLineIn(many=True, required=False)


@dataclass(frozen=True)
class Shown:
    """A coupon and a purchase by their names."""

    code: str
    source: str
    source_no: str


def code_of(fields: Fields) -> str:
    """Read a coupon's code; what cannot be one is no coupon, like one that is unknown."""
    return coupon_codes.read(fields.text("code", most=80, required=True))


def named(fields: Fields, *, required: bool = True) -> Shown:
    """Read the names of a coupon and a purchase.

    Raises Problem: refused. Refuses: UnknownCoupon.
    """
    code = code_of(fields)
    shown = Shown(code, fields.text("source", most=40, required=required), fields.text("source_no", required=required))
    fields.judge()
    if not code:
        raise UnknownCoupon
    return shown


def _store(fields: Fields, user: User) -> Store | None:
    code, within = fields.text("store_code"), store_ids_in(sight_of(user, "redemptions", "change"))
    store = Store.objects.filter(code=code).first() if code else None
    if code and (store is None or (within is not None and store.pk not in within)):
        fields.wrong("store_code", "unknown_store")
    if not code and within is not None:
        fields.wrong("store_code", "missing")
    return store


def _lines(fields: Fields) -> list[Line]:
    given = fields.given.get("lines", [])
    if not isinstance(given, list) or len(given) > MOST_LINES:
        fields.wrong("lines", "too_many_items" if isinstance(given, list) else "not_a_list")
        return []
    read: list[tuple[str, int, int]] = []
    for place, each in enumerate(given):
        line = Fields(each, OF_A_LINE, f"lines.{place}.")
        read.append((line.text("sku", required=True), line.cents("amount", required=True) or 0,
                     line.whole("quantity", usual=1)))  # fmt: skip
        fields.faults += line.faults
    known = dict(Product.objects.filter(sku__in=[sku for sku, _, _ in read]).values_list("sku", "category_id"))
    return [Line(sku, cents, quantity, known.get(sku)) for sku, cents, quantity in read]


def _member(fields: Fields) -> Member | None:
    number = fields.text("member_no")
    member = families.numbered(number) if number else None
    if number and member is None:
        fields.wrong("member_no", "unknown_member")
    return member


def use(fields: Fields, user: User, *, required: bool = True) -> Use:
    """Read a coupon with the purchase it is shown for.

    Raises Problem: refused. Refuses: UnknownCoupon.
    """
    amount, freight = fields.cents("amount", required=True), fields.cents("freight") or 0
    store, member, lines = _store(fields, user), _member(fields), _lines(fields)
    channel = fields.text("channel")
    if lines and not fields.faults and sum(line.amount_cents for line in lines) + freight != amount:
        fields.wrong("amount", "wrong_sum")
    if freight > (amount or 0) and not fields.faults:
        fields.wrong("freight", "wrong_sum")
    shown = named(fields, required=required)
    place = Channel.objects.filter(code=channel).values_list("pk", flat=True).first() if channel else None
    purchase = Purchase(
        amount or 0, store.pk if store else None, store.region_id if store else None, place,
        member.pk if member else None, freight, lines,
    )  # fmt: skip
    return Use(shown.code, purchase, shown.source, shown.source_no)


def counted(act: Callable[[], Told], *, user: User, at: datetime, unknown: type[Refused] = UnknownCoupon) -> Told:
    """Act on what a till shows, and count a wrong code; who has sent too many waits.

    Raises Problem: too_many_wrong_codes.
    """
    who = f"coupons:{user.pk}"
    if guesses.used_up(who, at):
        raise Problem(429, "too_many_wrong_codes", guesses.SENTENCE)
    try:
        return act()
    except unknown:
        guesses.note(who, at)
        raise
