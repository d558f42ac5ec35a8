"""A sender killed at the wire, again and again: nothing goes out twice, and what nobody knows of is told as unknown."""

import pytest

from campaigns.channels.email import fake
from members.models import Touch
from newretail.kernel import clock
from tests import world
from tests.campaigns import sending
from tests.faults.site import KILLS

pytestmark = pytest.mark.django_db(transaction=True)
SENDER = """
from datetime import timedelta
from campaigns.actions import dispatching
from campaigns.models import ChannelSetup
from newretail.kernel import clock
from newretail.platform.models import Brand
with Brand.objects.get(code="acme"):
    at = lambda: clock.now() + timedelta(minutes={later})
    print(dispatching.touches.doubt(at=at()), dispatching.send_due(setup=ChannelSetup.objects.get(), clock=at, most=1))
"""


def send(site, later, **environment):
    return site.run("shell", "--no-imports", "-c", SENDER.format(later=later), **environment)[0]


@pytest.mark.prove
def test_senders_killed_between_call_and_record_send_nothing_twice(brand, site):
    world.chain()
    sending.people(*(f"M{nth}" for nth in range(KILLS + 1)), channels=("email",))
    sending.due(channel="email", at=clock.now())
    with fake.listening() as taken:
        sending.connected("email", "email", **sending.MAIL, port=taken.port)
        for kill in range(KILLS):
            assert send(site, 16 * kill + 1, NEWRETAIL_FAILPOINT="dispatch.called=kill9") == -9
        assert send(site, 16 * KILLS + 1) == 0
    ids = [mail.split("Message-ID: ")[1].split("\n")[0] for mail in taken.mails]
    assert len(ids) == len(set(ids)) == KILLS + 1
    states = sorted(Touch.objects.values_list("state", flat=True))
    assert states == ["sent", *["unknown"] * KILLS]
