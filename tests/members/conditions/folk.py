"""A few members with a little of everything, and what each field must say of them, read naively from the tables."""

from datetime import date, timedelta

from campaigns.models import SegmentMember
from guides.models import Bond
from members.actions import points
from members.actions.points import Name
from members.models import Consent, Coupon, Event, Identity, Member, PointsAccount, PointsLot, Portrait
from members.queries import birthdays
from newretail.kernel import clock
from tests import coupons as cast
from tests import serving, sights, world
from tests.members import consenting
from tests.members.conditions import oracle

TODAY = sights.TODAY
PLACES = {"SH01": (31.2304, 121.4737), "GZ01": (23.1291, 113.2644)}


def settle() -> None:
    """The trade of `sights`, with identities, consents, points, coupons, events, touches, guides, birthdays, places."""
    sights.trade()
    world.stores(*({"code": code, "name": code, "latitude": str(lat), "longitude": str(lon)}
                   for code, (lat, lon) in PLACES.items()))  # fmt: skip
    world.staff(*serving.SHOP)
    world.people(
        {"member_no": "V1", "birthday": "1990-06-20", "unionid": "u1"},
        {"member_no": "V2", "birthday": "1990-06-10", "birthday_calendar": "lunar"},
        {"member_no": "V3", "joined_at": "2026-06-14T23:30:00"},
        {"member_no": "V4", "birthday": "02-29", "store_code": "SH01", "joined_at": "2026-01-02"},
    )
    serving.bind("V1", "G1")
    serving.bind("V2", "G9")
    consenting.texts()
    consenting.say(consenting.row("V1"), consenting.row("V2"), consenting.row("V1", channel="call"))
    consenting.withdraw({**consenting.row("V2"), "decision": "withdrawn", "proof": None},
                        at=world.NOW + timedelta(seconds=1))  # fmt: skip
    for number, count in (("V1", 70), ("V2", 20)):
        points.earn(member=world.member(number), points=count, name=Name("pos", number), at=world.NOW)
    plan = cast.plan(per_member=3, stacks="any")
    cast.coupon(plan, key="a")
    cast.coupon(plan, "V2", key="b")
    cast.redeem(cast.coupon(plan, key="c").code, "C1")
    world.saw({"event_no": "E1", "member_no": "V1"}, {"event_no": "E2", "member_no": "V2", "kind": "add_to_cart"},
              {"event_no": "E3", "member_no": "V1", "subject": "龙井"})  # fmt: skip


def hers(model, member, **more):
    return model.objects.filter(member=member, **more)


def paid_days(member):
    return [clock.business_day(order.paid_at) for order in oracle.orders(member, TODAY + timedelta(days=1), {})]


def birthday_in(member):
    for ahead in range(366):
        if Member.objects.filter(
            birthdays.within(*(TODAY + timedelta(days=n) for n in (ahead, ahead + 1))), pk=member.pk
        ):
            return ahead
    return None


def said(member, given):
    newest = {}
    for word in hers(Consent, member).order_by("stated_at", "id"):
        newest[f"{word.channel}:{word.purpose}"] = word.given
    return {what for what, how in newest.items() if how is given}


def km(member):
    if member.home_store is None:
        return None
    return {"SH01": 0.0, "GZ01": 1_213.0}[member.home_store.code]


def guide(member):
    return Bond.objects.open().filter(member=member).select_related("post__user", "post__store").first()


def portrait(member):
    return Portrait.objects.filter(member=member).first()


# What each field says of a member, today at noon.
SAYS = {
    "member.has_name": lambda m: bool(m.name),
    "member.has_phone": lambda m: bool(m.phone),
    "member.has_birthday": lambda m: m.birth_month is not None,
    "member.birthday_in": birthday_in,
    "member.joined_on": lambda m: clock.business_day(m.joined_at),
    "identities": lambda m: set(hers(Identity, m).values_list("kind", flat=True)),
    "consents.allowed": lambda m: said(m, True),
    "consents.withdrawn": lambda m: said(m, False),
    "points.balance": lambda m: sum(hers(PointsAccount, m).values_list("balance", flat=True)),
    "points.expiring": lambda m: sum(
        PointsLot.objects.filter(account__member=m, expires_on__gt=TODAY).values_list("remaining", flat=True)
    ),
    "coupons.held": lambda m: set(hers(Coupon, m, state="issued").values_list("plan__code", flat=True)),
    "coupons.redeemed": lambda m: hers(Coupon, m, state="redeemed").count(),
    "events.count": lambda m: hers(Event, m).count(),
    "orders.first_on": lambda m: min(paid_days(m), default=None),
    "orders.last_on": lambda m: max(paid_days(m), default=None),
    "orders.first_days": lambda m: (TODAY - min(paid_days(m))).days if paid_days(m) else None,
    "orders.last_days": lambda m: (TODAY - max(paid_days(m))).days if paid_days(m) else None,
    "portrait.stage_days": lambda m: (TODAY - portrait(m).stage_since).days if portrait(m) else None,
    "guide.staff": lambda m: {guide(m).post.user.staff_no} if guide(m) else set(),
    "guide.store": lambda m: {guide(m).post.store.code} if guide(m) else set(),
    "guide.bonded": lambda m: guide(m) is not None,
    "guide.days": lambda m: 0 if guide(m) else None,
    "segment": lambda m: set(hers(SegmentMember, m).values_list("segment__code", flat=True)),
}
ASKED_OF = {
    "identities": ["phone", "unionid"], "consents.allowed": ["sms:marketing", "call:marketing"],
    "consents.withdrawn": ["sms:marketing"], "coupons.held": ["FIVE"], "guide.staff": ["G1", "G9"],
    "guide.store": ["SH01", "GZ01"], "segment": ["often"],
}  # fmt: skip
DAYS = [date(2025, 1, 10), date(2025, 6, 3), date(2026, 6, 10), date(2026, 6, 14)]
MOST = {"points.balance": 90, "points.expiring": 90, "member.birthday_in": 365}
__all__ = ["ASKED_OF", "DAYS", "MOST", "SAYS", "km", "settle"]
