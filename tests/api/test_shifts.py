"""Shifts over the API: a roster is pushed by the day and read again; a key of one store reaches its own guides alone."""

import pytest

from guides.models import Shift
from newretail.kernel.models import JournalEntry
from tests import rostering, serving
from tests.api import machines

RIGHTS = ("shifts:view", "shifts:change")
TODAY, TOMORROW = rostering.day(0), rostering.day(1)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def push(*rows, client=None, **headers):
    return machines.post(client or machines.machine(*RIGHTS), "shifts:batch", {"shifts": list(rows)}, **headers)


def row(staff_no="G1", day=TOMORROW, shift="早班"):
    return {"staff_no": staff_no, "day": day, "shift": shift}


def states(answer):
    return [each["state"] for each in answer.json()["results"]]


def listed(client, **query):
    answer = client.get("/api/v1/shifts", query)
    assert answer.status_code == 200, answer.content
    return [(each["staff_no"], each["day"], each["shift"]) for each in answer.json()["items"]]


def test_what_is_pushed_is_planned_replaced_and_taken_away_day_by_day():
    client = machines.machine(*RIGHTS)
    first, again = (push(row(), row("G2", shift="off"), client=client) for _ in range(2))
    assert (states(first), states(again)) == (["created", "created"], ["unchanged", "unchanged"])
    assert listed(client) == [("G1", TOMORROW, "早班"), ("G2", TOMORROW, "休")]
    assert states(push(row(shift="晚班"), row("G2", shift="-"), client=client)) == ["updated", "updated"]
    assert listed(client) == [("G1", TOMORROW, "晚班")]
    assert JournalEntry.objects.filter(name="guides.shift.planned").count() == 2


def test_a_shift_is_told_with_its_hours_and_a_day_off_without():
    push(row(), row("G2", shift="休"))
    works, off = machines.machine(*RIGHTS).get("/api/v1/shifts").json()["items"]
    assert works == {
        "staff_no": "G1", "store_code": "SH01", "day": TOMORROW, "shift": "早班",
        "starts_at": f"{TOMORROW}T09:00:00+08:00", "ends_at": f"{TOMORROW}T15:00:00+08:00",
    }  # fmt: skip
    assert (off["shift"], off["starts_at"], off["ends_at"]) == ("休", None, None)


@pytest.mark.parametrize(
    ("wrong", "field", "code"),
    [
        (row("none"), "staff_no", "not_serving"), (row("S1"), "staff_no", "not_serving"),
        (row(shift="中班"), "shift", "unknown_shift"), (row(day=rostering.day(-1)), "day", "day_over"),
        (row(day=rostering.day(400)), "day", "far_day"), (row(day="2026-02-30"), "day", "no_such_day"),
        (row(day="16/06/2026"), "day", "not_date"), (row(shift=None), "shift", "missing"),
        (row(staff_no="Ｇ1"), "staff_no", "not_plain"), ({**row(), "store_code": "SH01"}, "store_code", "unknown_field"),
        (3, "", "not_an_item"),
    ],
)  # fmt: skip
def test_each_wrong_day_is_named_and_the_good_ones_are_planned(wrong, field, code):
    answer = push(wrong, row(day=TODAY))
    assert states(answer) == ["refused", "created"]
    [error] = answer.json()["results"][0]["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert list(Shift.objects.values_list("day", flat=True)) == [rostering.sights.TODAY]


def test_the_same_day_twice_in_a_batch_is_refused_where_it_differs():
    answer = push(row(), row(), row(shift="晚班"))
    assert states(answer) == ["created", "unchanged", "refused"]
    assert answer.json()["results"][2]["errors"][0]["code"] == "duplicate_differs"
    assert Shift.objects.get().name == "早班"


def test_the_same_key_meets_the_same_answer():
    client = machines.machine(*RIGHTS)
    first = push(row(), client=client, Idempotency_Key="k1")
    push(row(shift="晚班"), client=client)
    again = push(row(), client=client, Idempotency_Key="k1")
    assert first.content == again.content
    assert Shift.objects.get().name == "晚班"


def test_the_list_is_of_a_store_a_guide_and_days_that_are_both_included():
    rostering.week("G1", "早班", "晚班", "休")
    rostering.week("G9", "晚班")
    client = machines.machine(*RIGHTS)
    assert listed(client, store_code="GZ01") == [("G9", TODAY, "晚班")]
    assert [day for _, day, _ in listed(client, staff_no="G1")] == [rostering.day(n) for n in range(3)]
    assert listed(client, **{"from": TOMORROW, "to": TOMORROW}) == [("G1", TOMORROW, "晚班")]
    assert len(listed(client, **{"from": TOMORROW})) == 2
    assert len(listed(client, to=TODAY)) == 2
    assert listed(client, **{"from": TOMORROW, "to": TODAY}) == []


def test_pages_follow_each_other_and_tell_each_day_once():
    rostering.week("G1", "早班", "晚班", "休")
    rostering.week("G2", "晚班", "晚班")
    client, after, found = machines.machine(*RIGHTS), None, []
    for _page in range(3):
        query = {"limit": 2, **({"after": after} if after else {})}
        page = client.get("/api/v1/shifts", query).json()
        found += [(each["day"], each["staff_no"]) for each in page["items"]]
        after = page["next"]
    assert after is None
    assert found == sorted(found)
    assert len(set(found)) == 5


@pytest.mark.parametrize(
    "query", ["from=16.06.2026", "to=2026-02-30", "from=", "to=1026-06-16", "from=２０２６-06-16", "day=x"]
)
def test_what_is_no_day_is_refused(query):
    answer = machines.machine(*RIGHTS).get(f"/api/v1/shifts?{query}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == query.partition("=")[0]


def test_a_key_of_one_store_plans_and_sees_its_own_guides_alone():
    rostering.week("G1", "早班")
    till = machines.machine(*RIGHTS, of=machines.account("till", "GZ01"))
    assert states(push(row(), row("G9"), client=till)) == ["refused", "created"]
    assert listed(till) == [("G9", TOMORROW, "早班")]


def test_without_the_right_nothing_is_told_or_planned():
    reader = machines.machine("shifts:view")
    assert push(row(), client=reader).status_code == 403
    assert machines.machine("bonds:view", of=machines.account("other")).get("/api/v1/shifts").status_code == 403
    assert not Shift.objects.exists()
