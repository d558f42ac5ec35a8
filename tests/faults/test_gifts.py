"""A process that dies while a gift is ordered, handed over or ended leaves nothing behind; the retry does it once."""

import pytest

from members.models import GiftOrder, PointsEntry
from newretail.kernel import books
from newretail.kernel.models import JournalEntry
from tests import gifts as cast
from tests import world
from tests.gifts import stock
from tests.members import purse

pytestmark = pytest.mark.django_db(transaction=True)
BEGIN = """
from members.actions import gift_endings
from tests import gifts
from newretail.platform.models import Brand
with Brand.objects.get(code="acme"):
    print({})
"""
PLACE = BEGIN.format("gifts.place().again")
HAND_OVER = BEGIN.format("gifts.hand_over(gifts.GiftOrder.objects.get().code).again")
TAKE_BACK = BEGIN.format("gifts.take_back().again")
CANCEL = BEGIN.format("gifts.cancel().again")
LAPSE = BEGIN.format("gift_endings.lapse(at=gifts.AFTER)")


@pytest.fixture
def chain(brand):
    world.chain()
    cast.purse()
    cast.gift()


def run(site, code, **environment):
    return site.run("shell", "--no-imports", "-c", code, **environment)


@pytest.mark.parametrize("point", ["gift_order.judged", "gift_order.reserved", "points.spent", "gift_order.spent"])
def test_an_order_killed_at_any_step_is_placed_by_the_retry(chain, site, point):
    assert run(site, PLACE, NEWRETAIL_FAILPOINT=f"{point}=kill9")[0] == -9
    assert (GiftOrder.objects.count(), stock(), purse.held()[0]) == (0, (5, 0, 0), 300)
    assert (run(site, PLACE), run(site, PLACE)) == ((0, "False"), (0, "True"))
    assert (GiftOrder.objects.count(), stock(), purse.held()[0]) == (1, (5, 1, 0), 200)
    assert JournalEntry.objects.filter(name="members.gift_order.placed").count() == 1
    assert books.verify() == []


@pytest.mark.parametrize("point", ["gift_pickup.judged", "gift_pickup.written"])
def test_a_handing_over_killed_at_any_step_is_done_by_the_retry(chain, site, point):
    cast.place()
    assert run(site, HAND_OVER, NEWRETAIL_FAILPOINT=f"{point}=kill9")[0] == -9
    assert (cast.states(), stock()) == ({"O1": "open"}, (5, 1, 0))
    assert (run(site, HAND_OVER), run(site, HAND_OVER)) == ((0, "False"), (0, "True"))
    assert (cast.states(), stock()) == ({"O1": "handed"}, (4, 0, 1))
    assert books.verify() == []


@pytest.mark.parametrize("point", ["gift_return.judged", "gift_return.written"])
def test_a_handing_over_undone_is_killed_at_any_step_and_undone_by_the_retry(chain, site, point):
    cast.hand_over(cast.place().order.code)
    assert run(site, TAKE_BACK, NEWRETAIL_FAILPOINT=f"{point}=kill9")[0] == -9
    assert (cast.states(), stock()) == ({"O1": "handed"}, (4, 0, 1))
    assert (run(site, TAKE_BACK), run(site, TAKE_BACK)) == ((0, "False"), (0, "True"))
    assert (cast.states(), stock()) == ({"O1": "open"}, (5, 1, 0))
    assert books.verify() == []


@pytest.mark.parametrize(("act", "told"), [(CANCEL, ("False", "True")), (LAPSE, ("1", "0"))])
def test_an_end_killed_between_the_piece_and_the_points_is_met_by_the_retry(chain, site, act, told):
    cast.place()
    assert run(site, act, NEWRETAIL_FAILPOINT="gift_order.ended=kill9")[0] == -9
    assert (cast.states(), stock(), purse.held()[0]) == ({"O1": "open"}, (5, 1, 0), 200)
    assert (run(site, act), run(site, act)) == ((0, told[0]), (0, told[1]))
    assert (stock(), purse.held()[0]) == ((5, 0, 0), 300)
    assert PointsEntry.objects.filter(kind="reverse").count() == 1
    assert books.verify() == []
