"""What is committed is delivered at least once, signed; what fails comes again, later and later; what is gone is told."""

import json
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import transaction
from standardwebhooks import Webhook

from newretail.kernel import sealing
from newretail.kernel.actions import deliveries, endpoints, relay
from newretail.kernel.models import Attempt, Delivery, Endpoint, HookMessage, JournalEntry
from tests import world
from tests.webhooks.conftest import open_to

DAY = timedelta(days=1)


def buy(*numbers, **more):
    world.buy(*(world.order(no, "128.00", "2026-06-10", member_no="V1", store_code="SH01", **more) for no in numbers))


def fail(_heard, status=500):
    return status, b"no"


def items(listener):
    return [item for heard in listener.heard for item in json.loads(heard.body)["data"]["items"]]


def test_an_order_that_commits_is_told_by_number_and_amount_and_names_nobody(endpoint, listener, deliver):
    buy("A1")
    assert deliver() == 1
    body = json.loads(listener.heard[0].body)
    assert body == {
        "type": "order.recorded", "timestamp": "2026-06-15T04:00:00Z",
        "data": {"part": 1, "items": [{
            "source": "pos", "order_no": "A1", "paid_at": "2026-06-09T16:00:00Z", "amount": "128.00",
            "refunded": "0.00", "member_no": "V1", "store_code": "SH01", "channel_code": "store"}]},
    }  # fmt: skip
    assert Delivery.objects.get().state == "delivered"
    assert deliver() == 0


def test_what_is_rolled_back_is_never_told(endpoint, listener, deliver):
    with transaction.atomic():
        buy("A1")
        transaction.set_rollback(True)
    assert deliver() == 0
    assert listener.heard == []


def test_the_public_library_verifies_the_signature_also_with_two_secrets(endpoint, listener, deliver):
    second = endpoints.rotate(endpoint=endpoint.endpoint, grace=DAY, at=world.NOW, by=None)
    endpoints.ping(endpoint=endpoint.endpoint, at=world.NOW, by=None)
    deliver()
    heard = listener.heard[0]
    for secret in (endpoint.secret, second.secret):
        assert Webhook(secret).verify(heard.body, heard.headers)["type"] == "ping"
    assert len(heard.headers["webhook-signature"].split()) == 2


def test_the_former_secret_ends_with_its_grace(endpoint, listener, deliver, noon):
    endpoints.rotate(endpoint=endpoint.endpoint, grace=DAY, at=world.NOW, by=None)
    noon.shift(DAY)
    endpoints.ping(endpoint=endpoint.endpoint, at=world.NOW, by=None)
    deliver()
    assert len(listener.heard[0].headers["webhook-signature"].split()) == 1


def test_secrets_stand_nowhere_in_clear(endpoint):
    row = Endpoint.objects.values().get()
    assert endpoint.secret not in str(row)
    assert endpoint.secret.removeprefix("whsec_") not in str(JournalEntry.objects.values())
    assert sealing.at_work(endpoints.SEALED, endpoint.endpoint, world.NOW) == (endpoint.secret,)


def test_a_line_of_many_rows_is_paged_into_messages_of_a_hundred(endpoint, listener, deliver):
    buy(*(f"A{i}" for i in range(250)))
    assert deliver() == 3
    assert sorted(item["order_no"] for item in items(listener)) == sorted(f"A{i}" for i in range(250))
    assert sorted(json.loads(heard.body)["data"]["part"] for heard in listener.heard) == [1, 2, 3]


def test_an_endpoint_hears_the_events_it_asked_for_of_lines_written_after_it(chain, listener, deliver):
    buy("A1")
    open_to(listener, "refund.recorded")
    buy("A2")
    world.refund({"order_no": "A2", "refund_no": "R1", "amount": "1.00", "refunded_at": "2026-06-11"})
    deliver()
    assert [json.loads(heard.body)["type"] for heard in listener.heard] == ["refund.recorded"]
    assert items(listener)[0]["refund_no"] == "R1"


def test_without_an_endpoint_nothing_is_kept(chain):
    buy("A1")
    relay.drain(at=world.NOW)
    assert not HookMessage.objects.exists()


def test_what_fails_comes_again_under_the_same_id_after_longer_and_longer_for_three_days(
    endpoint, listener, deliver, noon
):
    listener.answer = fail
    buy("A1")
    waits = []
    while deliver():
        row = Delivery.objects.get()
        if row.state != "waiting":
            break
        waits.append(row.due_at - Attempt.objects.latest("id").at)
        assert deliver() == 0
        noon.move_to(row.due_at)
    assert Delivery.objects.get().state == "dead"
    assert len(set(listener.ids)) == 1
    assert 15 < len(waits) < 40
    assert waits[0] < timedelta(seconds=13)
    assert all(later > sooner * 1.1 for sooner, later in pairwise(waits[1:10]))
    assert max(waits) <= timedelta(hours=6) * 1.25
    assert Attempt.objects.latest("id").at - world.NOW >= timedelta(days=3)


def test_an_endpoint_that_comes_back_gets_what_waited(endpoint, listener, deliver, noon):
    listener.answer = fail
    buy("A1")
    deliver()
    listener.answer = lambda _heard: (200, b"ok")
    noon.shift(60)
    assert deliver() == 1
    endpoint.endpoint.refresh_from_db()
    assert (Delivery.objects.get().state, endpoint.endpoint.failing_since) == ("delivered", None)


def test_an_endpoint_that_asks_for_time_gets_it():
    wait = deliveries.next_wait(ref="m", number=1, tried_for=timedelta(), asked=3600)
    assert wait == timedelta(hours=1)


def test_410_disables_at_once(endpoint, listener, deliver):
    listener.answer = lambda heard: fail(heard, 410)
    buy("A1")
    deliver()
    row = Endpoint.objects.get()
    assert (row.state, row.reason, Delivery.objects.get().state) == ("disabled", "gone", "dead")
    assert JournalEntry.objects.filter(name="kernel.endpoint.disabled", facts={"reason": "gone"}).exists()


def test_days_of_nothing_but_failures_warn_then_disable_and_what_is_told_meanwhile_waits(
    endpoint, listener, deliver, noon
):
    listener.answer = fail
    for day in range(7):
        buy(f"A{day}")
        deliver()
        row = Endpoint.objects.get()
        assert (row.warned_at is not None) == (day >= 3), day
        assert row.state == ("active" if day < 5 else "disabled"), day
        noon.shift(DAY)
    assert row.reason == "failing"
    listener.answer = lambda _heard: (200, b"")
    endpoints.enable(endpoint=row, at=world.NOW + 8 * DAY, by=None)
    listener.heard.clear()
    noon.shift(DAY)
    deliver()
    assert {"A5", "A6"} <= {item["order_no"] for item in items(listener)}


def test_one_success_among_failures_keeps_an_endpoint(endpoint, listener, deliver, noon):
    for day in range(8):
        listener.answer = (lambda _heard: (200, b"")) if day == 4 else fail
        buy(f"A{day}")
        deliver()
        noon.shift(DAY)
    assert Endpoint.objects.get().state == "active"


def test_dead_letters_are_sent_again_one_or_all_since_a_time(endpoint, listener, deliver, noon):
    listener.answer = fail
    buy("A1")
    deliver()
    noon.shift(timedelta(days=3))
    deliver()
    dead = Delivery.objects.get()
    assert dead.state == "dead"
    listener.answer = lambda _heard: (200, b"")
    noon.shift(1)
    at = world.NOW + timedelta(days=3, seconds=1)
    assert deliveries.replay(endpoint=endpoint.endpoint, since=at, at=at, by=None) == 0
    assert deliveries.replay(endpoint=endpoint.endpoint, since=world.NOW, at=at, by=None) == 1
    deliver()
    assert deliveries.replay(endpoint=endpoint.endpoint, refs=[dead.message.ref], at=at, by=None) == 1
    deliver()
    assert listener.ids == [dead.message.ref] * 4
    assert Delivery.objects.get().state == "delivered"


def test_a_slow_endpoint_does_not_hold_others_up_and_is_called_at_most_twice_at_once(chain, deliver):
    import threading

    from tests.webhooks.receiver import Receiver, listening

    busy, most, lock, quick_done = [0], [0], threading.Lock(), threading.Event()

    def slowly(_heard):
        with lock:
            busy[0] += 1
            most[0] = max(most[0], busy[0])
        quick_done.wait(10)
        with lock:
            busy[0] -= 1
        return 200, b""

    def quickly(_heard):
        if len(quick.heard) == 5:
            quick_done.set()
        return 200, b""

    with listening(Receiver(slowly)) as slow, listening(Receiver(quickly)) as quick:
        open_to(slow)
        open_to(quick)
        for number in range(5):
            buy(f"A{number}")
        assert deliver() == 10
    assert quick_done.is_set()
    assert (len(slow.heard), most[0]) == (5, 2)


def test_old_messages_are_forgotten(endpoint, deliver):
    buy("A1")
    deliver()
    assert deliveries.forget(at=world.NOW + 29 * DAY) == 0
    assert deliveries.forget(at=world.NOW + 31 * DAY) == 1
    assert [model.objects.count() for model in (HookMessage, Delivery, Attempt)] == [0, 0, 0]


def test_a_closed_endpoint_is_told_nothing_more(endpoint, listener, deliver):
    buy("A1")
    relay.drain(at=world.NOW)
    endpoints.close(endpoint=endpoint.endpoint, at=world.NOW, by=None)
    buy("A2")
    assert deliver() == 0
    assert Delivery.objects.get().state == "dead"
    for act in (endpoints.ping, endpoints.enable, endpoints.disable, endpoints.close):
        with pytest.raises(endpoints.EndpointClosed):
            act(endpoint=endpoint.endpoint, at=world.NOW, by=None)


@pytest.mark.parametrize("body", [b"13800000001", "\ud800 é".encode("utf-8", "surrogatepass"), b"\0" * 20, b"x" * 9000])
def test_of_an_answer_the_first_bytes_are_kept_without_long_numbers(endpoint, listener, deliver, body):
    listener.answer = lambda _heard: (500, body)
    buy("A1")
    deliver()
    kept = Attempt.objects.get()
    assert (kept.status, len(kept.answer) <= 500, "13800000001" in kept.answer) == (500, True, False)
