"""Another system opens its endpoints itself, looks at its deliveries, has them sent again; others' are not there."""

from datetime import timedelta

import pytest

from newretail.kernel.actions import endpoints
from newretail.kernel.models import Delivery, Endpoint, KeptAnswer
from tests import world
from tests.api.machines import account, machine, post

URL = "https://hooks.example.com/in"


@pytest.fixture
def system(noon):
    world.chain()
    return machine()


def opened(system, **more):
    return post(system, "webhooks", {"url": URL, **more})


def test_an_endpoint_is_opened_with_its_secret_shown_once(system):
    answer = opened(system, events=["order.recorded"], description="ERP")
    told = answer.json()
    assert answer.status_code == 201
    assert told["secret"].startswith("whsec_")
    path = f"/api/v1/webhooks/{told['id']}"
    seen = system.get(path).json()
    assert "secret" not in seen
    assert (seen["url"], seen["events"], seen["state"]) == (URL, ["order.recorded"], "active")
    assert [each["id"] for each in system.get("/api/v1/webhooks").json()["items"]] == [told["id"]]


def test_it_is_changed_rotated_tested_enabled_and_closed(system):
    first = opened(system).json()
    path = f"webhooks/{first['id']}"
    changed = system.put(f"/api/v1/{path}", '{"url": "https://other.example.com/"}', content_type="application/json")
    assert (changed.status_code, changed.json()["url"]) == (200, "https://other.example.com/")
    assert post(system, f"{path}/secret", {}).json()["secret"] != first["secret"]
    assert post(system, f"{path}/test", {}).json()["event"] == "ping"
    endpoints.disable(endpoint=Endpoint.objects.get(), at=world.NOW)
    refused = post(system, f"{path}/test", {})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_active")
    assert post(system, f"{path}/enable", {}).json()["state"] == "active"
    assert post(system, f"{path}/close", {}).json()["state"] == "closed"
    assert system.get(f"/api/v1/{path}").status_code == 404


def test_deliveries_are_listed_by_key_and_sent_again(system, noon):
    path = f"webhooks/{opened(system).json()['id']}"
    refs = []
    for _ in range(3):
        refs.append(post(system, f"{path}/test", {}).json()["id"])
        noon.shift(1)
    first = system.get(f"/api/v1/{path}/deliveries?limit=2").json()
    second = system.get(f"/api/v1/{path}/deliveries?limit=2&after={first['next']}").json()
    assert [each["id"] for each in first["items"] + second["items"]] == refs
    assert post(system, f"{path}/replay", {"ids": refs[:2]}).json() == {"deliveries": 2}
    assert post(system, f"{path}/replay", {"since": "2026-06-01T00:00:00Z"}).json() == {"deliveries": 0}


def test_another_systems_endpoint_is_not_there(system):
    path = f"webhooks/{opened(system).json()['id']}"
    other = machine(of=account("other"))
    answers = [other.get(f"/api/v1/{path}"), post(other, f"{path}/close", {}), post(other, f"{path}/test", {}),
               post(other, f"{path}/replay", {"ids": []}), other.get(f"/api/v1/{path}/deliveries")]  # fmt: skip
    assert [answer.status_code for answer in answers] == [404] * 5
    assert other.get("/api/v1/webhooks").json()["items"] == []
    assert not Delivery.objects.exists()


def test_a_system_of_one_store_is_not_told_of_the_brand(system):
    till = machine(of=account("till", "GZ01"))
    assert opened(till).json()["code"] == "confined_key"
    assert not Endpoint.objects.exists()
    assert opened(system).status_code == 201


BAD = [
    ({"url": "https://127.0.0.1/"}, "bad_address"), ({"url": "http://example.com/"}, "bad_address"), ({"url": 1}, "bad_field"),
    ({"url": None}, "bad_field"), ({"events": "order.recorded"}, "bad_field"), ({"events": [1]}, "bad_field"),
    ({"events": ["moon.rose"]}, "unknown_event"), ({"colour": "red"}, "unknown_field"), ({"description": []}, "bad_field"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "code"), BAD)
def test_an_endpoint_that_makes_no_sense_is_refused(system, more, code):
    answer = opened(system, **more)
    told = answer.json()
    assert answer.status_code == 422
    assert code in (told["code"], *(error["code"] for error in told.get("errors", [])))
    assert not Endpoint.objects.exists()


@pytest.mark.parametrize("body", [{}, {"ids": [], "since": "2026-06-01T00:00:00Z"}, {"since": "yesterday"}, {"ids": "x"},
                                  {"since": "2026-06-01"}, {"ids": ["x"] * 1001}])  # fmt: skip
def test_a_replay_that_makes_no_sense_is_refused(system, body):
    path = f"webhooks/{opened(system).json()['id']}"
    assert post(system, f"{path}/replay", body).status_code == 422


def test_opened_once_under_one_idempotency_key_and_its_secret_is_kept_nowhere_in_clear(system):
    first, again = (post(system, "webhooks", {"url": URL}, idempotency_key="k") for _ in range(2))
    secret = first.json()["secret"]
    assert (first.status_code, again.status_code) == (201, 201)
    assert {**again.json(), "secret": secret} == first.json()
    assert Endpoint.objects.count() == 1
    assert secret not in KeptAnswer.objects.get().body


def test_the_fifty_first_endpoint_is_refused(system, monkeypatch):
    monkeypatch.setattr(endpoints, "MOST_ENDPOINTS", 2)
    assert [opened(system).status_code for _ in range(3)] == [201, 201, 409]
    assert Endpoint.objects.count() == 2


def test_the_grace_of_a_former_secret_has_bounds(system):
    opened(system)
    for grace in (timedelta(days=8), timedelta(seconds=-1)):
        with pytest.raises(endpoints.BadGrace):
            endpoints.rotate(endpoint=Endpoint.objects.get(), grace=grace, at=world.NOW, by=None)
