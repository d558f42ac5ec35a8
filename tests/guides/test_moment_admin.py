"""HQ and managers see the plan of Moments and what guides posted of it, and change a slot of their stores."""

import pytest

from guides.models import MomentSlot
from newretail.kernel import clock
from tests import moments, serving, sights, world
from tests.moments import DAY, record, slot

SLOTS, POSTS = "/admin/guides/momentslot/", "/admin/guides/momentpost/"


@pytest.fixture(autouse=True)
def _planned(noon):
    serving.shops()
    moments.stocked()
    moments.propose()


def replace(client, planned, code):
    return client.post(f"{SLOTS}{planned.pk}/replace/", {"material": code}, follow=True)


def test_the_plan_stands_as_a_list_with_how_many_posted_and_as_a_file():
    record(slot(1))
    record(slot(1), "G2")
    seen = sights.browser("hq")
    said = sights.text(seen.get(SLOTS))
    assert slot(1).material.title in said
    assert "广州天河店" in said
    taken = sights.text(seen.post(f"{SLOTS}export/", {"format": "csv"}))
    assert f"2026-06-15,SH01,2026-06-15,中午,产品,{slot(1).material.code},2" in taken


def test_posts_stand_with_their_time_and_evidence():
    record(slot(1))
    record(slot(2), at=slot(2).closes_at)
    said = sights.text(sights.browser("hq").get(POSTS))
    assert "自报" in said
    assert "小美" in said
    taken = sights.text(sights.browser("hq").post(f"{POSTS}export/", {"format": "csv"})).splitlines()
    assert [line.split(",")[7] for line in taken[1:]] == ["0", "1"]


def test_a_manager_changes_the_plan_of_her_store_alone():
    own, foreign = slot(2), slot(2, "GZ01")
    seen = sights.browser("manager")
    assert "计划已调整" in sights.text(replace(seen, own, "L1"))
    assert replace(seen, foreign, "L1").status_code == 404
    assert replace(sights.browser("auditor"), own, "P1").status_code in (403, 404)
    assert (slot(2).material.code, slot(2, "GZ01").material) == ("L1", foreign.material)


def test_what_cannot_be_planned_is_told_and_changes_nothing(monkeypatch):
    before = [each.material_id for each in MomentSlot.objects.order_by("pk")]
    seen = sights.browser("hq")
    assert "每周最多一条" in sights.text(replace(seen, slot(2), "B1"))
    assert "不能发布此素材" in sights.text(replace(seen, slot(2), "nonsense\0"))
    monkeypatch.setattr(clock, "now", lambda: world.NOW + DAY)
    assert "已经过去" in sights.text(replace(seen, slot(1), "P1"))
    assert [each.material_id for each in MomentSlot.objects.order_by("pk")] == before


def test_materials_tell_how_often_they_were_posted():
    record(slot(1))
    taken = sights.text(sights.browser("hq").post("/admin/guides/material/export/", {"format": "csv"})).splitlines()
    column = taken[0].split(",").index("发圈记录")
    assert {line.split(",")[0]: line.split(",")[column] for line in taken[1:]}[slot(1).material.code] == "1"


def test_hq_plans_the_next_week_by_a_tap_and_a_second_one_changes_nothing():
    hq, later = sights.browser("hq"), moments.WEEK + 7 * DAY
    assert "立即排 2026-06-22 起一周" in sights.text(hq.get(SLOTS))
    assert "已排好 2026-06-22 起一周" in sights.text(hq.post(f"{SLOTS}propose/", follow=True))
    before = [(each.pk, each.material_id) for each in moments.plan(week_on=later)]
    assert len(before) == len(moments.plan())
    assert MomentSlot.objects.filter(store__code="GZ01", week_on=later).count() == len(before)
    assert "没有新排" in sights.text(hq.post(f"{SLOTS}propose/", follow=True))
    assert [(each.pk, each.material_id) for each in moments.plan(week_on=later)] == before


@pytest.mark.parametrize(("role", "status"), [("supervisor", 302), ("manager", 302), ("auditor", 403), ("guide", 403)])
def test_who_does_not_plan_for_the_whole_brand_waits_for_the_night(role, status):
    client, before = sights.browser(role), MomentSlot.objects.count()
    assert "propose/" not in sights.text(client.get(SLOTS))
    assert client.post(f"{SLOTS}propose/").status_code == status
    assert MomentSlot.objects.count() == before
