"""The pages of targets: what each sees and may set, what is refused and in which words, files out and in."""

import io
import json
from datetime import UTC, date, datetime

import pytest
from python_calamine import CalamineWorkbook

from analytics.models import GuideDay
from newretail.kernel.files.rows import batch_of
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from stores import importers as files
from stores.actions import targets
from stores.models import DayWeight, Post, Target, TargetPlan
from stores.queries import targets as aims
from stores.queries.chain import chain
from tests import sights, world

JUNE = date(2026, 6, 1)
GRID, SAVE = "/admin/targets/", "/admin/targets/save/"


pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True, scope="module")
def cast(long_trade):
    sights.night()


def send(client, amounts, **more):
    given = {"month": "2026-06", "metric": "sales", "base": 0, "reason": "", "amounts": amounts, **more}
    return client.post(SAVE, json.dumps(given), content_type="application/json")


def amount(key, metric="sales"):
    rows = aims.targets_of(aims.in_force(JUNE, metric))
    return rows[chain().by_key()[key]].amount


def data(page):
    text = sights.text(page)
    return json.loads(text.partition('<script id="tg-data" type="application/json">')[2].partition("</script>")[0])


def test_a_grid_is_saved_and_shown_again():
    hq = sights.browser("hq")
    answer = send(hq, {"store:SH01": "1,234.50", "guide:SH01/G1": "¥1234.50", "store:GZ01": "100"})
    assert answer.json()["to"] == "/admin/targets/?month=2026-06&metric=sales"
    page = data(hq.get(GRID))
    rows = {row["k"]: row for row in page["rows"]}
    assert page["base"] == 1
    assert rows["store:SH01"]["a"] == 123450
    assert rows["brand"]["a"] is None  # summed up on the page
    assert rows["brand"]["act"] == 170_00
    assert "2026-06-15" in sights.text(hq.get(GRID, headers={"accept-language": "en"}))


def test_a_rate_is_written_as_percent():
    assert send(sights.browser("hq"), {"brand": "38.25%"}, metric="repeat_rate").status_code == 200
    assert amount("brand", "repeat_rate") == 3825


@pytest.mark.parametrize(
    ("amounts", "more", "code"),
    [
        ({"store:SH01": "-5"}, {}, "bad_amount"),
        ({"store:SH01": "1.005"}, {}, "bad_amount"),
        ({"store:SH01": "1.5"}, {"metric": "recruits"}, "bad_amount"),
        ({"store:SH01": "１２"}, {}, "bad_amount"),
        ({"brand": "101"}, {"metric": "repeat_rate"}, "bad_amount"),
        ({"store:XX": "5"}, {}, "unknown_place"),
        ({"store:SH01": "5"}, {"metric": "luck"}, "unknown_metric"),
        ({"store:SH01": "5"}, {"month": "2026-05"}, "closed_month"),
        ({"store:SH01": "5"}, {"month": "2099-05"}, "month_far_off"),
        ({"brand": "500", "store:SH01": "5"}, {}, "sums_differ"),
        ({}, {}, "nothing_changed"),
    ],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_refusal_is_a_sentence_and_changes_nothing(amounts, more, code, language):
    answer = send(sights.browser("hq", language), amounts, **more)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert any("一" <= letter <= "鿿" for letter in answer.json()["says"]) == (language == "zh-hans")
    assert TargetPlan.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    ["", "[]", "{", '{"amounts": []}', '{"amounts": {"store:SH01": 5}, "month": "2026-06", "metric": "sales"}',
     '{"amounts": {}, "month": "2026-6", "metric": "sales"}', "[" * 100_000,
     '{"amounts": {}, "month": "2026-06", "metric": "sales", "reason": "a\\u0000"}',
     '{"amounts": {}, "month": "2026-06", "metric": "sales", "reason": "\\ud800"}',
     '{"amounts": {}, "month": "2026-06", "metric": "sales", "base": "1"}'],
)  # fmt: skip
def test_what_is_no_grid_is_a_bad_request(body):
    answer = sights.browser("hq").post(SAVE, body, content_type="application/json")
    assert answer.status_code == 400
    assert TargetPlan.objects.count() == 0


def test_two_grids_at_once_the_second_hears_of_it_and_gets_the_newer_numbers():
    first, second = sights.browser("hq"), sights.browser("supervisor", "en")
    send(first, {"store:SH01": "100", "store:GZ01": "50"})
    send(first, {"store:SH01": "110"}, base=1, reason="新品")
    answer = send(second, {"store:SH01": "120"}, base=1, reason="more")
    assert (answer.status_code, answer.json()["code"], answer.json()["base"]) == (409, "stale", 2)
    assert answer.json()["amounts"] == {"region:华东": None, "store:SH01": 11000, "guide:SH01/G1": None}
    assert amount("store:SH01") == 110_00
    assert send(second, {"store:SH01": "120"}, base=2, reason="more").status_code == 200
    assert amount("store:SH01") == 120_00


def test_each_sets_beneath_her_own_place_and_an_auditor_only_looks():
    assert send(sights.browser("auditor"), {"store:SH01": "5"}).status_code == 403
    manager = sights.browser("manager")
    assert send(manager, {"store:SH01": "5"}).json()["code"] == "not_yours"
    assert TargetPlan.objects.count() == 0
    assert send(manager, {"guide:SH01/G1": "5"}).status_code == 200
    auditor = sights.browser("auditor").get(GRID)
    assert not any(row["set"] for row in data(auditor)["rows"])
    assert "data-save" not in sights.text(auditor)
    assert [row["k"] for row in data(manager.get(GRID))["rows"]] == ["store:SH01", "guide:SH01/G1"]


def test_versions_are_listed_with_reasons_and_what_they_changed():
    hq = sights.browser("hq")
    send(hq, {"store:SH01": "100"})
    send(hq, {"store:SH01": "150"}, base=1, reason="店庆加码")
    text = sights.text(hq.get("/admin/targets/versions/"))
    assert all(word in text for word in ("店庆加码", "¥100.00", "¥150.00", "50.0%"))
    assert "广州天河店" not in text
    assert "¥150.00" not in sights.text(hq.get("/admin/targets/versions/?version=1"))
    assert hq.get("/admin/targets/versions/?version=x&month=9&metric=%00").status_code == 200


def test_a_store_is_shown_day_by_day_and_its_weights_are_set():
    hq = sights.browser("hq", "en")
    send(hq, {"store:SH01": "3000"})
    page = sights.text(hq.get("/admin/targets/days/SH01/"))
    assert "¥100.00" in page
    assert "around 618" in page
    path = "/admin/targets/days/SH01/weights/?month=2026-06&metric=sales"
    assert hq.post(path, {"weight_sat": "abc", "reason": "r"}).status_code == 422
    refused = hq.post(path, {"weight_sat": "150", "reason": " "})
    assert refused.status_code == 422
    assert 'value="150"' in sights.text(refused)  # nothing typed is lost
    assert DayWeight.objects.filter(source="set").count() == 0
    assert hq.post(path, {"weight_sat": "150", "weight_sun": "", "reason": "market"}).status_code == 302
    assert DayWeight.objects.get(source="set").weight_bp == 15_000
    assert aims.in_force(JUNE, "sales").reason == "market"


def test_days_out_of_sight_are_not_there():
    manager = sights.browser("manager")
    assert manager.get("/admin/targets/days/SH01/").status_code == 200
    assert manager.get("/admin/targets/days/GZ01/").status_code == 404
    assert manager.get("/admin/targets/days/-/").status_code == 404
    assert manager.post("/admin/targets/days/GZ01/weights/", {"weight_sat": "1", "reason": "r"}).status_code == 404
    assert sights.browser("hq").get("/admin/targets/days/-/").status_code == 200


def test_what_is_taken_out_comes_in_again_and_changes_nothing():
    hq = sights.browser("hq")
    send(hq, {"store:SH01": "100.50", "guide:SH01/G1": "100.50", "store:GZ01": "7"})
    answer = hq.get("/admin/targets/export/?form=xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)
    header, *lines = sheet.to_python()
    rows = [dict(zip(header, line, strict=True)) for line in lines]
    assert [(row["place"], row["code"], row["amount"]) for row in rows if row["place"] == "guide"] == [
        ("guide", "SH01/G1", 100.5)
    ]
    outcome = targets.record(batch=batch_of(files.TARGETS, rows), at=world.NOW)
    assert (outcome.skipped, outcome.refusals) == (6, [])
    assert TargetPlan.objects.count() == 1
    csv = sights.text(hq.get("/admin/targets/export/"))
    assert "2026-06,sales,store,SH01,100.50,上海南京西路店,130.00" in csv
    assert JournalEntry.objects.filter(name="kernel.export.taken").count() == 2


def test_an_export_holds_no_foreign_store():
    send(sights.browser("hq"), {"store:SH01": "100", "store:GZ01": "7"})
    csv = sights.text(sights.browser("manager").get("/admin/targets/export/"))
    assert "SH01" in csv
    assert "GZ01" not in csv
    assert "brand" not in csv


@pytest.mark.parametrize("path", ["", "days/SH01/", "days/-/", "versions/", "?metric=repeat_rate", "?metric=reach"])
def test_a_page_costs_at_most_twelve_queries(path):
    hq = sights.browser("hq")
    send(hq, {"store:SH01": "100", "guide:SH01/G1": "100"})
    with sights.asked() as asked:
        assert hq.get(f"{GRID}{path}").status_code == 200
    assert len(asked) <= sights.MOST_QUERIES, "\n".join(each[:150] for each in asked)
    assert Target.objects.count() == 4


@pytest.mark.books_may_break  # the facts are made up
def test_reach_is_what_guides_of_a_place_contacted():
    hq = sights.browser("hq")
    send(hq, {"store:SH01": "300"}, metric="reach")
    with writing("tests"):
        GuideDay.objects.create(post=Post.objects.get(user__staff_no="G1"), day=date(2026, 6, 3), touches=7)
    rows = {row["k"]: row for row in data(hq.get(f"{GRID}?metric=reach"))["rows"]}
    assert (rows["store:SH01"]["act"], rows["brand"]["act"], rows["store:GZ01"].get("act")) == (7, 7, None)
    assert "<td" in sights.text(hq.get("/admin/targets/days/SH01/?metric=reach"))


BACK = "/admin/targets/versions/back/?month=2026-06&metric=sales"


def test_any_two_versions_stand_beside_one_another():
    hq = sights.browser("hq")
    send(hq, {"store:SH01": "100", "store:GZ01": "7"})
    send(hq, {"store:SH01": "150"}, base=1, reason="店庆加码")
    send(hq, {"store:SH01": "160"}, base=2, reason="再加")
    text = sights.text(hq.get("/admin/targets/versions/?version=3&beside=1"))
    assert all(word in text for word in ("¥100.00", "¥160.00", "60.0%", "对照版本 1"))
    assert "¥150.00" not in text
    assert "¥7.00" in sights.text(hq.get("/admin/targets/versions/?version=1&beside=0"))
    assert hq.get("/admin/targets/versions/?version=1&beside=x").context["beside"] == 0


def test_a_version_is_gone_back_to_with_a_reason_and_a_refusal_loses_nothing():
    hq = sights.browser("hq")
    send(hq, {"store:SH01": "100"})
    send(hq, {"store:SH01": "150"}, base=1, reason="店庆加码")
    assert "回到版本 1" in sights.text(hq.get("/admin/targets/versions/"))
    for wrong, says in (("9", "没有版本 9"), ("x", "没有版本"), ("2", "与现行目标相同")):
        answer = hq.post(BACK, {"version": wrong, "base": "2", "reason": "导错文件"})
        assert answer.status_code == 422
        assert says in sights.text(answer)
        assert 'value="导错文件"' in sights.text(answer)
    assert TargetPlan.objects.count() == 2
    auditor = sights.browser("auditor")
    assert auditor.post(BACK, {"version": "1", "base": "2", "reason": "x"}).status_code == 403
    assert "回到版本" not in sights.text(auditor.get("/admin/targets/versions/"))
    assert hq.post(BACK, {"version": "1", "base": "2", "reason": "导错文件"}).status_code == 302
    assert (amount("store:SH01"), TargetPlan.objects.count()) == (100_00, 3)
    assert "导错文件" in sights.text(hq.get("/admin/targets/versions/"))


def test_a_month_that_is_over_offers_no_way_back():
    may = datetime(2026, 5, 2, tzinfo=UTC)
    targets.plan(draft=targets.Draft(date(2026, 5, 1), "sales", {chain().by_key()["store:SH01"]: 5}), at=may)
    assert "tg-back" not in sights.text(sights.browser("hq").get("/admin/targets/versions/?month=2026-05"))
