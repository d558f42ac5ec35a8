"""A process that dies while it spends or earns leaves nothing behind; what comes next does it once."""

import pytest

from members.models import PointsEntry, PointsUse
from newretail.kernel import books
from newretail.kernel.models import JournalEntry
from tests import world
from tests.members import purse

pytestmark = pytest.mark.django_db(transaction=True)
SPEND = """
from members.actions import points
from members.actions.points import Name
from members.models import Member
from newretail.platform.models import Brand
from tests import world
with Brand.objects.get(code="acme"):
    row = Member.objects.get(member_no="V1")
    used = points.spend(member=row, points=60, name=Name("pos", "S1"), at=world.NOW)
    print(used.points, used.again)
"""
HEAR = """
from newretail.kernel.actions import relay
from newretail.platform.models import Brand
from tests import world
with Brand.objects.get(code="acme"):
    print(relay.drain(at=world.NOW))
"""


@pytest.fixture
def chain(brand):
    world.chain()
    purse.rule()
    purse.give(100)


def run(site, code, **environment):
    return site.run("shell", "--no-imports", "-c", code, **environment)


def test_a_spending_killed_before_its_end_leaves_nothing_and_is_done_by_the_retry(chain, site):
    assert run(site, SPEND, NEWRETAIL_FAILPOINT="points.spent=kill9")[0] == -9
    assert (purse.held(), PointsUse.objects.count()) == ((100, 0, 0), 0)
    assert run(site, SPEND) == (0, "60 False")
    assert run(site, SPEND) == (0, "60 True")
    assert purse.held() == (40, 0, 0)
    assert JournalEntry.objects.filter(name="members.points.spent").count() == 1
    assert books.verify() == []


def test_an_earning_killed_before_its_end_is_heard_again_and_earns_once(chain, site):
    world.buy(world.order("A1", "50", "2026-05-01", member_no="V1"))
    assert run(site, HEAR, NEWRETAIL_FAILPOINT="points.earned=kill9")[0] == -9
    assert not PointsEntry.objects.filter(rule="base").exists()
    assert run(site, HEAR)[0] == 0
    assert run(site, HEAR) == (0, "0")
    assert purse.held() == (150, 0, 0)
    assert books.verify() == []
