"""A worker killed at the wire or at the inbox: nothing is lost; what went out goes again under its id."""

import json

import pytest

from members.models import Order
from newretail.kernel import clock
from newretail.kernel.actions import endpoints, inbox, sources
from newretail.kernel.models import Attempt, Delivery, InboxMessage, JournalEntry
from tests import world
from tests.api.machines import account
from tests.faults.site import KILLS
from tests.webhooks.conftest import open_to
from tests.webhooks.receiver import Receiver, listening

pytestmark = pytest.mark.django_db(transaction=True)
SENDER = """
from datetime import timedelta
import time_machine
from newretail.kernel import clock, sending
from newretail.platform.models import Brand
from tests.webhooks.receiver import wire
with Brand.objects.get(code="acme"), time_machine.travel(clock.now() + timedelta(seconds={later})):
    print(sending.deliver(wire()))
"""
TAKER = """
from newretail.kernel.jobs import work_inbox
from newretail.platform.models import Brand
with Brand.objects.get(code="acme"):
    print(work_inbox())
"""


def send(site, later=0, **environment):
    return site.run("shell", "--no-imports", "-c", SENDER.format(later=later), **environment)


@pytest.mark.prove
def test_a_sender_killed_between_call_and_record_sends_again_under_the_same_id(brand, site):
    with listening(Receiver()) as listener:
        endpoint = open_to(listener).endpoint
        ref = endpoints.ping(endpoint=endpoint, at=clock.now(), by=None).message.ref
        for kill in range(KILLS):
            assert send(site, later=61 * kill, NEWRETAIL_FAILPOINT="webhook.called=kill9")[0] == -9
            assert Delivery.objects.get().state == "claimed"
        assert send(site, later=61 * (KILLS - 1) + 1) == (0, "0")
        assert send(site, later=61 * KILLS) == (0, "1")
    assert listener.ids == [ref] * (KILLS + 1)
    assert (Delivery.objects.get().state, Attempt.objects.count()) == ("delivered", 1)


@pytest.mark.prove
def test_a_worker_killed_behind_the_effect_of_a_message_takes_it_once(brand, site):
    world.chain()
    mall = sources.add(code="mall", account=account("mall"), kinds={"a": "orders"}, at=world.NOW, by=None).source
    order = {"source": "mall", "order_no": "A1", "member_no": "V1", "store_code": "SH01", "amount": "1.00",
             "paid_at": "2026-06-10T10:00:00+08:00"}  # fmt: skip
    inbox.receive(source=mall, ref="m1", kind="a", body=json.dumps({"type": "a", "data": order}).encode(), at=world.NOW)
    for _ in range(KILLS):
        assert site.run("shell", "--no-imports", "-c", TAKER, NEWRETAIL_FAILPOINT="inbox.taken=kill9")[0] == -9
        assert (InboxMessage.objects.get().state, Order.objects.count()) == ("waiting", 0)
    assert site.run("shell", "--no-imports", "-c", TAKER) == (0, "1")
    assert (InboxMessage.objects.get().state, Order.objects.count()) == ("done", 1)
    assert JournalEntry.objects.filter(name="members.order.recorded").count() == 1
