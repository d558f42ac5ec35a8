"""Appointments over the API: booked once for their number, moved, ended, listed; a till reaches its own store alone."""

import pytest

from guides.models import Appointment
from tests import serving, world
from tests.api import machines

RIGHTS = ("appointments:view", "appointments:change")
NAME = {"source": "app", "appointment_no": "Y1"}
SLOT = {"store_code": "SH01", "starts_at": "2026-06-16T15:00:00+08:00", "ends_at": "2026-06-16T16:00:00+08:00"}


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def ask(path, body, client=None, **headers):
    return machines.post(client or machines.machine(*RIGHTS), path, body, **headers)


def book(client=None, **more):
    return ask("appointments", {**NAME, **SLOT, "member_no": "V1", **more}, client)


def codes(answer):
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


def test_it_is_booked_once_with_her_own_guide_or_the_stores_manager():
    client = machines.machine(*RIGHTS)
    assert book(client).status_code == 201
    again = book(client)
    assert (again.status_code, again.json()["staff_no"]) == (200, "G1")
    assert book(client, appointment_no="Y2", member_no="V2").json()["staff_no"] == "M1"
    assert book(client, appointment_no="Y3", member_no="V2", staff_no="G2").json()["staff_no"] == "G2"
    assert Appointment.objects.count() == 3


def test_the_same_key_meets_the_same_answer():
    client, headers = machines.machine(*RIGHTS), {"Idempotency_Key": "k1"}
    body = {**NAME, **SLOT, "member_no": "V1"}
    first, second = (ask("appointments", body, client, **headers) for _ in range(2))
    assert first.content == second.content
    assert first.status_code == second.status_code == 201


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ({"member_no": "none"}, ("member_no", "unknown_member")), ({"member_no": None}, ("member_no", "missing")),
        ({"store_code": "none"}, ("store_code", "unknown_store")), ({"staff_no": "G9"}, ("staff_no", "unknown_staff")),
        ({"starts_at": "2026-06-16T15:00:00"}, ("starts_at", "no_offset")),
        ({"starts_at": "2026-13-16T15:00:00Z"}, ("starts_at", "not_moment")), ({"ends_at": 1}, ("ends_at", "not_text")),
        ({"starts_at": "0001-01-01T00:00:00+08:00"}, ("starts_at", "not_moment")),
        ({"appointment_no": "x" * 65}, ("appointment_no", "too_long")), ({"moon": 1}, ("moon", "unknown_field")),
        ({"note": "x" * 201}, ("note", "too_long")), ({"source": " app"}, ("source", "blanks_around")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_and_books_nothing(wrong, fault):
    answer = book(**wrong)
    assert (answer.status_code, codes(answer)) == (422, [fault])
    assert not Appointment.objects.exists()


def test_a_time_that_is_taken_is_refused_by_a_code():
    client = machines.machine(*RIGHTS)
    book(client)
    answer = book(client, appointment_no="Y2", member_no="V2", staff_no="G1")
    assert answer.status_code == 409
    assert answer.json()["code"] == "slot_taken"
    assert Appointment.objects.count() == 1


def test_it_is_moved_and_ended_and_sent_again_it_stays_so():
    client = machines.machine(*RIGHTS)
    book(client)
    later = {**NAME, **SLOT, "starts_at": "2026-06-16T15:30:00+08:00", "staff_no": "G2"}
    for _again in range(2):
        assert ask("appointments:reschedule", later, client).json()["staff_no"] == "G2"
    for _again in range(2):
        assert ask("appointments:end", {**NAME, "state": "cancelled"}, client).json()["state"] == "cancelled"
    assert ask("appointments:end", {**NAME, "state": "booked"}, client).status_code == 422
    assert ask("appointments:end", {**NAME, "appointment_no": "none", "state": "arrived"}, client).status_code == 409


def test_they_are_listed_by_time_of_a_member_and_of_a_store():
    client = machines.machine(*RIGHTS)
    book(client)
    book(client, appointment_no="Y2", member_no="V2", staff_no="G2", starts_at="2026-06-16T14:00:00+08:00")

    def listed(query=""):
        found = client.get(f"/api/v1/appointments{query}").json()["items"]
        return [each["appointment_no"] for each in found]

    assert listed() == ["Y2", "Y1"]
    assert listed("?member_no=V1") == ["Y1"]
    assert listed("?store_code=GZ01") == []
    assert client.get("/api/v1/appointments?moon=1").status_code == 400


def test_a_till_of_one_store_reaches_its_own_alone():
    book()
    till = machines.machine(*RIGHTS, of=machines.account("till", "GZ01"))
    assert till.get("/api/v1/appointments").json()["items"] == []
    assert codes(book(till, appointment_no="Y2")) == [("member_no", "unknown_member"), ("store_code", "unknown_store")]
    unknown = ask("appointments:end", {**NAME, "state": "cancelled"}, till)
    assert unknown.json()["code"] == "unknown_appointment"
    assert ask("appointments", {}, machines.machine("bonds:change", of=machines.account("other"))).status_code == 403
    assert Appointment.objects.get().state == "booked"
    world.people({"member_no": "V9", "store_code": "GZ01"})
    assert book(till, appointment_no="Y2", member_no="V9", store_code="GZ01", staff_no="G9").status_code == 201
