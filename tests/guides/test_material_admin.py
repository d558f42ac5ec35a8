"""The content centre: HQ drafts, publishes, changes and withdraws; a store sees what it may use and what came of it."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guides.models import Material
from tests import serving, sharing, sights, world

LIST = "/admin/guides/material/"
FORM = {"code": "NEW", "title": "新品", "kind": "text", "category": "product", "words": "来看看。", "url": "",
        "product_sku": "", "first_on": "", "last_on": ""}  # fmt: skip


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def pages(row):
    return f"{LIST}{row.pk}/change/", f"{LIST}{row.pk}/move/"


def test_hq_drafts_publishes_changes_and_withdraws():
    hq = sights.browser("hq")
    poster = SimpleUploadedFile("a.exe", sharing.picture())
    assert hq.post(f"{LIST}add/", {**FORM, "kind": "poster", "picture_file": poster}).status_code == 302
    row = Material.objects.get()
    change, move = pages(row)
    assert hq.get(f"{LIST}{row.pk}/picture/").content[:2] == b"\xff\xd8"
    hq.post(move, {"do": "publish"})
    assert hq.post(change, {**FORM, "kind": "poster", "title": "第二版"}).status_code == 302
    assert list(Material.objects.values_list("version", "state", "title")) == [
        (2, "draft", "第二版"), (1, "published", "新品")
    ]  # fmt: skip
    assert "第二版" not in sights.text(serving.phone("G1").get("/g/materials/"))
    hq.post(pages(Material.objects.get(version=2))[1], {"do": "publish"})
    assert "第二版" in sights.text(serving.phone("G1").get("/g/materials/"))
    hq.post(pages(Material.objects.get(version=2))[1], {"do": "withdraw"})
    assert "第二版" not in sights.text(serving.phone("G1").get("/g/materials/"))


def test_what_has_a_newer_version_is_not_changed():
    old = sharing.material()
    sharing.draft(title="草稿")
    assert sights.browser("hq").post(pages(old)[0], {**FORM, "title": "变"}).status_code == 403
    assert set(Material.objects.values_list("title", flat=True)) == {"明前龙井到店", "草稿"}


@pytest.mark.parametrize("given", [
    {"words": ""}, {"kind": "poster"}, {"kind": "poster", "picture_file": b"GIF89a"}, {"kind": "link", "url": "x"},
    {"kind": "product", "product_sku": "NONE"}, {"first_on": "2026-06-02", "last_on": "2026-06-01"}, {"title": ""},
    {"kind": "poster", "picture_file": b""}, {"words": "茶" * 1001}, {"code": "TEA"}, {"first_on": "2026-02-30"},
])  # fmt: skip
def test_what_does_not_hold_together_stands_in_the_form_and_nothing_is_kept(given):
    sharing.material()
    if "picture_file" in given:
        given = {**given, "picture_file": SimpleUploadedFile("a.png", given["picture_file"])}
    answer = sights.browser("hq").post(f"{LIST}add/", {**FORM, **given})
    assert answer.status_code == 200
    assert "errornote" in sights.text(answer) or "errorlist" in sights.text(answer) or "text-red" in sights.text(answer)
    assert Material.objects.count() == 1


def test_a_store_sees_what_it_may_use_and_changes_nothing():
    row = sharing.material()
    south = sharing.material("GZ", title="广州专享", stores=[serving.post("G9").store_id])
    manager, change = sights.browser("manager"), pages(row)
    said = sights.text(manager.get(LIST))
    assert "明前龙井到店" in said
    assert "广州专享" not in said
    assert manager.get(pages(south)[0]).status_code != 200
    assert manager.post(change[1], {"do": "withdraw"}).status_code == 403
    assert manager.post(f"{LIST}add/", FORM).status_code == 403
    assert Material.objects.count() == 2
    sights.browser("hq").post(change[1], {"do": "withdraw"})
    assert Material.objects.get(code="TEA").state == "withdrawn"


def test_what_came_of_materials_is_told_by_material_and_guide_within_sight():
    sharing.material()
    shared = sharing.share(at=world.NOW)
    sharing.opened(shared, at=world.NOW)
    sharing.share(staff_no="G9")
    said = sights.text(sights.browser("hq").get(f"{LIST}usage/?days=7"))
    assert "50.0%" in said
    assert "阿强" in said
    said = sights.text(sights.browser("manager").get(f"{LIST}usage/?days=nonsense"))
    assert "100.0%" in said
    assert "阿强" not in said


def test_shares_are_listed_and_taken_out_within_sight():
    sharing.material()
    sharing.opened(sharing.share(ref=uuid.uuid4()), at=world.NOW)
    sharing.share(staff_no="G9")
    manager = sights.browser("manager")
    said = sights.text(manager.get("/admin/guides/share/?material=TEA"))
    assert "小美" in said
    assert "阿强" not in said
    taken = sights.text(manager.post("/admin/guides/share/export/"))
    assert "G1" in taken
    assert "G9" not in taken
    assert "明前龙井到店" in sights.text(manager.post(f"{LIST}export/"))


@pytest.mark.parametrize("path", [LIST, f"{LIST}usage/", "/admin/guides/share/"])
def test_the_pages_ask_as_much_whatever_the_load(path):
    hq = sights.browser("hq")
    sharing.share(sharing.material("M").code)
    with sights.asked() as few:
        hq.get(path)
    for turn in range(15):
        sharing.share(sharing.material(f"M{turn}").code, "G9")
    with sights.asked() as many:
        hq.get(path)
    assert len(many) == len(few) <= sights.MOST_QUERIES


def test_of_two_who_change_a_draft_the_later_is_refused_and_keeps_what_she_typed():
    hq, row = sights.browser("hq"), sharing.draft()
    change, given = pages(row)[0], {**FORM, "seen": row.entry_id}
    assert f'name="seen" value="{row.entry_id}"' in sights.text(hq.get(change))
    assert hq.post(change, {**given, "title": "先来的"}).status_code == 302
    answer = hq.post(change, {**given, "title": "后到的"})
    assert answer.status_code == 200
    assert "后到的" in sights.text(answer)
    assert "已有人修改" in sights.text(answer)
    assert Material.objects.get().title == "先来的"
