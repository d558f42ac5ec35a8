"""Gifts at the till: who may have which, ordered for her points, handed over, and taken back on the same day."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop

from members.actions import gift_orders, gift_returns
from members.actions.gift_orders import Wish
from members.actions.gift_returns import Handing
from members.models import Gift, GiftOrder, Member, MemberCodeUse
from members.queries import families, finding, gifts, points
from newretail.kernel import clock, scopes
from newretail.kernel.masking import eyes
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused
from stores.models import Store, sight_of, store_ids_in

SOURCE = "till"
MOST_OFFERED, MOST_HANDED = 60, 10
LONGEST_TOKEN = 16
SHOWN_FOR = timedelta(minutes=30)  # so long after she has shown her code gifts are ordered for her


class LeadsNowhere(Refused):
    """It is no code, and no member within sight is named so."""

    code = "till_nothing"
    sentence = gettext_noop(
        "No coupon, no gift and no member of your stores has this code or number. Check it, or ask for her member code."
    )


class SeveralFound(Refused):
    """It names several."""

    code = "till_several"
    sentence = gettext_noop("Several members are found with this; type the whole member number or phone.")


class NoGift(Refused):
    """There is no such gift in the catalogue."""

    code = "till_no_gift"
    sentence = gettext_noop("This gift is not in the catalogue. Choose one of the list.")


@dataclass(frozen=True)
class Offer:
    """A gift that lies in the store; `lacks` points she has not, `level` she has not reached."""

    gift: Gift
    left: int
    lacks: int
    level: str


def may_order(user: User) -> bool:
    """Tell whether somebody may order gifts for members."""
    return scopes.may(user, "gift_orders", "change")


def numbered(user: User, text: str) -> Member:
    """Find the one member at home in somebody's stores whom a number or a phone names.

    Refuses: LeadsNowhere, SeveralFound.
    """
    within = store_ids_in(sight_of(user, "gift_orders", "change"))
    rows = Member.objects.visible_to(user).filter(erased_at__isnull=True, merged_into__isnull=True)
    if within is not None:
        rows = rows.filter(home_store_id__in=within)
    term = text.strip()
    found = list(finding.found_by(term, rows, people=scopes.sees_people(user)).select_related("level")[:2])
    if not term or not found:
        raise LeadsNowhere
    if len(found) > 1:
        raise SeveralFound
    return found[0]


def ordering_for(user: User, member_no: str, purchase: str, at: datetime) -> Member:
    """Find the member somebody orders for: at home in her stores, or who has just shown her code for this purchase.

    Refuses: LeadsNowhere.
    """
    member = families.numbered(member_no) if member_no and "\0" not in member_no else None
    if member is None or member.erased_at:
        raise LeadsNowhere
    within = store_ids_in(sight_of(user, "gift_orders", "change"))
    if within is None or member.home_store_id in within:
        return member
    shown = MemberCodeUse.objects.filter(member__in=families.ids_of(member), source=SOURCE, source_no=purchase, by=user)
    if shown.filter(at__gte=at - SHOWN_FOR).exists():
        return member
    raise LeadsNowhere


def _offers(user: User, member: Member, store: Store, at: datetime) -> tuple[int, list[Offer]]:
    """Tell what a member may spend, and the gifts that lie in a store, those she may have first."""
    today = clock.business_day(at)
    balance = points.spendable(families.ids_of(member), today)
    rows = gifts.with_left_in(Gift.objects.visible_to(user).offered(today), store.pk).filter(left__gt=0)
    rank = member.level.rank if member.level else -1
    told = [_offer(row, balance, rank) for row in rows.select_related("least_level").order_by("points", "code")]
    return balance, sorted(told, key=lambda each: bool(each.lacks or each.level))[:MOST_OFFERED]


def _offer(row: Any, balance: int, rank: int) -> Offer:
    least = row.least_level
    level = least.name if least and least.rank > rank else ""
    return Offer(row, row.left, max(0, row.points - balance), level)


def order(user: User, member: Member, store: Store, given: Any, at: datetime) -> GiftOrder:
    """Order the gift of a form for a member, under the name the form was given: sent twice, it orders once.

    Refuses: NoGift, and whatever `gift_orders.place` refuses.
    """
    code, name = given.get("gift", ""), given.get("token", "")
    gift = Gift.objects.visible_to(user).filter(code=code).first() if code and "\0" not in code else None
    if gift is None:
        raise NoGift
    plain = name.isascii() and name.isalnum() and len(name) <= LONGEST_TOKEN
    number = name if plain else secrets.token_hex(LONGEST_TOKEN // 2)
    wish = Wish(gift, member, store, SOURCE, f"{store.code[:30]}-{number}")
    return gift_orders.place(wish=wish, at=at, by=user).order


def just_ordered(user: User, store: Store, number: str, at: datetime) -> GiftOrder | None:
    """Find what somebody has ordered here today and is not handed over yet."""
    rows = GiftOrder.objects.visible_to(user).waiting().filter(store=store, source=SOURCE, order_no=number, by=user)
    today = clock.day_start(clock.business_day(at))
    return rows.filter(ordered_at__gte=today).select_related("gift", "member").first()


def shown(user: User, store: Store, member: Member | None, at: datetime) -> dict[str, Any]:
    """Tell what the page shows of gifts: those handed over today, and what the member at hand may have."""
    told: dict[str, Any] = {
        "handed": list(_handed_today(user, store, at)), "may_take_back": scopes.may(user, "gift_pickups", "change"),
    }  # fmt: skip
    if member and may_order(user):
        told["balance"], told["offers"] = _offers(user, member, store, at)
        told["token"] = secrets.token_hex(LONGEST_TOKEN // 2)
    return told


def _handed_today(user: User, store: Store, at: datetime) -> Iterator[dict[str, Any]]:
    rows = GiftOrder.objects.visible_to(user).filter(store=store, state=GiftOrder.State.HANDED)
    today = clock.day_start(clock.business_day(at))
    last = rows.filter(ended_at__gte=today).select_related("gift", "member", "ended_by").order_by("-ended_at", "-id")
    seen = eyes()
    for row in last[:MOST_HANDED]:
        yield {"row": row, "whose": seen.called(row.member)}


def take_back(user: User, store: Store, given: Any, at: datetime) -> GiftOrder:
    """Take back a gift that was handed over in a store today.

    Refuses: whatever `gift_returns.take_back` refuses.
    """
    names = [given.get(name, "").replace("\0", "") for name in ("source", "number", "pickup_source", "pickup_no")]
    reason = given.get("reason", "")
    return gift_returns.take_back(handing=Handing(*names), reason=reason, within=[store.pk], at=at, by=user).order
