"""The demo's other systems: messages, keys, an early refund, what the mini-programme saw; each once."""

from members.models import Event, ParkedRefund
from newretail.demo import browsing, partners
from newretail.kernel.models import ApiKey, InboxMessage
from tests import sights, world


def test_other_systems_come_in_once(noon):
    sights.trade()
    assert partners.connect(at=world.NOW) == InboxMessage.objects.count() > 0
    assert ApiKey.objects.count() == 2
    assert ParkedRefund.objects.count() == 1
    assert partners.connect(at=world.NOW) == 0
    assert ApiKey.objects.count() == 2


def test_members_browse_once(noon):
    sights.trade()
    assert browsing.browse(at=world.NOW) == Event.objects.count() > 0
    assert browsing.browse(at=world.NOW) == 0
