"""What other systems send: signed, kept before it is answered, taken once, tried again while it is refused."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from standardwebhooks import Webhook

from members.models import Member, Order, Refund
from newretail.kernel import clock
from newretail.kernel.actions import inbox, sources
from newretail.kernel.api.inbox import items_of
from newretail.kernel.jobs import work_inbox
from newretail.kernel.models import InboxMessage, InboxSource, JournalEntry
from newretail.kernel.webhooks import signatures
from tests import sights, world
from tests.api.machines import account

KINDS = {"order.paid": "orders", "order.refunded": "refunds"}
DAY = timedelta(days=1)


@pytest.fixture
def mall(noon):
    world.chain()
    return sources.add(code="mall", account=account("mall"), kinds=KINDS, at=world.NOW, by=None)


def order(no="A1", **more):
    return {"source": "mall", "order_no": no, "member_no": "V1", "store_code": "SH01", "amount": "128.00",
            "paid_at": "2026-06-10T10:00:00+08:00", **more}  # fmt: skip


def refund(no="R1", **more):
    return {"source": "mall", "order_no": "A1", "refund_no": no, "amount": "28.00",
            "refunded_at": "2026-06-11T10:00:00+08:00", **more}  # fmt: skip


def message(kind="order.paid", data=None, **more):
    return json.dumps({"type": kind, "timestamp": "2026-06-15T04:00:00Z", "data": data or order(), **more})


def signed(secret, body, ref="m1", at=None):
    moment = at or clock.now()
    signature = Webhook(secret).sign(ref, moment, body)
    return {"webhook-id": ref, "webhook-timestamp": str(int(moment.timestamp())), "webhook-signature": signature}


def send(body, headers, code="mall"):
    client = Client(headers={"host": "localhost", "accept-language": "en", **headers}, raise_request_exception=False)
    return client.post(f"/inbox/{code}", body, content_type="application/json")


def deliver(mall, body=None, ref="m1", **more):
    body = body or message()
    return send(body, signed(mall.secret, body, ref, **more))


def states():
    return dict(InboxMessage.objects.values_list("message_id", "state"))


def test_a_signed_order_is_kept_then_taken_by_the_right_of_its_account(mall):
    answer = deliver(mall)
    assert (answer.status_code, answer.json()) == (202, {"id": "m1", "state": "taken"})
    assert not Order.objects.exists()
    assert work_inbox() == 1
    assert Order.objects.get().order_no == "A1"
    kept = InboxMessage.objects.get()
    assert (kept.state, kept.body, kept.attempts) == ("done", "", 1)
    assert JournalEntry.objects.get(name="members.order.recorded").by.username == "mall"


def test_the_same_message_again_is_welcome_and_has_no_second_effect(mall):
    assert [deliver(mall).json()["state"] for _ in range(3)] == ["taken", "known", "known"]
    work_inbox()
    assert deliver(mall).json()["state"] == "known"
    assert work_inbox() == 0
    assert InboxMessage.objects.count() == JournalEntry.objects.filter(name="members.order.recorded").count() == 1


def test_the_same_id_with_another_body_is_refused(mall):
    deliver(mall)
    answer = deliver(mall, message(data=order(amount="1.00")))
    assert (answer.status_code, answer.json()["code"]) == (409, "another_body")
    work_inbox()
    assert Order.objects.get().amount_cents == 12_800


def test_the_plain_variant_for_simple_tills(mall):
    body, second = message(), str(int(clock.now().timestamp()))
    sign = hmac.new(mall.secret.encode(), f"m9.{second}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"x-hook-id": "m9", "x-hook-timestamp": second, "x-hook-signature": sign}
    assert send(body, headers).status_code == 202
    assert send(body, {**headers, "x-hook-id": "m8"}).status_code == 401
    assert states() == {"m9": "waiting"}


def unsigned(mall):
    return {}


def foreign(mall):
    return signed(signatures.new_secret(), message())


def of_another_body(mall):
    return signed(mall.secret, message(kind="x"))


def old(mall):
    return signed(mall.secret, message(), at=world.NOW - timedelta(minutes=5, seconds=1))


def from_tomorrow(mall):
    return signed(mall.secret, message(), at=world.NOW + timedelta(minutes=5, seconds=1))


def changed(**more):
    return lambda mall: {**signed(mall.secret, message()), **more}


BAD_SIGNATURES = {
    "missing": unsigned, "foreign": foreign, "of another body": of_another_body, "old": old, "from tomorrow": from_tomorrow,
    "another id": changed(**{"webhook-id": "m2"}), "no id": changed(**{"webhook-id": ""}),
    "no time": changed(**{"webhook-timestamp": ""}), "time in words": changed(**{"webhook-timestamp": "now"}),
    "time of Arabs": changed(**{"webhook-timestamp": "١٧٨"}), "endless time": changed(**{"webhook-timestamp": "9" * 400}),
    "another version": changed(**{"webhook-signature": "v2,abc"}), "empty": changed(**{"webhook-signature": ""}),
    "no base64": changed(**{"webhook-signature": "v1,§§§"}), "long id": changed(**{"webhook-id": "x" * 201}),
    "id of controls": changed(**{"webhook-id": "a\tb"}),
}  # fmt: skip


@pytest.mark.parametrize("given", BAD_SIGNATURES.values(), ids=BAD_SIGNATURES)
def test_without_a_fresh_signature_of_its_own_a_message_is_refused(mall, given):
    answer = send(message(), given(mall))
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_signature")
    assert not InboxMessage.objects.exists()


def test_a_source_nobody_knows_and_one_that_is_disabled_answer_alike(mall):
    body = message()
    unknown = send(body, signed(mall.secret, body), code="other")
    sources.change(source=mall.source, kinds=KINDS, description="", active=False, at=world.NOW, by=None)
    disabled = deliver(mall)
    assert (unknown.status_code, unknown.content) == (disabled.status_code, disabled.content)
    assert unknown.status_code == 401


def test_at_a_rotation_both_secrets_are_known_for_a_while(mall, noon):
    second = sources.rotate(source=mall.source, grace=DAY, at=world.NOW, by=None)
    assert [deliver(each, ref=ref).status_code for each, ref in ((mall, "a"), (second, "b"))] == [202, 202]
    noon.shift(DAY)
    assert [deliver(each, ref=ref).status_code for each, ref in ((mall, "c"), (second, "d"))] == [401, 202]
    assert mall.secret not in str(list(InboxSource.objects.values()))


BAD_BODIES = {
    "not json": ("{", 400), "a list": ("[]", 400), "no type": ('{"data": {}}', 400), "type is a number": ('{"type": 1, "data": {}}', 400),
    "type is long": (json.dumps({"type": "x" * 81, "data": {}}), 400), "no data": ('{"type": "order.paid"}', 400),
    "data is text": ('{"type": "order.paid", "data": "x"}', 400), "NUL": ('{"type": "order.paid", "data": {"a": "\\u0000"}}', 400),
    "half a character": ('{"type": "order.paid", "data": {"a": "\\ud800"}}', 400), "twice": ('{"type": "a", "type": "b", "data": {}}', 400),
    "too deep": ('{"type": "a", "data": ' + "[" * 9999 + "]" * 9999 + "}", 400), "too large": (message(data=[order(order_no="x" * 2_000_000)]), 413),
}  # fmt: skip


@pytest.mark.parametrize(("body", "status"), BAD_BODIES.values(), ids=BAD_BODIES)
def test_a_signed_body_that_cannot_be_read_is_refused(mall, body, status):
    answer = deliver(mall, body)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert not InboxMessage.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch", "head"])
def test_the_inbox_takes_posts_alone(mall, method):
    assert getattr(Client(headers={"host": "localhost"}), method)("/inbox/mall").status_code == 405


def test_without_a_database_it_says_so_and_never_that_it_took_it(mall, monkeypatch):
    def down(*_given, **_named):
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(inbox, "receive", down)
        assert deliver(mall).status_code == 503
    with monkeypatch.context() as patched:
        patched.setattr("django_tenants.middleware.main.TenantMainMiddleware.process_request", down)
        assert deliver(mall).status_code == 503
    assert not InboxMessage.objects.exists()
    assert deliver(mall).status_code == 202


def test_a_refund_before_its_order_ends_as_after_it(mall, noon):
    deliver(mall, message("order.refunded", refund()), "m1")
    work_inbox()
    waiting = InboxMessage.objects.get()
    assert waiting.state == "waiting" or Refund.objects.count() == 0
    deliver(mall, ref="m2")
    work_inbox()
    noon.shift(60)
    work_inbox()
    assert states() == {"m1": "done", "m2": "done"}
    assert (Order.objects.get().refunded_cents, Refund.objects.count()) == (2_800, 1)


def test_a_poisoned_message_is_tried_again_later_and_later_then_given_up_with_its_reason(mall, noon):
    deliver(mall, message(data=order(store_code="XX")), "bad")
    deliver(mall, message(data=order("A2")), "good")
    assert work_inbox() == 2
    assert states() == {"bad": "waiting", "good": "done"}
    tries = 1
    while InboxMessage.objects.filter(state="waiting").exists():
        noon.move_to(InboxMessage.objects.get(message_id="bad").due_at)
        tries += work_inbox()
    given_up = InboxMessage.objects.get(message_id="bad")
    assert (given_up.state, given_up.faults[0]["code"], given_up.faults[0]["field"]) == (
        "failed",
        "unknown_store",
        "store_code",
    )
    assert 8 < tries < 30
    world.stores({"code": "XX", "name": "新店", "region": "华东", "city": "上海"})
    inbox.replay(messages=[given_up], at=clock.now(), by=None)
    work_inbox()
    assert states()["bad"] == "done"
    with pytest.raises(inbox.NotFailed):
        inbox.replay(messages=[given_up], at=clock.now(), by=None)


def test_good_items_of_a_message_go_in_beside_a_refused_one(mall):
    deliver(mall, message(data=[order("A1"), order("A2", store_code="XX"), order("A3")]))
    work_inbox()
    assert set(Order.objects.values_list("order_no", flat=True)) == {"A1", "A3"}
    assert [fault["row"] for fault in InboxMessage.objects.get().faults] == [2]


def test_a_type_that_is_not_taken_waits_until_it_is(mall):
    deliver(mall, message("order.shipped"))
    work_inbox()
    assert states() == {"m1": "ignored"}
    sources.change(source=mall.source, kinds={**KINDS, "order.shipped": "orders"}, description="", active=True,
                   at=world.NOW, by=None)  # fmt: skip
    inbox.replay(messages=list(InboxMessage.objects.filter(state="ignored")), at=world.NOW, by=None)
    work_inbox()
    assert Order.objects.exists()


@pytest.mark.parametrize("data", [[], [order()] * 1001, [1, "x", None], {"colour": "red"}])
def test_items_that_are_none_are_told_and_stop_nobody(mall, data):
    deliver(mall, json.dumps({"type": "order.paid", "data": data}), "bad")
    deliver(mall, ref="good")
    work_inbox()
    assert states() == {"bad": "waiting", "good": "done"}
    assert InboxMessage.objects.get(message_id="bad").faults[0]["code"]


def test_a_fault_of_ours_is_told_without_its_inside_and_undone(mall, monkeypatch):
    from newretail.kernel.registry import TABLES, Taker

    def take(intake, items):
        world.people({"member_no": "V9", "name": "钱七", "phone": "13800000009", "joined_at": "2026-06-01"})
        raise ValueError("13800000001")

    monkeypatch.setitem(TABLES.takers, "orders", Taker("orders", take))
    deliver(mall)
    work_inbox()
    kept = InboxMessage.objects.get()
    assert kept.faults == [{"row": 0, "field": "", "code": "fault", "facts": {"kind": "ValueError"}}]
    assert not Member.objects.filter(member_no="V9").exists()


def test_a_source_confined_to_a_store_reaches_no_other(mall):
    till = sources.add(code="till", account=account("till", "GZ01"), kinds=KINDS, at=world.NOW, by=None)
    body = message(data=order("A1"))
    send(body, signed(till.secret, body), code="till")
    work_inbox()
    assert InboxMessage.objects.get().faults[0]["code"] == "unknown_store"
    assert not Order.objects.exists()


def test_a_source_whose_account_lost_its_right_takes_nothing(mall):
    from newretail.kernel.guard import writing

    deliver(mall)
    with writing("tests"):
        mall.source.account.posts.update(until=clock.business_day(world.NOW))
    work_inbox()
    assert InboxMessage.objects.get().faults[0]["code"] == "no_right"
    assert not Order.objects.exists()


def test_messages_are_forgotten_after_their_time(mall):
    deliver(mall)
    assert inbox.forget(at=world.NOW + 29 * DAY) == 0
    assert inbox.forget(at=world.NOW + 31 * DAY) == 1


@pytest.mark.parametrize(("more", "refused"), [
    ({"code": "Mall"}, sources.BadCode), ({"code": ""}, sources.BadCode), ({"code": "a/b"}, sources.BadCode),
    ({"code": "x" * 41}, sources.BadCode), ({"code": "mall"}, sources.BadCode), ({"kinds": {}}, sources.BadKinds),
    ({"kinds": {"a b": "orders"}}, sources.BadKinds), ({"kinds": {"a": "moon"}}, sources.BadKinds),
])  # fmt: skip
def test_a_source_that_makes_no_sense_is_refused(mall, more, refused):
    given = {"code": "till", "kinds": KINDS, **more}
    with pytest.raises(refused):
        sources.add(account=mall.source.account, at=world.NOW, by=None, **given)
    assert InboxSource.objects.count() == 1


def test_a_person_is_no_source(mall):
    from tests import sights

    with pytest.raises(sources.NotAMachine):
        sources.add(code="hq", account=sights.person("hq"), kinds=KINDS, at=world.NOW, by=None)


def test_items_of_a_body():
    assert items_of('{"data": {"a": "1"}}') == [{"a": "1"}]


def test_a_message_asks_for_its_brand_and_its_source_and_is_kept_and_nothing_else(mall):
    deliver(mall)
    with sights.asked() as asked:
        deliver(mall, ref="m2")
    assert len(asked) <= 3 + 2  # the transaction begins and ends
    assert InboxMessage.objects.count() == 2


def test_a_message_that_nobody_signed_is_refused_in_the_language_that_was_asked_for(mall):
    client = Client(headers={"host": "localhost"})
    said = {lang: client.post("/inbox/mall", "{}", content_type="application/json", headers={"accept-language": lang})
            for lang in ("zh-CN", "en")}  # fmt: skip
    assert {answer.status_code for answer in said.values()} == {401}
    assert "signature" in sights.text(said["en"])
    assert "签名" in sights.text(said["zh-CN"])
    assert [answer.headers["Content-Language"] for answer in said.values()] == ["zh-hans", "en"]
