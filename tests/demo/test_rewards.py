"""The demo's points: rules once, members who earn and spend, books that agree."""

from members.models import EarnRule, PointsAccount, PointsEntry
from newretail.demo import rewards
from newretail.kernel.actions import relay
from tests import sights, world


def test_members_of_the_demo_earn_by_rules_and_spend_once(noon):
    assert rewards.rules(world.NOW) == EarnRule.objects.count() == 3
    sights.trade()
    relay.drain(at=world.NOW)
    assert rewards.spending(world.NOW) == PointsAccount.objects.filter(entries__kind="spend").count() > 0
    assert PointsEntry.objects.filter(kind="reverse").exists()
    before = PointsEntry.objects.count()
    assert (rewards.rules(world.NOW), rewards.spending(world.NOW)) == (0, 0)
    assert PointsEntry.objects.count() == before
