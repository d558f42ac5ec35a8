"""The pages of shifts: a manager plans the week of her store, a guide sees her own; nobody plans another's store."""

import uuid

import pytest

from guides.models import Leave, Shift
from tests import rostering, serving, sights

PAGE = "/g/team/shifts/"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def save(client, do="save", store="SH01", first=0, **cells):
    given = {"store": store, "from": rostering.day(first), "do": do, "ref": uuid.uuid4()}
    words = {f"{name[:2]}:{rostering.day(int(name[2:]))}": word for name, word in cells.items()}
    return client.post(PAGE, {**given, **words})


def planned():
    return {f"{each.post.user.staff_no}{each.day:%d}": each.name for each in Shift.objects.select_related("post__user")}


def test_a_manager_plans_a_week_and_a_guide_sees_hers():
    manager = serving.phone("M1")
    assert save(manager, G10="早班", G11="休", G20="晚班").status_code == 302
    assert planned() == {"G115": "早班", "G116": "", "G215": "晚班"}
    with sights.asked() as queries:
        said = sights.text(manager.get(PAGE))
    assert "2 人" in said
    assert len(queries) <= sights.MOST_QUERIES
    own = sights.text(serving.phone("G1").get("/g/shifts/"))
    assert "09:00–15:00" in own
    assert "My shifts" in sights.text(serving.phone("G1", "en").get("/g/shifts/"))


def test_what_is_over_and_what_is_not_told_stays():
    manager = serving.phone("M1")
    save(manager, G10="早班", G21="晚班")
    save(manager, G10="晚班", **{"G1-1": "早班"})
    assert planned() == {"G115": "晚班", "G216": "晚班"}


def test_a_week_is_planned_as_the_one_before():
    manager = serving.phone("M1")
    rostering.week("G1", "早班", "休")
    assert save(manager, do="copy", first=7).status_code == 302
    assert planned() == {"G115": "早班", "G116": "", "G122": "早班", "G123": ""}


def test_a_word_that_is_no_shift_plans_nothing():
    answer = save(serving.phone("M1"), G10="早班", G20="中班")
    assert answer.status_code == 422
    assert "排班没有保存" in sights.text(answer)
    assert planned() == {}


def test_a_shift_no_longer_offered_stays_until_it_is_changed(noon):
    rostering.week("G1", "早班")
    with sights.writing("tests"):
        Shift.objects.update(name="中班")
    manager = serving.phone("M1")
    assert '<option value="中班" selected>' in manager.get(PAGE).content.decode()
    save(manager, G10="中班", G20="早班")
    assert planned() == {"G115": "中班", "G215": "早班"}


@pytest.mark.parametrize("first", ["2026-W25", "0001-01-01", "9999-12-31", "\0"])
def test_a_week_that_is_none_is_shown_as_one_that_is(first):
    for path, number in ((PAGE, "M1"), ("/g/shifts/", "G1")):
        assert serving.phone(number).get(path, {"from": first}).status_code == 200


def test_nobody_plans_another_store_and_a_guide_none():
    assert save(serving.phone("M1"), store="GZ01", G90="早班").status_code == 422
    assert save(serving.phone("G1"), G10="早班").status_code in (403, 404)
    assert planned() == {}
    assert save(serving.phone("M1"), G10="早班").status_code == 302
    assert planned() == {"G115": "早班"}


def leave(client, do="take", **more):
    given = {"store": "SH01", "ref": uuid.uuid4(), "do": do, "guide": "G1", "first": rostering.day(0)}
    return client.post("/g/team/leaves/", {**given, "last": rostering.day(1), "reason": "病假", "covers": "G2", **more})


def test_a_manager_enters_a_leave_and_ends_it_early():
    manager = serving.phone("M1")
    rostering.week("G1", "早班", "早班", "早班")
    task = serving.give("V1", "G1")
    assert leave(manager).status_code == 302
    said = sights.text(manager.get(PAGE))
    assert "病假" in said
    assert "替 小美 代班" in sights.text(serving.phone("G2").get(f"/g/tasks/{task.ref}/"))
    assert "请假" in sights.text(serving.phone("G1").get("/g/shifts/"))
    assert leave(manager, "end", leave=Leave.objects.get().ref).status_code == 302
    assert "没有人请假" in sights.text(manager.get(PAGE))


@pytest.mark.parametrize("more", [{"first": "x"}, {"last": "9999-12-31"}, {"reason": ""}, {"guide": "G9"}, {"covers": "G9"},
                                  {"store": "GZ01"}, {"do": "moon"}, {"do": "end", "leave": "x"}])  # fmt: skip
def test_a_leave_that_cannot_stand_is_refused_by_a_sentence(more):
    assert leave(serving.phone("M1"), **more).status_code == 422
    assert leave(serving.phone("G1")).status_code in (403, 404)
    assert not Leave.objects.exists()
