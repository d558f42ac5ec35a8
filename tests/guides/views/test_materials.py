"""Materials on the phone: found by category, shared by one tap, counted in her record; a poster with her code."""

import uuid

import pytest

from guides.actions import materials
from guides.models import Deed, Material, Share
from guides.views.materials import link_of
from tests import serving, sharing, sights, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    sharing.material(kind="poster", picture=sharing.picture())
    sharing.material("CAT", title="店里的猫", category="life")
    sharing.material("GZ", title="广州专享", stores=[serving.post("G9").store_id])


def tap(phone, code="TEA", ref=None, htmx=True, **given):
    headers = {"hx-request": "true"} if htmx else {}
    usual = {"ref": ref or uuid.uuid4(), "channel": "chat"}
    return phone.post(f"/g/materials/{code}/share/", {**usual, **given}, headers=headers)


def test_she_finds_what_she_may_share_by_its_category():
    phone = serving.phone("G1")
    said = sights.text(phone.get("/g/materials/"))
    assert "明前龙井到店" in said
    assert "店里的猫" in said
    assert "广州专享" not in said
    assert "明前龙井到店" not in sights.text(phone.get("/g/materials/?category=life"))
    assert "明前龙井到店" in sights.text(phone.get("/g/materials/?category=nonsense"))
    assert "Materials" in sights.text(serving.phone("G1", "en").get("/g/me/"))


def test_what_another_store_may_use_is_not_there():
    phone = serving.phone("G1")
    for path in ("/g/materials/GZ/", "/g/materials/GZ/picture", "/g/materials/NONE/", "/g/materials/CAT/picture"):
        assert phone.get(path).status_code == 404
    assert tap(phone, "GZ").status_code == 404
    assert not Share.objects.exists()
    assert tap(serving.phone("G9"), "GZ").status_code == 200
    assert Share.objects.count() == 1


def test_a_tap_is_a_share_once_and_its_link_is_the_one_the_page_promised():
    phone = serving.phone("G1")
    said = sights.text(phone.get("/g/materials/TEA/"))
    ref = uuid.UUID(said.split('name="ref" value="')[1][:36])
    promised = said.split('data-link="')[1].split('"')[0]
    for _again in range(3):
        assert "我的推广" in sights.text(tap(phone, ref=ref))
    assert (Share.objects.count(), Deed.objects.count()) == (1, 1)
    assert link_of(Share.objects.get().token) == promised


@pytest.mark.parametrize(("given", "status"), [
    ({"ref": "none"}, 422), ({"channel": "pigeon"}, 422), ({"channel": ""}, 422),
    ({"task": str(uuid.uuid4())}, 404), ({"task": "x"}, 404),
])  # fmt: skip
def test_nonsense_shares_nothing(given, status):
    assert tap(serving.phone("G1"), **given).status_code == status
    assert not Share.objects.exists()


def test_what_was_withdrawn_meanwhile_is_told_by_a_sentence():
    materials.withdraw(material=Material.objects.get(code="CAT"), at=world.NOW)
    phone = serving.phone("G1")
    assert "不能再分享" in sights.text(tap(phone, "CAT"))
    assert phone.get("/g/materials/CAT/").status_code == 404
    assert not Share.objects.exists()


def test_a_task_of_another_guide_shares_nothing():
    task = serving.give("V1", "G1")
    assert tap(serving.phone("G2"), task=task.ref).status_code == 404
    assert tap(serving.phone("G1"), task=task.ref).status_code == 200
    assert Share.objects.get().member == world.member("V1")


def test_a_task_card_offers_its_material():
    material = sharing.material("CAKE", title="生日蛋糕")
    serving.give("V1", "G1", brief=serving.brief(material_id=material.pk, purpose="service"))
    said = sights.text(serving.phone("G1").get("/g/"))
    assert "素材：生日蛋糕" in said
    assert "/g/materials/CAKE/share/" in said


def test_a_queue_is_answered_by_a_word():
    path, given = "/g/materials/TEA/share/", {"ref": uuid.uuid4(), "channel": "moments"}
    answer = serving.phone("G1").post(path, given, headers={"x-queue": "1"})
    assert answer.json() == {"refused": ""}


def test_a_poster_carries_the_code_of_her_link():
    phone = serving.phone("G1")
    answer = tap(phone, htmx=False, channel="poster")
    said = sights.text(phone.get(answer["location"]))
    assert "<svg" in said
    assert link_of(Share.objects.get().token) in said
    assert "小美" in said
    picture = phone.get("/g/materials/TEA/picture")
    assert (picture["content-type"], picture.content[:2]) == ("image/jpeg", b"\xff\xd8")


def test_her_record_tells_what_came_of_her_shares_and_of_nobody_elses():
    shared = sharing.share(task=serving.give("V1", "G1"), at=world.NOW)
    sharing.opened(shared, at=world.NOW)
    sharing.share("CAT", "G2")
    said = sights.text(serving.phone("G1").get("/g/shares/"))
    for words in ("明前龙井到店", "张三", "打开 1 次", "100.0%"):
        assert words in said
    assert "店里的猫" not in said


def test_pages_ask_as_much_whatever_the_load():
    phone = serving.phone("G1")
    counts = []
    for _round in range(2):
        for path in ("/g/materials/", "/g/shares/"):
            with sights.asked() as asked:
                phone.get(path)
            counts.append(len(asked))
        for turn in range(20):
            sharing.material(f"M{turn}{_round}")
            sharing.share(f"M{turn}{_round}")
    assert counts[:2] == counts[2:]
    assert max(counts) <= sights.MOST_QUERIES
