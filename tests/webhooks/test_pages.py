"""HQ adds endpoints and sources in the browser, sees what went and came, sends it again; others may not."""

import json

import pytest
from django.test import Client

from newretail.kernel.actions import endpoints, sources
from newretail.kernel.jobs import work_inbox
from newretail.kernel.models import Delivery, Endpoint, InboxMessage, InboxSource
from tests import sights, world
from tests.api.machines import account
from tests.webhooks.test_inbox import KINDS, deliver, message, order

LIST, INBOX = "/admin/kernel/endpoint/", "/admin/kernel/inboxsource/"
URL = "https://hooks.example.com/in"


@pytest.fixture
def hq(noon):
    world.chain()
    return sights.browser("hq")


def add(hq, **more):
    return hq.post(f"{LIST}new/", {"url": URL, "description": "ERP", "events": ["order.recorded"], **more})


def do(browser, deed, **given):
    return browser.post(f"{LIST}{Endpoint.objects.get().pk}/do/{deed}/", given, follow=True)


def test_an_endpoint_is_added_and_its_secret_shown_once(hq):
    page = add(hq).content.decode()
    assert "whsec_" in page
    row = Endpoint.objects.get()
    assert (row.url, row.description, row.events, row.by.username) == (URL, "ERP", ["order.recorded"], "hq")
    for path in (LIST, f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/edit/"):
        answer = hq.get(path)
        assert answer.status_code == 200
        assert "whsec_" not in answer.content.decode()


@pytest.mark.parametrize("more", [{"url": "https://127.0.0.1/"}, {"url": "http://example.com/"}, {"url": ""}, {"events": ["moon.rose"]},
                                  {"url": "https://e.com/" + "x" * 600}])  # fmt: skip
def test_an_endpoint_that_makes_no_sense_is_told_and_what_was_typed_stays(hq, more):
    answer = add(hq, **more)
    assert answer.status_code == 422
    assert "ERP" in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_what_can_be_done_is_done(hq):
    add(hq)
    do(hq, "test")
    assert Delivery.objects.get().message.event == "ping"
    assert "whsec_" in do(hq, "secret").content.decode()
    do(hq, "disable")
    assert Endpoint.objects.get().state == "disabled"
    assert "停用" in do(hq, "test").content.decode()
    do(hq, "enable")
    hq.post(f"{LIST}{Endpoint.objects.get().pk}/edit/", {"url": "https://other.example.com/", "description": "x"})
    row = Endpoint.objects.get()
    assert (row.state, row.url, row.events) == ("active", "https://other.example.com/", [])
    do(hq, "close")
    assert Endpoint.objects.get().state == "closed"
    assert hq.get(f"{LIST}{row.pk}/change/").status_code == 404


def test_a_delivery_shows_its_body_and_is_sent_again(hq):
    add(hq)
    do(hq, "test")
    ref = Delivery.objects.get().message.ref
    page = hq.get(f"{LIST}{Endpoint.objects.get().pk}/deliveries/{ref}/").content.decode()
    assert "ping" in page
    assert "1 条" in do(hq, "again", ref=ref).content.decode()
    assert hq.get(f"{LIST}{Endpoint.objects.get().pk}/deliveries/msg_x/").status_code == 404


@pytest.mark.parametrize(
    ("since", "said"), [("2026-06-01", "0 条"), ("", "必填"), ("yesterday", "有效"), ("0001-01-01", "2000")]
)
def test_what_was_given_up_is_sent_again_since_a_day(hq, since, said):
    add(hq)
    assert said in do(hq, "replay", since=since).content.decode()


def test_an_endpoint_that_fails_is_warned_of_on_the_list(hq):
    from newretail.kernel.guard import writing

    add(hq)
    assert "持续投递失败" not in hq.get(LIST).content.decode()
    with writing("tests"):
        Endpoint.objects.update(failing_since=world.NOW, warned_at=world.NOW)
    assert "持续投递失败" in hq.get(LIST).content.decode()


def source(hq, **more):
    given = {"code": "mall", "account": account("mall").pk, "kinds": "order.paid = orders", "active": "on", **more}
    return hq.post(f"{INBOX}new/", given)


def test_a_source_is_added_and_its_secret_shown_once(hq):
    page = source(hq).content.decode()
    assert "whsec_" in page
    assert "/inbox/mall" in page
    row = InboxSource.objects.get()
    assert (row.kinds, row.account.username) == ({"order.paid": "orders"}, "mall")
    assert "whsec_" in hq.post(f"{INBOX}{row.pk}/do/secret/").content.decode()
    assert "whsec_" not in hq.get(f"{INBOX}{row.pk}/change/").content.decode()
    hq.post(f"{INBOX}{row.pk}/edit/", {"kinds": "a = refunds"})
    row.refresh_from_db()
    assert (row.kinds, row.state) == ({"a": "refunds"}, "disabled")


@pytest.mark.parametrize("more", [{"kinds": "a"}, {"kinds": "a = moon"}, {"kinds": "a = orders\na = orders"}, {"kinds": ""},
                                  {"code": "Mall"}, {"account": 0}])  # fmt: skip
def test_a_source_that_makes_no_sense_is_told(hq, more):
    assert source(hq, **more).status_code == 422
    assert not InboxSource.objects.exists()


def test_a_person_is_not_offered_as_a_source(hq):
    assert source(hq, account=sights.person("manager").pk).status_code == 422


def test_what_is_wrong_with_a_message_is_told_and_it_is_tried_again(hq):
    mall = sources.add(code="mall", account=account("mall"), kinds=KINDS, at=world.NOW, by=None)
    deliver(mall, message(data=order(store_code="XX", phone="13912345678")), "m1")
    work_inbox()
    page = hq.get(f"{INBOX}{mall.source.pk}/change/").content.decode()
    assert "门店" in page
    assert "13912345678" not in page
    world.stores({"code": "XX", "name": "新店", "region": "华东", "city": "上海"})
    hq.post(f"{INBOX}{mall.source.pk}/do/again/", {"message": "m1"})
    work_inbox()
    assert InboxMessage.objects.get().state == "done"
    assert "无需重试" in hq.post(f"{INBOX}{mall.source.pk}/do/replay/", follow=True).content.decode()


def test_an_auditor_looks_and_changes_nothing_a_manager_does_not_look(hq):
    row = endpoints.add(url=URL, at=world.NOW, by=None).endpoint
    auditor, manager = sights.browser("auditor"), sights.browser("manager")
    for path in (LIST, INBOX, f"{LIST}{row.pk}/change/"):
        assert (auditor.get(path).status_code, manager.get(path).status_code) == (200, 403)
    for path in (f"{LIST}new/", f"{LIST}{row.pk}/do/disable/", f"{INBOX}new/"):
        assert [browser.post(path).status_code for browser in (auditor, manager)] == [403, 403]
    assert hq.post(f"{LIST}{row.pk}/do/disable/").status_code == 302
    assert Endpoint.objects.get().state == "disabled"


def test_lists_cost_the_same_however_many(hq, django_assert_max_num_queries):
    for _ in range(20):
        row = endpoints.add(url=URL, at=world.NOW, by=None).endpoint
        endpoints.ping(endpoint=row, at=world.NOW, by=None)
    with django_assert_max_num_queries(14):
        hq.get(LIST)
    assert json.loads(Delivery.objects.first().message.body)["type"] == "ping"
    assert Client(headers={"host": "localhost"}).get(LIST).status_code == 302
