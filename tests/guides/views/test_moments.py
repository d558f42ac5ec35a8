"""The week in Moments on a phone: what is to be posted today, one tap when it is, taken back, made up for."""

import uuid

import pytest

from guides.actions import materials
from guides.models import MomentPost, Share
from newretail.kernel import clock
from tests import moments, serving, sights, world
from tests.moments import DAY, record, slot


@pytest.fixture(autouse=True)
def _planned(noon):
    serving.shops()
    moments.stocked()
    moments.propose()


def tap(planned, do="posted", staff_no="G1", htmx=True, **given):
    headers = {"hx-request": "true"} if htmx else {}
    usual = {"ref": uuid.uuid4(), "do": do, "slot": planned.ref}
    return serving.phone(staff_no).post("/g/moments/do/", {**usual, **given}, headers=headers)


def test_the_day_tells_what_is_left_and_leads_to_the_week():
    assert "还有 1 条未发" in sights.text(serving.phone("G1").get("/g/"))
    assert "to post: 1" in sights.text(serving.phone("G1", "en").get("/g/"))
    record(slot(1), at=world.NOW)
    assert "未发" not in sights.text(serving.phone("G1").get("/g/"))


def test_today_shows_the_words_and_how_they_are_copied_with_a_link_of_her_own():
    said = sights.text(serving.phone("G1").get("/g/moments/"))
    assert slot(1).material.title in said
    assert "11:30–14:00" in said
    assert f"/g/materials/{slot(1).material.code}/share/" in said
    assert said.count('value="posted"') == 1


def test_a_tap_is_a_post_once_however_often_it_is_sent_and_undone_by_the_next():
    ref = uuid.uuid4()
    for _again in range(3):
        assert "自报" in sights.text(tap(slot(1), ref=ref))
    assert MomentPost.objects.count() == 1
    assert "11:30–14:00" in sights.text(tap(slot(1), "undo"))
    assert not MomentPost.objects.standing().exists()


def test_what_is_refused_stands_in_the_card_or_is_told_to_the_queue():
    assert "当天再发" in sights.text(tap(slot(2)))
    told = serving.phone("G1").post(
        "/g/moments/do/", {"ref": uuid.uuid4(), "do": "posted", "slot": slot(2).ref}, headers={"x-queue": "1"}
    )  # fmt: skip
    assert "当天再发" in told.json()["refused"]
    assert not MomentPost.objects.exists()
    assert tap(slot(1), htmx=False).status_code == 302
    assert MomentPost.objects.count() == 1


@pytest.mark.parametrize("given", [{"do": "eat"}, {"slot": "none"}, {"do": ""}])
def test_nonsense_is_told_and_posts_nothing(given):
    assert "刷新列表" in sights.text(tap(slot(1), **given))
    assert not MomentPost.objects.exists()


def test_the_plan_of_another_store_is_not_hers():
    assert "刷新列表" in sights.text(tap(slot(1, "GZ01")))
    assert not MomentPost.objects.exists()
    assert "自报" in sights.text(tap(slot(1, "GZ01"), staff_no="G9"))


def test_what_was_missed_can_be_made_up_for(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: world.NOW + 2 * DAY)
    said = sights.text(serving.phone("G1").get("/g/moments/"))
    assert "本周还可补发" in said
    assert "自报" in sights.text(tap(slot(1)))
    assert MomentPost.objects.get().at == world.NOW + 2 * DAY


def test_a_material_withdrawn_meanwhile_leaves_words_of_her_own():
    materials.withdraw(material=slot(1).material, at=world.NOW)
    assert "请自己配图配文" in sights.text(serving.phone("G1").get("/g/moments/"))
    assert "自报" in sights.text(tap(slot(1)))


def test_copied_by_the_card_the_link_is_a_share_in_moments():
    code = slot(1).material.code
    serving.phone("G1").post(f"/g/materials/{code}/share/", {"ref": uuid.uuid4(), "channel": "moments"})
    assert Share.objects.get().channel == "moments"


def test_without_a_plan_the_page_says_so(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: world.NOW + 7 * DAY)
    assert "还没有本店的朋友圈计划" in sights.text(serving.phone("G1").get("/g/moments/"))


def test_results_say_how_far_the_plan_is_kept():
    record(slot(1), at=world.NOW)
    said = sights.text(serving.phone("G1").get("/g/results/"))
    assert "应发 1 条，已发 1 条" in said
    assert "100.0%" in said


def test_the_week_takes_few_queries_whatever_it_holds(django_assert_max_num_queries):
    phone = serving.phone("G1")
    phone.get("/g/moments/")
    with django_assert_max_num_queries(12):
        phone.get("/g/moments/")
