"""A task that asks for a photo is done with one; who may see it does, nobody else; it goes with the person."""

import io
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from guides.actions import evidence, tasks
from guides.actions.evidence import NoPhotoAsked, TooManyPhotos
from guides.actions.tasks import PhotoMissing, UnknownTask
from guides.models import TaskMove, TaskPhoto
from guides.models.evidence import MOST_PHOTOS
from members.actions import persons
from newretail.kernel.files import pictures
from newretail.kernel.files.pictures import BadPicture
from tests import serving, sharing, sights, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


@pytest.fixture
def task(_shops):
    return serving.give("V1", "G1", brief=serving.brief(wants_evidence=True, wants_approval=True))


def add(task, photo=None, within=None):
    within = [task.post_id] if within is None else within
    return evidence.add(
        task=task.ref, within=within, photo=photo or sharing.picture(), at=world.NOW, by=serving.guide("G1")
    )


def tap(task, staff_no="G1", photo=None, htmx="true"):
    given = {"ref": uuid.uuid4(), "do": "photo"}
    if photo is not None:
        given["photo"] = SimpleUploadedFile("p.jpg", photo)
    headers = {"hx-request": htmx} if htmx else {}
    return serving.phone(staff_no).post(f"/g/tasks/{task.ref}/do/", given, headers=headers)


def test_a_photo_is_kept_small_and_without_what_the_camera_noted(task):
    exif = Image.Exif()
    exif[0x010F] = "Camera 13800000001"
    kept = add(task, sharing.picture("JPEG", (3000, 2000), exif=exif))
    with Image.open(io.BytesIO(kept.body)) as shown:
        assert (shown.format, max(shown.size), dict(shown.getexif())) == ("JPEG", 1600, {})


def test_a_task_that_asks_for_a_photo_is_done_with_one_alone(task):
    with pytest.raises(PhotoMissing):
        serving.complete(task, "done")
    assert not TaskMove.objects.exists()
    add(task)
    assert serving.complete(task, "done").state == "checking"


def test_who_was_not_reached_needs_no_photo(task):
    assert serving.complete(task, "unreachable").state == "checking"


def test_what_was_given_back_asks_for_a_new_photo(task):
    add(task)
    serving.complete(task, "done")
    later = world.NOW + tasks.UNDO_TAKEN
    tasks.give_back(task=task.ref, within=[task.post_id], reason="看不清", at=later, by=serving.guide("M1"))
    with pytest.raises(PhotoMissing):
        serving.complete(task, "done", at=later)


def test_no_task_is_given_more_than_a_few_and_none_that_asks_for_none(task, monkeypatch):
    monkeypatch.setattr(pictures, "made_small", bytes)
    for _turn in range(MOST_PHOTOS):
        add(task)
    with pytest.raises(TooManyPhotos):
        add(task)
    with pytest.raises(NoPhotoAsked):
        add(serving.give("V1", "G1", "tests:2"))
    with pytest.raises(UnknownTask):
        add(task, within=[])
    assert TaskPhoto.objects.count() == MOST_PHOTOS


@pytest.mark.parametrize("photo", [
    b"", b"no picture", b"x" * (pictures.MOST_BYTES + 1), sharing.picture()[:60], sharing.picture(size=(9000, 9000)),
], ids=["empty", "words", "too large", "cut off", "a bomb"])  # fmt: skip
def test_what_is_no_picture_is_refused_by_a_sentence_and_nothing_is_kept(task, photo):
    with pytest.raises(BadPicture):
        add(task, photo or b"\0")
    assert "请上传" in sights.text(tap(task, photo=photo))
    assert not TaskPhoto.objects.exists()


def test_it_is_handed_in_from_the_phone_and_seen_by_her_and_her_manager(task):
    assert "需要照片" in sights.text(serving.phone("G1").get("/g/"))
    assert tap(task, "G2", photo=sharing.picture()).status_code == 200
    assert not TaskPhoto.objects.exists()
    assert f"/g/tasks/{task.ref}/photos/1" in sights.text(tap(task, photo=sharing.picture()))
    assert serving.phone("G1").get(f"/g/tasks/{task.ref}/photos/1")["content-type"] == "image/jpeg"
    assert serving.phone("G1").get(f"/g/tasks/{task.ref}/photos/2").status_code == 404
    serving.complete(task, "done")
    seen = f"/admin/guides/task/{task.pk}/photo/?nth=1"
    assert seen in sights.text(serving.phone("M1").get("/g/team/tasks/"))
    assert "no-store" in serving.phone("M1").get(seen)["cache-control"]
    assert seen in sights.text(sights.browser("hq").get(f"/admin/guides/task/{task.pk}/change/"))


def test_nobody_else_sees_it(task):
    add(task)
    seen = f"/admin/guides/task/{task.pk}/photo/?nth="
    assert serving.phone("G2").get(f"/g/tasks/{task.ref}/photos/1").status_code == 404
    assert serving.phone("G2").get(f"{seen}1").status_code in (302, 403, 404)
    assert sights.browser("auditor").get(f"{seen}1").status_code == 403
    hq = sights.browser("hq")
    assert [hq.get(f"{seen}{nth}").status_code for nth in ("1", "2", "x", "", "9" * 30)] == [200, 404, 404, 404, 404]


def test_it_goes_with_the_person(task):
    add(task)
    persons.erase(member=world.member("V1"), reason="request", at=world.NOW, by=sights.person("hq"))
    assert not TaskPhoto.objects.exists()
