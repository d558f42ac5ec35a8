"""Appointments on the phone: booked and moved on a customer's page, settled by a tap; nobody settles another's."""

import re
import uuid

import pytest

from guides.models import Appointment
from tests import serving, sights, visits, world
from tests.visits import HOUR, TOMORROW


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def tap(client, row, do, path="/g/appointments/do/", **more):
    return client.post(path, {"ref": uuid.uuid4(), "appointment": row.ref, "do": do, **more})


def form(client, ref=None, member_no="V1", **more):
    given = {"ref": ref or uuid.uuid4(), "do": "book", "starts": "2026-06-16T15:00", "minutes": "60", **more}
    return client.post(f"/g/customers/{member_no}/do/", given)


def state(row):
    return Appointment.objects.values_list("state", flat=True).get(pk=row.pk)


def test_a_guide_books_her_customer_once_for_a_tap_and_moves_it():
    own, ref = serving.phone("G1"), uuid.uuid4()
    for _again in range(2):
        assert form(own, ref, note="试茶").status_code == 302
    row = Appointment.objects.get()
    assert (row.starts_at, row.ends_at, row.note, row.post) == (TOMORROW, TOMORROW + HOUR, "试茶", serving.post("G1"))
    said = sights.text(own.get("/g/customers/V1/"))
    assert "2026-06-16 15:00" in said
    assert "试茶" in said
    assert form(own, starts="2026-06-16T17:30", minutes="30", appointment=row.ref).status_code == 302
    row.refresh_from_db()
    assert row.ends_at == TOMORROW + 3 * HOUR


@pytest.mark.parametrize("more", [{"starts": "tomorrow"}, {"starts": ""}, {"minutes": "61"}, {"starts": "9999-12-31T23:59"},
                                  {"starts": "2026-06-14T15:00"}, {"appointment": str(uuid.uuid4())}])  # fmt: skip
def test_a_form_that_makes_no_sense_books_nothing(more):
    assert form(serving.phone("G1"), **more).status_code == 422
    assert not Appointment.objects.exists()


def test_todays_stand_first_on_the_page_of_the_day_and_tomorrows_below():
    today = visits.book("V1", "G1", "Y1", world.NOW + HOUR)
    visits.book("V2", "G1", "Y2")
    own = serving.phone("G1")
    with sights.asked() as queries:
        said = sights.text(own.get("/g/"))
    assert len(queries) <= sights.MOST_QUERIES
    assert "13:00" in said
    assert "明天 1 个" in said
    assert "Tomorrow: 1" in sights.text(serving.phone("G1", "en").get("/g/"))
    assert tap(own, today, "arrived").status_code == 302
    assert state(today) == "arrived"
    part = own.post("/g/appointments/do/", {"appointment": today.ref, "do": "no_show"}, headers={"hx-request": "true"})
    assert "这条预约已有结果" in sights.text(part)


def test_what_nobody_settled_stays_as_overdue_until_it_is(noon):
    row = visits.book("V1", "G1", "Y1", world.NOW + HOUR)
    noon.move_to(TOMORROW)
    own = serving.phone("G1")
    assert "未到" in sights.text(own.get("/g/"))
    tap(own, row, "no_show")
    assert state(row) == "no_show"
    assert "未到" not in sights.text(own.get("/g/"))


def test_another_guides_are_not_there():
    row = visits.book("V1", "G1", "Y1", world.NOW + HOUR)
    other = serving.phone("G2")
    assert "13:00" not in sights.text(other.get("/g/"))
    tap(other, row, "cancelled")
    assert form(other).status_code == 404
    assert state(row) == "booked"
    tap(serving.phone("G1"), row, "cancelled")
    assert state(row) == "cancelled"


def test_a_manager_sees_and_settles_those_of_her_store_alone():
    own, other = visits.book("V1", "G1", "Y1"), visits.book("V2", "G9", "Y2")
    manager, path = serving.phone("M1"), "/g/team/appointments/do/"
    said = sights.text(manager.get("/g/team/appointments/"))
    assert "小美" in said
    assert "阿强" not in said
    assert tap(manager, own, "arrived", path).status_code == 422
    assert tap(manager, other, "cancelled", path).status_code == 422
    assert tap(serving.phone("G1"), own, "cancelled", path).status_code in (403, 404)
    assert (state(own), state(other)) == ("booked", "booked")
    assert tap(manager, own, "cancelled", path).status_code == 302
    assert state(own) == "cancelled"


BOOK = "/g/team/appointments/book/"


def wish(**more):
    usual = {
        "ref": uuid.uuid4(),
        "guide": "G1",
        "member": "V1",
        "starts": "2026-06-16T15:00",
        "minutes": "90",
        "note": "试茶",
    }
    return {**usual, **more}


def found(client, **asked):
    said = sights.text(client.get(BOOK, asked, headers={"hx-request": "true"}))
    return re.findall(r'<option value="(V\d)"', said)


def test_a_manager_books_for_a_customer_of_a_guide_of_hers_once_for_a_tap():
    manager, given = serving.phone("M1"), wish()
    assert BOOK in sights.text(manager.get("/g/team/appointments/"))
    for _again in range(2):
        assert manager.post(BOOK, given).headers["Location"] == "/g/team/appointments/"
    row = Appointment.objects.get()
    assert (row.post, row.member.member_no, row.note, row.by) == (
        serving.post("G1"), "V1", "试茶", serving.guide("M1"),
    )  # fmt: skip
    assert (row.starts_at, row.ends_at) == (TOMORROW, TOMORROW + 1.5 * HOUR)
    assert "试茶" in sights.text(serving.phone("G1").get("/g/customers/V1/"))


def test_she_finds_the_customers_of_that_guide_alone_by_typing():
    serving.bind("V2", "G2")
    manager = serving.phone("M1")
    assert found(manager) == []
    assert found(manager, guide="G1") == ["V1"]
    assert found(manager, guide="G1", q="张") == ["V1"]
    assert found(manager, guide="G1", q="V2") == []
    assert found(manager, guide="G2") == ["V2"]
    page = sights.text(manager.get(BOOK, {"guide": "G1"}))
    assert world.member("V1").phone not in page
    assert 'name="ref"' in page
    assert "小丽" in page
    assert "阿强" not in page


@pytest.mark.parametrize("more", [{"guide": "G2"}, {"guide": ""}, {"guide": "G9", "member": "V2"}, {"member": "V2"},
                                  {"member": "\0"}, {"starts": "soon"}, {"starts": "2026-06-14T15:00"},
                                  {"minutes": "61"}])  # fmt: skip
def test_what_cannot_be_booked_is_told_at_the_form_and_books_nothing(more):
    serving.bind("V2", "G9")
    answer = serving.phone("M1").post(BOOK, wish(**more))
    assert answer.status_code == 422
    assert 'role="alert"' in sights.text(answer)
    assert not Appointment.objects.exists()


def test_a_refused_form_keeps_what_was_filled_in():
    visits.book("V1", "G1", "Y1")
    said = sights.text(serving.phone("M1").post(BOOK, wish()))
    assert "小美 这个时间已有预约" in said
    for kept in ('value="2026-06-16T15:00"', '<option value="90" selected>', 'value="试茶"', 'value="V1" selected'):
        assert kept in said


def test_only_who_leads_a_store_books_for_its_guides():
    for client, status in ((serving.phone("G1"), 403), (sights.browser("auditor"), 403)):
        assert client.post(BOOK, wish()).status_code == status
        assert client.get(BOOK, {"guide": "G1"}).status_code == status
    assert not Appointment.objects.exists()
    assert sights.browser("supervisor").post(BOOK, wish()).status_code == 302
