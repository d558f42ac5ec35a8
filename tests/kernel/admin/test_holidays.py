"""The calendar's pages: the list, a festival's form, adding one of the brand's own, taking an edit back."""

import pytest

from newretail.kernel.actions import holidays
from newretail.kernel.models import Holiday, JournalEntry
from tests import sights, world

LIST = "/admin/kernel/holiday/"
OWN = {
    "family": "anniversary", "year": "2026", "name_zh": "店庆", "name_en": "Anniversary", "kind": "brand", "day": "2026-09-09",
    "first_on": "2026-09-07", "last_on": "2026-09-09", "worked": "", "yearly": "on",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _cast(noon):
    holidays.fill(first_year=2026, last_year=2027, at=world.NOW)


def page(family="qixi", year=2026):
    return f"{LIST}{Holiday.objects.get(family=family, year=year).pk}/change/"


def changed(client, **more):
    """Send the form of Qixi 2026 as it stands, with what is changed."""
    row = Holiday.objects.get(family="qixi", year=2026)
    whole = {name: getattr(row, name) for name in ("name_zh", "name_en", "kind", "day", "first_on", "last_on")}
    return client.post(page(), {**whole, "worked": "", **more})


def test_the_list_says_name_span_and_what_is_provisional():
    text = sights.text(sights.browser("hq").get(f"{LIST}?kind=statutory&year=2027"))
    assert "春节" in text
    assert "暂定" in text
    assert "情人节" not in text


def test_hq_edits_a_festival_and_its_page_tells_who_did():
    client = sights.browser("hq")
    assert changed(client, day="2026-08-20", first_on="2026-08-20", last_on="2026-08-21").status_code == 302
    row = Holiday.objects.get(family="qixi", year=2026)
    assert (str(row.day), str(row.last_on), row.source) == ("2026-08-20", "2026-08-21", "edited")
    text = sights.text(client.get(page()))
    assert "qixi 2026: 2026-08-19…2026-08-19 → 2026-08-20…2026-08-21" in text
    assert "撤回修改" in text


def test_what_the_verb_refuses_stands_in_the_form_and_nothing_is_changed():
    before = Holiday.objects.filter(family="qixi").values().get(year=2026)
    response = changed(sights.browser("hq"), first_on="2026-08-25", last_on="2026-08-20")
    assert response.status_code == 200
    assert "结束日早于开始日" in sights.text(response)
    assert Holiday.objects.filter(family="qixi").values().get(year=2026) == before


def test_hq_adds_a_day_of_the_brands_own_once():
    client = sights.browser("hq")
    assert client.post(f"{LIST}add/", OWN).status_code == 302
    assert Holiday.objects.get(family="anniversary").yearly
    assert client.post(f"{LIST}add/", OWN).status_code == 200
    assert JournalEntry.objects.filter(name="kernel.holiday.recorded").count() == 1


def test_worked_days_are_written_and_cleared_again():
    client = sights.browser("hq")
    changed(client, worked="2026-08-22,2026-08-23", is_off="on")
    assert len(Holiday.objects.get(family="qixi", year=2026).worked) == 2
    changed(client, worked="", is_off="on")
    assert Holiday.objects.get(family="qixi", year=2026).worked == []


def test_an_edit_is_taken_back_by_hq_alone():
    client = sights.browser("hq")
    changed(client, name_zh="七夕")
    back = page().replace("change/", "take_back/")
    assert sights.browser("auditor").post(back).status_code == 403
    assert client.get(back).status_code == 302
    assert Holiday.objects.get(family="qixi", year=2026).source == "edited"
    assert client.post(back).status_code == 302
    assert Holiday.objects.get(family="qixi", year=2026).name_zh == "七夕节"


def test_a_manager_looks_and_changes_nothing():
    world.chain()
    client = sights.browser("manager")
    assert "七夕节" in sights.text(client.get(f"{LIST}?year=2026"))
    before = list(Holiday.objects.order_by("pk").values())
    assert changed(client, name_zh="七夕").status_code == 403
    assert client.post(f"{LIST}add/", OWN).status_code == 403
    assert list(Holiday.objects.order_by("pk").values()) == before
    assert changed(sights.browser("hq"), name_zh="七夕").status_code == 302


def test_what_is_exported_comes_in_again_and_changes_nothing():
    lines = sights.text(sights.browser("hq").post(f"{LIST}export/")).lstrip("\ufeff").splitlines()
    from newretail.kernel.files.rows import batch_of
    from newretail.kernel.importers import HOLIDAYS

    head = lines[0].split(",")
    rows = [dict(zip(head, line.split(","), strict=True)) for line in lines[1:]]
    outcome = holidays.record(batch=batch_of(HOLIDAYS, rows), at=world.NOW)
    assert (outcome.skipped, outcome.refusals) == (len(rows), [])


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_form_speaks_one_language(language):
    text = sights.text(sights.browser("hq", language).get(page()))
    assert ("节日当天" in text) == (language == "zh-hans")
    assert ("The day itself" in text) == (language == "en")
