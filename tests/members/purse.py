"""A member's points as the tests speak of them: rules, orders heard, what is held, given, spent, put back."""

from datetime import date

from members.actions import earn_rules, points
from members.actions.earn_rules import Terms
from members.actions.points import Name
from members.models import Member, PointsAccount, PointsEntry, PointsLot, PointsUse
from newretail.kernel.actions import relay
from tests import world


def rule(code="base", per_yuan=1, **more):
    terms = Terms(**{"name": code, "from_on": date(2025, 1, 1), "points_per_yuan": per_yuan, **more})
    return earn_rules.put(code=code, terms=terms, at=world.NOW)


def member(number="V1"):
    return Member.objects.get(member_no=number)


def held(number="V1"):
    """Balance, pending, debt."""
    account = PointsAccount.objects.filter(member__member_no=number).first()
    return (account.balance, account.pending, account.debt) if account else (0, 0, 0)


def buy(*orders):
    world.buy(*orders)
    relay.drain(at=world.NOW)


def order(number="A1", amount="100", paid_at="2026-06-10", **more):
    return world.order(number, amount, paid_at, **{"member_no": "V1", **more})


def refund(amount, number="R1", order_no="A1", line_no=0):
    world.refund({"order_no": order_no, "refund_no": number, "line_no": line_no, "amount": amount,
                  "refunded_at": "2026-06-12"})  # fmt: skip
    relay.drain(at=world.NOW)


def give(amount, number="G1", to="V1", at=world.NOW):
    return points.earn(member=member(to), points=amount, name=Name("mall", number), at=at)


def spend(amount, number="S1", by="V1", **more):
    return points.spend(member=member(by), points=amount, name=Name("pos", number), at=world.NOW, **more)


def reverse(number="S1", again="V1", **more):
    return points.reverse(spending=Name("pos", number), name=Name("pos", again), at=world.NOW, **more)


def facts():
    return [list(model.objects.order_by("pk").values()) for model in (PointsAccount, PointsEntry, PointsLot, PointsUse)]
