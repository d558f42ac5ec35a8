"""Samples at their doors: a guide gives one by a tap, HQ writes campaigns and reads who came back."""

import uuid
from datetime import timedelta

import pytest

from guides.models import Sample, SampleCampaign, SampleStock
from tests import sampling, serving, sights, world

LIST, KEEP, REPORT = (f"/admin/guides/samplecampaign/{page}" for page in ("", "keep/", "report/"))
FORM = {"code": "tea", "name": "新茶试饮", "sku": "TEA", "counts": "product", "days": "30", "first_on": "2026-06-01",
        "last_on": "2026-06-30", "stock": "SH01 5\n\nGZ01  7", "seen": "0"}  # fmt: skip


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def tap(phone, **given):
    form = {"do": "sample", "campaign": "tea", "ref": uuid.uuid4(), **given}
    return phone.post("/g/customers/V1/do/", form, headers={"hx-request": "true"})


def test_a_guide_gives_one_by_a_tap_and_sees_what_came_of_it():
    sampling.campaign(stock={"SH01": 5})
    phone, ref = serving.phone("G1"), uuid.uuid4()
    with sights.asked() as queries:
        assert "余 5 件" in sights.text(phone.get("/g/customers/V1/"))
    assert len(queries) <= sights.MOST_QUERIES
    for _again in range(2):
        assert "已领过" in sights.text(tap(phone, ref=ref))
    assert "g-refused" in sights.text(tap(phone))
    assert "g-refused" in sights.text(tap(phone, campaign="\0moon"))
    assert tap(serving.phone("G2")).status_code == 404
    assert Sample.objects.count() == SampleStock.objects.get().given == 1
    assert "派样后消费" in sights.text(phone.get("/g/results/"))
    assert "派样后消费" not in sights.text(serving.phone("G2").get("/g/results/"))


def test_hq_writes_a_campaign_and_a_manager_does_not():
    assert sights.browser("manager").post(KEEP, FORM).status_code == 403
    hq = sights.browser("hq")
    assert hq.post(KEEP, FORM).status_code == 302
    assert list(SampleStock.objects.order_by("store__code").values_list("supplied", flat=True)) == [7, 5]
    assert "SH01 5" in sights.text(hq.get(f"{KEEP}?code=tea"))
    assert "新茶试饮" in sights.text(sights.browser("manager").get(LIST))


@pytest.mark.parametrize("given", [
    {"code": "有"}, {"sku": "none"}, {"days": "0"}, {"first_on": "2026-07-01"}, {"first_on": "x"}, {"stock": "SH01"},
    {"stock": "SH01 5\nSH01 6"}, {"stock": "NONE 5"}, {"stock": "SH01 -1"}, {"stock": "SH01 9999999"}, {"seen": "9"},
    {"counts": "moon"},
])  # fmt: skip
def test_what_makes_no_sense_stands_in_the_form_and_nothing_is_kept(given):
    answer = sights.browser("hq").post(KEEP, {**FORM, **given})
    assert answer.status_code == 422
    assert "hq-bad" in sights.text(answer)
    assert not SampleCampaign.objects.exists()


def test_the_report_tells_who_came_back_and_a_manager_sees_her_store_alone():
    sampling.campaign()
    serving.bind("V2", "G9")
    early = world.NOW - timedelta(days=9)
    sampling.give(at=early)
    sampling.give("V2", "G9", at=early)
    world.buy(world.order("A1", "88.00", "2026-06-10T10:00:00", member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "88.00"})
    hq, manager = sights.browser("hq"), sights.browser("manager")
    with sights.asked() as queries:
        said = sights.text(hq.get(REPORT, {"days": "nonsense"}))
    for words in ("50.0%", "88.00", "小美", "阿强"):
        assert words in said
    assert len(queries) <= sights.MOST_QUERIES
    own = sights.text(manager.get(REPORT))
    assert "小美" in own
    assert "阿强" not in own
    file = sights.text(manager.post("/admin/guides/sample/export/", {"format": "csv"}))
    assert file.count("V1") == 1
    assert "88.00" in file
    assert "V2" not in file


def test_a_campaign_of_any_store_shows_no_table_of_stock():
    offer = sampling.campaign()
    page = f"{LIST}{offer.pk}/change/"
    assert "派样库存" not in sights.text(sights.browser("hq").get(page))
    sampling.campaign("nut", "NUT", stock={"SH01": 5})
    assert "派样库存" in sights.text(
        sights.browser("hq").get(f"{LIST}{SampleCampaign.objects.get(code='nut').pk}/change/")
    )
