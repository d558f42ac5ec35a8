"""Keys: what opens, what does not, what a key may hold, how fast it may ask."""

from datetime import timedelta

import pytest
import time_machine

from newretail.kernel.actions import keys
from newretail.kernel.models import ApiKey, JournalEntry, User
from tests import sights, world
from tests.api import machines
from tests.api.machines import account, client, key, machine, order, post

pytestmark = pytest.mark.usefixtures("brand")


@pytest.fixture(autouse=True)
def _now(brand):
    with time_machine.travel(world.NOW, tick=False):
        world.chain()
        yield


def status(text: str) -> int:
    return client(text).get("/api/v1/orders").status_code


def test_a_key_opens_until_it_is_revoked_runs_out_or_its_account_is_closed():
    issued = key(expires_at=world.NOW + timedelta(days=1))
    assert status(issued.text) == 200
    with time_machine.travel(world.NOW + timedelta(days=1), tick=False):
        assert status(issued.text) == 401
    keys.revoke(key=issued.key, at=world.NOW)
    assert status(issued.text) == 401
    other = key(of=account("mall"))
    assert status(other.text) == 200
    User.objects.get(username="mall")
    from newretail.kernel.actions import users

    users.close(user=other.key.account, at=world.NOW)
    assert status(other.text) == 401


@pytest.mark.parametrize("text", ["", "x", "nr_0123456789ab_" + "a" * 43, "Basic eDp5", "nr_０"])
def test_what_is_no_key_of_ours_opens_nothing_and_says_so_in_json(text):
    answer = client(text).get("/api/v1/orders")
    assert (answer.status_code, answer.json()["code"]) == (401, "no_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_secret_opens_nothing_and_the_secret_is_kept_nowhere():
    issued = key()
    secret = issued.text.rpartition("_")[2]
    assert status(issued.text[:-1] + ("a" if issued.text[-1] != "a" else "b")) == 401
    assert secret not in str(ApiKey.objects.values())
    assert secret not in str(list(JournalEntry.objects.values()))


def test_a_successor_takes_over_while_the_former_goes_on_for_a_while():
    issued = key("orders:view")
    successor = keys.renew(key=issued.key, grace=timedelta(days=7), at=world.NOW)
    assert (successor.key.rights, successor.key.account) == (["orders:view"], issued.key.account)
    assert status(issued.text) == status(successor.text) == 200
    with time_machine.travel(world.NOW + timedelta(days=7), tick=False):
        assert (status(issued.text), status(successor.text)) == (401, 200)


def test_a_key_holds_nothing_that_the_table_does_not_give_an_integrator():
    with pytest.raises(keys.UnknownRight):
        key("settings:change")
    with pytest.raises(keys.TooFast):
        key(per_minute=0)
    assert not ApiKey.objects.exists()


def test_the_session_of_a_person_opens_no_door_of_a_machine():
    browser = sights.browser("hq")
    assert browser.get("/api/v1/orders").status_code == 401
    assert browser.get("/admin/members/order/").status_code == 200


def test_a_machine_enters_no_page():
    answer = machine().get("/admin/members/order/")
    assert answer.status_code == 302


def test_whoever_asks_too_often_waits_and_others_do_not():
    hasty, calm = machine(of=account("a"), per_minute=3), machine(of=account("b"))
    answers = [hasty.get("/api/v1/orders") for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Remaining"] == "2"
    assert (answers[3].headers["Retry-After"], answers[3].json()["code"]) == ("60", "too_many_requests")
    assert calm.get("/api/v1/orders").status_code == 200
    with time_machine.travel(world.NOW + timedelta(minutes=1), tick=False):
        assert hasty.get("/api/v1/orders").status_code == 200


def test_without_the_counter_trade_goes_on(settings, monkeypatch):
    def gone(*_given, **_more):
        raise ConnectionError

    monkeypatch.setattr(
        "newretail.kernel.api.throttle.caches", {"counters": type("", (), {"add": gone, "incr": gone})()}
    )
    answer = post(machine(), "orders", order())
    assert answer.status_code == 201
    assert "RateLimit-Limit" not in answer.headers


def test_when_a_key_was_last_used_is_noted_once_a_minute():
    issued = key()
    assert issued.key.last_used_at is None
    status(issued.text)
    with time_machine.travel(world.NOW + timedelta(seconds=59), tick=False):
        status(issued.text)
    assert ApiKey.objects.get().last_used_at == world.NOW


@pytest.mark.parametrize("path", ["nothing", "orders/pos/none", "orders/", "orders/pos/%00", "orders%0a"])
def test_what_is_not_there_is_told_in_json(path):
    answer = machine().get(f"/api/v1/{path}")
    assert answer.status_code in (400, 404)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["title"]


def test_other_methods_and_other_types_are_refused_in_json():
    machine_ = machines.machine()
    assert machine_.delete("/api/v1/orders").json()["code"] == "method_not_allowed"
    odd = machine_.post("/api/v1/orders", "<a/>", content_type="application/xml")
    assert (odd.status_code, odd.json()["code"]) == (415, "not_json")
