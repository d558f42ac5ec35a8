"""Give what a level gives on an occasion: points, coupons of a plan; once for the occasion, whatever comes again."""

from datetime import date, datetime, timedelta
from typing import Any

from members.actions import coupons, points
from members.models import BenefitKind, CouponPlan, Level, LevelMove, Member
from members.queries import birthdays, schemes
from members.queries.coupon_givings import Wishes
from members.queries.schemes import Gift, Live
from newretail.kernel import clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb

MADE_UP = 3  # nights
NEWS = timedelta(days=2)  # what was effective longer ago gives nothing: it is history that came in
ROSE = """
SELECT member_id, to_level_id AS level_id FROM members_levelmove WHERE entry_id = %(entry)s AND reason = %(reached)s
"""
# Who joined as the line says, lately, and since the scheme counts; who has no level yet stands on the lowest.
JOINED = """
SELECT m.id AS member_id, coalesce(m.level_id, %(lowest)s) AS level_id FROM members_member m
WHERE m.joined_at >= %(since)s AND m.merged_into_id IS NULL AND (%(of_members)s AND m.entry_id = %(entry)s
  OR m.id IN (SELECT member_id FROM members_order WHERE entry_id = %(entry)s))
"""
GIVE = """
INSERT INTO members_benefitgift (member_id, kind, occasion, level_id, points, coupon, given_at, entry_id)
SELECT g.member_id, %(kind)s, %(occasion)s, %(level)s, %(points)s, %(coupon)s, %(at)s, %(entry)s
FROM tmp_gifted g WHERE g.level_id = %(level)s ORDER BY g.member_id ON CONFLICT DO NOTHING
"""
GRANTED = """
SELECT member_id, points, %(kind)s || ':' || %(occasion)s || ':' || member_id AS source_no
FROM members_benefitgift WHERE entry_id = %(gift)s
"""
WISHES = "SELECT member_id, kind || ':' || occasion AS key FROM members_benefitgift WHERE entry_id = %(gift)s"


def _gift(live: Live, level: Level, kind: BenefitKind) -> Gift:
    terms = live.terms.of(level.code)
    found: dict[Any, Gift] = {}
    if terms:
        found = {
            BenefitKind.JOINING_GIFT: terms.joining_gift, BenefitKind.LEVEL_UP_GIFT: terms.level_up_gift,
            BenefitKind.BIRTHDAY: terms.birthday,
        }  # fmt: skip
    return found.get(kind, Gift())


def _give(gift: Gift, kind: BenefitKind, occasion: str, level: Level, at: datetime) -> int:
    entry = journal.reserve()
    params: sql.Params = {
        "kind": kind.value, "occasion": occasion, "level": level.pk, "points": gift.points, "coupon": gift.coupon,
        "at": at, "entry": entry,
    }  # fmt: skip
    given = sql.execute(GIVE, params)
    if not given:
        return 0
    journal.write(
        "members.benefit.given", at=at, entry_id=entry, subject=level.code, benefit=kind.value, given=given
    )  # fmt: skip
    if gift.points:
        names: sql.Params = {"gift": entry, "kind": kind.value, "occasion": occasion}
        points.grant(given=GRANTED, params=names, source="benefit", at=at, rule=kind.value)
    if gift.coupon:
        plan = CouponPlan.objects.get(code=gift.coupon)
        coupons.give(plan=plan, wishes=Wishes("benefit", WISHES, {"gift": entry}), at=at)
    return given


def _each(live: Live, kind: BenefitKind, at: datetime, occasion: str = "") -> int:
    """Give to whom `tmp_gifted` (member_id, level_id) names; without an occasion the level is it."""
    given = 0
    for level in Level.objects.order_by("rank"):
        gift = _gift(live, level, kind)
        if gift:
            given += _give(gift, kind, occasion or level.code, level, at)
    return given


@verb
def give_for_rising(*, entry_id: int, at: datetime) -> int:
    """Give the gift of the level they came to, to those whom a line's moves lifted: once for each level, for ever.

    Refuses: PlanStopped, PlanOver.
    Writes: members.benefit.given.
    """
    live = schemes.live(clock.business_day(at))
    if live is None:
        return 0
    sql.temporary("tmp_gifted", ROSE, {"entry": entry_id, "reached": LevelMove.Reason.REACHED})
    return _each(live, BenefitKind.LEVEL_UP_GIFT, at)


@verb
def give_for_joining(*, entry_id: int, of_members: bool, at: datetime) -> int:
    """Give the joining gift to those who joined by a line's members or orders, since the scheme counts: once.

    Refuses: PlanStopped, PlanOver.
    Writes: members.benefit.given.
    """
    live = schemes.live(clock.business_day(at))
    lowest = Level.objects.filter(code=live.terms.levels[0].level).first() if live else None
    if live is None or lowest is None:
        return 0
    since = max(clock.day_start(live.starts_on), at - NEWS)
    sql.temporary(
        "tmp_gifted", JOINED, {"entry": entry_id, "of_members": of_members, "since": since, "lowest": lowest.pk}
    )  # fmt: skip
    return _each(live, BenefitKind.JOINING_GIFT, at, occasion="joined")


@verb
def give_for_birthdays(*, as_of: date, at: datetime) -> int:
    """Give the birthday's gift, as many days before as the level says: once a year; missed nights are made up.

    Refuses: PlanStopped, PlanOver.
    Writes: members.benefit.given.
    """
    live, given = schemes.live(as_of), 0
    for level in Level.objects.order_by("rank"):
        gift = _gift(live, level, BenefitKind.BIRTHDAY) if live else Gift()
        first = as_of + timedelta(days=max(0, gift.days_before - MADE_UP)) if gift else as_of
        last = as_of + timedelta(days=gift.days_before)
        for day in (first + timedelta(days=n) for n in range((last - first).days + 1) if gift):
            feted = Member.objects.living().filter(birthdays.within(day, day + timedelta(days=1)), level=level)
            sql.temporary(
                "tmp_gifted", "SELECT unnest(%(ids)s::bigint[]) AS member_id, %(level)s::bigint AS level_id",
                {"ids": list(feted.values_list("pk", flat=True)), "level": level.pk},
            )  # fmt: skip
            given += _give(gift, BenefitKind.BIRTHDAY, str(day.year), level, at)
    return given
