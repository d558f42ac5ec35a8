"""A manager's guides, and the code by which one of them signs in: for guides of her store, once, for minutes."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from guides.actions import passes
from guides.models import EntryPass
from newretail.kernel.verbs import Refused
from tests import rostering, serving, sights, world

LATER = world.NOW + passes.LASTS


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def issue(staff_no="G1", by="M1"):
    return passes.issue(staff_no=staff_no, at=world.NOW, by=serving.guide(by))


def stranger():
    return Client(headers={"host": "localhost"})


def test_a_manager_sees_her_guides_alone_and_shows_a_code():
    serving.give("V1", "G1")
    phone = serving.phone("M1")
    said = sights.text(phone.get("/g/team/"))
    assert "小美" in said
    assert "1 项待办" in said
    assert "阿强" not in said
    shown = sights.text(phone.post("/g/team/pass/", {"staff_no": "G1"}))
    assert "<svg" in shown
    assert "5 分钟" in shown
    assert serving.phone("G1").get("/g/team/").status_code == 403


@pytest.mark.parametrize("staff_no", ["G9", "M1", "S1", "nobody", "\0", ""])
def test_nobody_but_a_guide_of_her_store_is_let_in(staff_no):
    answer = serving.phone("M1").post("/g/team/pass/", {"staff_no": staff_no})
    assert answer.status_code == 422
    assert "没有这个工号的导购" in sights.text(answer)
    assert not EntryPass.objects.exists()


def test_a_guide_who_is_also_somebody_else_gets_no_code():
    sights.posts.admit(username="G1", password=sights.PASSWORD, name="小美", role="hq", at=world.NOW)
    with pytest.raises(passes.NotHers):
        issue()


def test_the_code_lets_her_in_once():
    token, phone = issue(), stranger()
    assert "小美" in sights.text(phone.get(f"/g/in/{token}/"))
    assert phone.post(f"/g/in/{token}/")["location"] == "/g/"
    assert "小美" in sights.text(phone.get("/g/"))
    second = stranger()
    assert second.post(f"/g/in/{token}/").status_code == 404
    assert "用过" in sights.text(second.get(f"/g/in/{token}/"))
    with pytest.raises(passes.PassOver):
        passes.use(token=token, at=world.NOW)


def test_a_code_ends_with_its_minutes_and_with_the_next_one():
    first, second = issue(), issue()
    assert passes.found(first, world.NOW) is None
    assert passes.found(second, LATER - timedelta(seconds=1)) is not None
    with time_machine.travel(LATER, tick=False):
        assert stranger().post(f"/g/in/{second}/").status_code == 404
    assert EntryPass.objects.filter(used_at__isnull=False).count() == 0


def test_whose_post_has_ended_since_is_not_let_in():
    token = issue()
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "manager"})
    with pytest.raises(Refused):
        passes.use(token=token, at=world.NOW)
    assert EntryPass.objects.get().used_at is None


def test_the_token_stands_nowhere():
    token = issue()
    assert re.fullmatch(r"[0-9a-f]{64}", EntryPass.objects.get().digest)
    assert token not in EntryPass.objects.get().digest


def shown_today(phone):
    """The lines of the list of today's shifts, as they read."""
    part = sights.text(phone.get("/g/team/")).partition("今日班次")[2].partition("</ul>")[0]
    lines = re.findall(r"<li>(.*?)</li>", part, re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", line).split()) for line in lines]


def test_a_manager_sees_who_works_today_and_who_covers_for_whom():
    phone = serving.phone("M1")
    assert shown_today(phone) == []
    world.staff({"staff_no": "G3", "name": "小红", "store_code": "SH01", "role": "guide"})
    rostering.week("G1", "早班")
    rostering.week("G2", "休", "早班")
    rostering.week("G9", "早班")
    assert shown_today(phone) == ["小美 09:00–15:00", "小丽 休息", "小红 未排班", "王店长 未排班"]
    rostering.away("G1", days=2, covers="G2")
    assert shown_today(phone) == [
        "小丽 休息", "小红 未排班", "王店长 未排班", "小美 请假，2026-06-17 回来 小丽代班",
    ]  # fmt: skip


def test_who_sees_several_stores_sees_of_which_each_is():
    rostering.week("G1", "早班")
    rostering.week("G9", "早班")
    lines = shown_today(sights.browser("hq"))
    assert "小美 上海南京西路店 09:00–15:00" in lines
    assert "阿强 广州天河店 09:00–15:00" in lines
