"""What the demo's members earn and spend: rules from four months ago on, a gift for joining, some who spend."""

from datetime import datetime, timedelta

from members.actions import earn_rules, points
from members.actions.earn_rules import Terms
from members.actions.points import Name
from members.models import EarnRule, PointsAccount, PointsEntry
from newretail.kernel import clock

DAYS, SPENDERS, JOINING = 120, 60, 100
JOINED = "SELECT id AS member_id, %(points)s AS points, 'join:' || member_no AS source_no FROM members_member"


def rules(at: datetime) -> int:
    """Write the rules orders earn by, before the first of them is counted; how many."""
    if EarnRule.objects.exists():
        return 0
    first = clock.business_day(at) - timedelta(days=DAYS)
    written = {
        "base": Terms(name="基础积分", from_on=first, points_per_yuan=1),
        "member-day": Terms(name="会员日双倍", from_on=first, points_per_yuan=1, member_day=True),
        "big": Terms(name="满200元多得半倍", from_on=first, points_per_yuan=1, multiplier_bp=5000, min_cents=20_000,
                     valid_days=180),
    }  # fmt: skip
    for code, terms in written.items():
        earn_rules.put(code=code, terms=terms, at=at)
    return len(written)


def spending(at: datetime) -> int:
    """Grant everybody the gift for joining, and let those who hold the most spend and put something back; how many."""
    if PointsEntry.objects.filter(kind="spend").exists():
        return 0
    points.grant(given=f"{JOINED} WHERE joined_at > %(since)s", source="levels", rule="joining", reason="入会礼", at=at,
                 params={"points": JOINING, "since": at - timedelta(days=2 * DAYS)})  # fmt: skip
    richest = PointsAccount.objects.filter(balance__gt=0).select_related("member").order_by("-balance", "id")
    for turn, account in enumerate(richest[:SPENDERS]):
        name, when = Name("demo", f"PS{turn:04}"), at - timedelta(hours=SPENDERS - turn)
        spent = points.spend(member=account.member, points=1 + account.balance // 3, name=name, at=when)
        if turn % 10 == 0:
            back = Name("demo", f"PR{turn:04}")
            points.reverse(spending=name, name=back, points=1 + spent.points // 2, at=when)
    return len(richest[:SPENDERS])
