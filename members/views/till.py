"""The till: what is scanned says what it gives — a coupon, a member's code, a gift — and is given with a tap."""

import secrets
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from members.actions import gift_orders, member_codes, redemptions
from members.actions.gift_orders import Pickup
from members.models import Coupon, GiftOrder, Member
from members.queries import coupon_codes, coupons, families, gifts
from members.queries import member_codes as codes
from members.queries.coupon_reasons import UnknownCoupon
from members.queries.coupons import Found, Purchase, Use, Worth
from members.queries.gift_reasons import UnknownPickup
from members.views import till_gifts
from members.views.till_gifts import SOURCE, LeadsNowhere
from newretail.kernel import clock, guesses, money, scopes
from newretail.kernel.doors import scoped
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused
from stores.models import Store, sight_of, store_ids_in

RECENT = 10
MOST_COUPONS = 20
LONGEST_NUMBER = 30


class NoAmount(Refused):
    """What was typed is no amount."""

    code = "no_amount"
    sentence = gettext_noop("Type the amount of the purchase, such as 128.00.")


class TooManyWrong(Refused):
    """She has typed too many wrong codes."""

    code = "too_many_wrong_codes"
    sentence = guesses.SENTENCE


WRONG = (UnknownCoupon, UnknownPickup, member_codes.UnknownCode, LeadsNowhere)  # codes that lead nowhere are counted


@dataclass
class Desk:
    """What stands on the page: the store, the purchase at hand, what was shown for it and what came of it."""

    store: Store
    several: bool
    purchase: str
    typed: str = ""
    receipt: str = ""
    member: Member | None = None
    showed_code: bool = False
    hers: list[Coupon] = field(default_factory=list)
    coupon: Found | None = None
    worth: Worth | None = None
    done: Coupon | None = None
    gift: GiftOrder | None = None
    waiting: list[GiftOrder] = field(default_factory=list)
    handed: GiftOrder | None = None
    ordered: GiftOrder | None = None
    refused: str = ""


def _stores(request: HttpRequest) -> list[Store]:
    within = store_ids_in(sight_of(request.user, "redemptions", "change"))
    rows = Store.objects.order_by("code")
    return list(rows if within is None else rows.filter(pk__in=within))


def _store(request: HttpRequest, stores: list[Store]) -> Store | None:
    """Find the store at hand: the one named, else the only one."""
    code = request.POST.get("store") or request.GET.get("store", "")
    if not code:
        return stores[0] if len(stores) == 1 else None
    found = next((store for store in stores if store.code == code), None)
    if found is None:
        raise Http404
    return found


def _plain(number: str) -> str:
    """Write the number of a receipt in plain signs; a purchase without one is named by chance."""
    plain = (sign for sign in unicodedata.normalize("NFKC", number) if sign.isalnum() or sign in "-_")
    return "".join(plain)[:LONGEST_NUMBER]


def _cents(typed: str) -> int:
    plain = unicodedata.normalize("NFKC", typed).strip().removeprefix("¥").replace(",", "")
    try:
        return money.to_cents(plain)
    except money.NotMoney:
        raise NoAmount from None


@scoped("redemptions", "change")
def till(request: HttpRequest) -> HttpResponse:
    """Show the till of a store, and do what is asked there; what is redeemed is told after a redirect."""
    stores = _stores(request)
    store = _store(request, stores)
    if store is None:
        return render(request, "till/stores.html", {"stores": stores})
    given = request.POST
    receipt = _plain(given.get("receipt", ""))
    purchase = receipt or _plain(given.get("purchase", "")) or secrets.token_hex(8)
    desk = Desk(store, len(stores) > 1, purchase, given.get("amount", "").strip()[:20], receipt)
    at, by = clock.now(), cast("User", request.user)
    if request.method != "POST":
        desk.done, desk.handed = _just_done(request, store), _just_handed(request, store)
        number = _named(request, "ordered")
        desk.ordered = till_gifts.just_ordered(by, store, number, at) if number else None
        return _page(request, desk, at)
    who = f"till:{by.pk}"
    try:
        if guesses.used_up(who, at):
            raise TooManyWrong
        answer = ACTS.get(given.get("do", ""), _look)(request, desk, at, by)
    except Refused as refusal:
        if isinstance(refusal, WRONG):
            guesses.note(who, at)
        desk.refused = str(refusal)
        return _page(request, desk, at, status=422)
    return answer or _page(request, desk, at)


def _named(request: HttpRequest, name: str) -> str | None:
    """Read the number of what was just done from the address, None where there is none that could be one."""
    number = request.GET.get(name, "")
    return number if number and "\0" not in number else None


def _just_done(request: HttpRequest, store: Store) -> Coupon | None:
    number = _named(request, "done")
    if number is None:
        return None
    rows = Coupon.objects.redeemed_within(request.user).filter(store=store, source=SOURCE, source_no=number)
    return rows.select_related("plan").order_by("-redeemed_at", "-id").first()


def _just_handed(request: HttpRequest, store: Store) -> GiftOrder | None:
    number = _named(request, "handed")
    if number is None:
        return None
    rows = GiftOrder.objects.visible_to(request.user).filter(store=store, pickup_source=SOURCE, pickup_no=number)
    return rows.select_related("gift").order_by("-ended_at", "-id").first()


def _look(request: HttpRequest, desk: Desk, at: datetime, by: User) -> HttpResponse | None:
    """Tell what a code is: a member's, with what she has, a gift to be picked up, or a coupon with what it gives."""
    text = request.POST.get("code", "")
    if codes.read(text):
        desk.member = member_codes.take(code=text, source=SOURCE, source_no=_number(desk), at=at, by=by)
        _show_hers(request, desk, desk.member, at)
        return None
    if not coupon_codes.read(text):
        _look_for_member(desk, text, by)
        return None
    desk.gift = _gift(request, text)
    if desk.gift:
        gift_orders.check_waits(desk.gift, desk.store, at)
        return None
    if not Coupon.objects.filter(code=coupon_codes.read(text)).exists():
        raise UnknownCoupon
    use = _use(request, desk)
    desk.coupon = coupons.found([use])[use.code]
    desk.worth = coupons.worth(desk.coupon, use, at)
    return None


def _look_for_member(desk: Desk, text: str, by: User) -> None:
    """Find whoever bears this number, to order a gift for her; her coupons are shown for her code alone."""
    if not till_gifts.may_order(by):
        raise UnknownCoupon
    desk.member = till_gifts.numbered(by, text)


def _show_hers(request: HttpRequest, desk: Desk, member: Member, at: datetime) -> None:
    """Show what a member can use or pick up here."""
    family = families.ids_of(member)
    desk.hers = list(Coupon.objects.usable(family, at).select_related("plan")[:MOST_COUPONS])
    waiting = GiftOrder.objects.visible_to(request.user).waiting().filter(member__in=family, store=desk.store)
    desk.waiting = list(waiting.select_related("gift")[:MOST_COUPONS])
    desk.showed_code = True


def _gift(request: HttpRequest, text: str) -> GiftOrder | None:
    """Find the gift to be picked up with a code, for who may hand gifts over."""
    code = coupon_codes.read(text)
    return gifts.shown(code) if code and scopes.may(request.user, "gift_pickups", "change") else None


def _hand_over(request: HttpRequest, desk: Desk, at: datetime, by: User) -> HttpResponse:
    """Hand a gift over, then show it: a page loaded again hands nothing over."""
    order = _gift(request, request.POST.get("code", ""))
    if order is None:
        raise UnknownPickup
    number = _number(desk)
    gift_orders.hand_over(pickup=Pickup(order.code, desk.store, SOURCE, number), at=at, by=by)
    return _to(desk, handed=number)


def _number(desk: Desk) -> str:
    return f"{desk.store.code}/{desk.purchase}"


def _use(request: HttpRequest, desk: Desk) -> Use:
    code = coupon_codes.read(request.POST.get("code", ""))
    if not code:
        raise UnknownCoupon
    number = request.POST.get("member", "")
    member = families.numbered(number) if number and "\0" not in number else None
    purchase = Purchase(
        _cents(desk.typed), desk.store.pk, desk.store.region_id, member_id=member.pk if member else None
    )  # fmt: skip
    return Use(code, purchase, SOURCE, _number(desk))


def _redeem(request: HttpRequest, desk: Desk, at: datetime, by: User) -> HttpResponse:
    """Redeem, then show it: a page loaded again redeems nothing."""
    use = _use(request, desk)
    redemptions.redeem(use=use, at=at, by=by)
    return _to(desk, done=use.source_no)


def _undo(request: HttpRequest, desk: Desk, at: datetime, by: User) -> HttpResponse:
    """Take a redemption of this store back, within the minutes of its plan."""
    number, ending = request.POST.get("number", ""), request.POST.get("ending", "")
    rows = Coupon.objects.redeemed_within(request.user).filter(store=desk.store, source=SOURCE)
    row = rows.filter(source_no=number, code__endswith=ending).first() if "\0" not in number + ending else None
    if row is None or not ending:
        raise redemptions.NotRedeemed
    redemptions.roll_back(code=row.code, source=SOURCE, source_no=number, at=at, by=by)
    return _to(desk, undone="yes")


def _order(request: HttpRequest, desk: Desk, at: datetime, by: User) -> HttpResponse:
    """Order a gift for a member, then show its code: handed over at once, or told to her."""
    if not till_gifts.may_order(by):
        raise PermissionDenied
    desk.member = till_gifts.ordering_for(by, request.POST.get("member", ""), _number(desk), at)
    order = till_gifts.order(by, desk.member, desk.store, request.POST, at)
    return _to(desk, ordered=order.order_no)


def _take_back(request: HttpRequest, desk: Desk, at: datetime, by: User) -> HttpResponse:
    """Undo a handing over of today in this store."""
    if not scopes.may(by, "gift_pickups", "change"):
        raise PermissionDenied
    till_gifts.take_back(by, desk.store, request.POST, at)
    return _to(desk, taken="yes")


def _to(desk: Desk, **told: str) -> HttpResponse:
    """Lead to the page that tells what was done: loaded again, it does nothing."""
    return redirect(f"{reverse('till')}?{urlencode({'store': desk.store.code, **told})}")


ACTS = {
    "look": _look, "redeem": _redeem, "undo": _undo, "hand": _hand_over, "order": _order, "take_back": _take_back,
}  # fmt: skip
NOT_DONE = {
    "hand": gettext_noop("Not handed over"), "order": gettext_noop("Not ordered"),
    "take_back": gettext_noop("Not undone"), "undo": gettext_noop("Not undone"),
}  # fmt: skip
UNDONE = {
    "undone": gettext_noop("The redemption is undone; the coupon counts again."),
    "taken": gettext_noop("The gift lies in the store again; its order waits to be picked up."),
}


def _page(request: HttpRequest, desk: Desk, at: datetime, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "desk": desk,
        "store": desk.store,
        "recent": _redeemed_lately(request, desk.store, at),
        "gift_whose": eyes().called(desk.gift.member) if desk.gift else "",
        "called": eyes().called(desk.member) if desk.member else "",
        "member_no": desk.member.member_no if desk.member else request.POST.get("member", ""),
        "shown": coupon_codes.shown(desk.coupon.code) if desk.coupon else "",
        "not_done": _(NOT_DONE.get(request.POST.get("do", ""), "Not redeemed")),
        "undone": next((_(said) for name, said in UNDONE.items() if request.GET.get(name)), ""),
        "done_number": desk.done.source_no.partition("/")[2] if desk.done else "",
        **till_gifts.shown(cast("User", request.user), desk.store, desk.member, at),
    }
    if desk.ordered:
        context |= {"pickup": coupon_codes.shown(desk.ordered.code), "whose": eyes().called(desk.ordered.member)}
    return render(request, "till/page.html", context, status=status)


def _redeemed_lately(request: HttpRequest, store: Store, at: datetime) -> list[dict[str, Any]]:
    rows = Coupon.objects.redeemed_within(request.user).filter(store=store).select_related("plan", "redeemed_by")
    return [
        {"row": row, "hidden": coupon_codes.hidden(row.code), "ending": row.code[-6:], "undo": _may_undo(row, at)}
        for row in rows.order_by("-redeemed_at", "-id")[:RECENT]
    ]


def _may_undo(row: Coupon, at: datetime) -> bool:
    """Tell whether the till may still undo a redemption."""
    minutes = (at - row.redeemed_at).total_seconds() / 60 if row.redeemed_at else 0
    return row.source == SOURCE and minutes <= row.plan.undo_minutes
