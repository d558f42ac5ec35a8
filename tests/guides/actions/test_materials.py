"""Materials: a draft is changed, a published wording never; who may use it, and when."""

from datetime import date
from io import BytesIO

import pytest
from PIL import Image

from guides.actions import materials
from guides.models import Material, Picture
from newretail.kernel.actions import settings
from newretail.kernel.files.pictures import BadPicture
from stores.models import Region, Store
from tests import serving, sharing, sights, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def usable(staff_no, on=sights.TODAY):
    return {row.code for row in Material.objects.usable_by([serving.post(staff_no)], on)}


def test_a_draft_is_changed_in_its_place_and_a_published_one_by_its_next_version():
    first = sharing.draft()
    assert sharing.draft(title="新茶").pk == first.pk
    materials.publish(material=first, at=world.NOW)
    second = sharing.draft(words="雨前茶也到了。")
    assert (second.version, second.state) == (2, "draft")
    first.refresh_from_db()
    assert (first.words, first.state) == ("今年的新茶到了，来店里尝一杯。", "published")
    materials.publish(material=second, at=world.NOW)
    assert list(Material.objects.order_by("version").values_list("state", flat=True)) == ["replaced", "published"]


def test_a_next_version_keeps_the_picture_where_none_is_handed_in():
    first = sharing.material(kind="poster", picture=sharing.picture())
    assert sharing.draft(kind="poster").picture == first.picture
    assert Picture.objects.count() == 1


def test_what_has_ended_is_moved_no_more():
    row = sharing.material()
    with pytest.raises(materials.NotToBeMoved):
        materials.publish(material=row, at=world.NOW)
    assert materials.withdraw(material=row, at=world.NOW).state == "withdrawn"
    with pytest.raises(materials.NotToBeMoved):
        materials.withdraw(material=row, at=world.NOW)


def test_who_may_use_it():
    sharing.material("ALL")
    sharing.material("GZ", stores=[Store.objects.get(code="GZ01").pk])
    sharing.material("EAST", regions=[Region.objects.get(name="华东").pk])
    assert (usable("G1"), usable("G9")) == ({"ALL", "EAST"}, {"ALL", "GZ"})


def test_it_counts_on_its_days_alone():
    sharing.material(first_on=date(2026, 6, 16), last_on=date(2026, 6, 17))
    assert [bool(usable("G1", date(2026, 6, day))) for day in (15, 16, 17, 18)] == [False, True, True, False]


@pytest.mark.parametrize("given", [
    {"words": ""}, {"kind": "link"}, {"kind": "poster"}, {"kind": "product"}, {"kind": "song"}, {"title": ""},
    {"kind": "link", "url": "javascript:alert(1)"}, {"words": "茶" * 1001},
    {"first_on": date(2026, 6, 2), "last_on": date(2026, 6, 1)},
])  # fmt: skip
def test_what_does_not_hold_together_is_refused_and_nothing_kept(given):
    with pytest.raises(materials.BadMaterial):
        sharing.draft(**given)
    assert not Material.objects.exists()


def test_a_picture_is_made_small_upright_and_plain():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"  # lies on its side
    row = sharing.draft(kind="picture", picture=sharing.picture("JPEG", (4000, 2000), exif=exif))
    kept = Image.open(BytesIO(bytes(row.picture.body)))
    assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (800, 1600), {})


@pytest.mark.parametrize("data", [
    b"", b"GIF89a", b"<svg onload=alert(1)>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" + b"0" * 100,
    sharing.picture("GIF"), sharing.picture("BMP"), sharing.picture()[:60], b"\xff" * ((8 << 20) + 1),
    sharing.picture("PNG", (9000, 9000)),
], ids=["nothing", "head", "svg", "pdf", "broken", "gif", "bmp", "cut", "too big", "bomb"])  # fmt: skip
def test_what_is_no_plain_picture_is_refused_and_nothing_kept(data):
    with pytest.raises(BadPicture):
        sharing.draft(kind="picture", picture=data)
    assert (Material.objects.count(), Picture.objects.count()) == (0, 0)


def test_the_window_of_orders_is_a_setting():
    with pytest.raises(settings.BadValue):
        settings.put(key="share_order_days", value=0, at=world.NOW)
