"""Events over the API: told once, never changed, of known members alone, and forgotten in time."""

from datetime import timedelta

import pytest

from members.actions import events
from members.models import Event
from newretail.kernel.actions import settings
from tests import world
from tests.api.machines import account, machine, post


@pytest.fixture
def app(noon):
    world.chain()
    return machine()


def event(number="E1", **more):
    usual = {"source": "app", "event_no": number, "kind": "add_to_cart", "member_no": "V1", "subject": "TEA",
             "happened_at": "2026-06-15T10:00:00+08:00", "data": {"page": "home"}}  # fmt: skip
    return {**usual, **more}


def test_an_event_is_taken_once_and_never_changes(app):
    first, again = post(app, "events", event()), post(app, "events", event())
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert first.json()["data"] == {"page": "home"}
    for body in (event(kind="sign_in"), event(data={}), event(member_no="V2")):
        assert post(app, "events", body).json()["errors"][0]["code"] == "event_differs"
    assert Event.objects.count() == 1


def test_many_come_at_once_and_are_read_by_member(app):
    given = [event(f"E{i}", member_no=None, phone="138 0000 0001") for i in range(3)]
    given += [event("E8", member_no="none"), event("E9", phone="13800000002"), event("F1", member_no="V2")]
    told = post(app, "events:batch", {"events": given}).json()
    assert (told["created"], told["refused"]) == (4, 2)
    assert [each["errors"][0]["code"] for each in told["results"][3:5]] == ["unknown_member", "two_members"]
    mine = app.get("/api/v1/events", {"member_no": "V1", "fields": "event_no"}).json()["items"]
    assert mine == [{"event_no": f"E{i}"} for i in range(3)]
    assert app.get("/api/v1/events", {"member_no": "none"}).json()["items"] == []


BAD = [
    {"a": 1}, {"a": None}, {"a": ["x"]}, {"A": "x"}, {"": "x"}, {"a": "x" * 201}, {f"n{i}": "" for i in range(21)},
    "text", [], 7, True,
]  # fmt: skip


@pytest.mark.parametrize("data", BAD, ids=str)
def test_data_is_a_small_object_of_texts(app, data):
    answer = post(app, "events", event(data=data))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "bad_data")
    assert not Event.objects.exists()


def test_a_key_of_one_store_tells_and_reads_of_its_own_members(app):
    post(app, "events", event())
    till = machine(of=account("till", store="GZ01"))
    assert till.get("/api/v1/events").json()["items"] == []
    assert till.get("/api/v1/events/app/E1").status_code == 404
    assert post(till, "events", event("E2")).json()["errors"][0]["code"] == "unknown_member"
    assert post(till, "events", event("E3", member_no="V2")).status_code == 201


def test_old_events_are_forgotten_and_recent_ones_stay(app):
    post(app, "events", event())
    settings.put(key="event_days", value=30, at=world.NOW)
    assert events.forget(at=world.NOW + timedelta(days=29)) == 0
    assert events.forget(at=world.NOW + timedelta(days=31)) == 1
    assert not Event.objects.exists()
