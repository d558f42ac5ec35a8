"""HQ describes segments in the browser, sees how many they hold and why; others see none."""

import json
import re

import pytest

from campaigns.models import Segment, SegmentVersion, Snapshot
from tests import sights, world
from tests.api import machines
from tests.campaigns import casting
from tests.campaigns.casting import OFTEN, SHANGHAI

pytestmark = pytest.mark.usefixtures("noon")
LIST = "/admin/campaigns/segment/"


@pytest.fixture(autouse=True)
def trade(noon):
    sights.trade()


def page(segment):
    return f"{LIST}{segment.pk}/change/"


def written(**more):
    return {"code": "often", "name": "常客", "note": "", "conditions": json.dumps(OFTEN), "seen": "0", **more}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", ["", "draft/", "{pk}/change/", "{pk}/edit/"])
def test_the_pages_open_in_both_languages_with_few_questions(language, path):
    segment = casting.kept({"all": [OFTEN, {"none": [SHANGHAI]}]})
    browser = sights.browser("hq", language)
    with sights.asked() as asked:
        answer = browser.get(f"{LIST}{path.format(pk=segment.pk)}")
    assert answer.status_code == 200
    assert len(asked) <= sights.MOST_QUERIES


def test_what_is_written_is_counted_by_part_then_exactly_with_a_few_of_them():
    browser = sights.browser("hq")
    given = {"conditions": json.dumps({"all": [OFTEN, SHANGHAI]})}
    told = browser.post(f"{LIST}count/", given).json()
    assert told == {"members": 1, "parts": [1, 1, 1], "everybody": 2}
    exact = browser.post(f"{LIST}count/", {**given, "exact": "1"}).json()
    assert exact["members"] == 1
    assert exact["sample"][0]["member_no"] == "V1"


@pytest.mark.parametrize("raw", ["", "{", "[]", '{"all": []}', '{"field": "x"}', "[" * 100_000, '"' + "x" * 300_000])
def test_what_cannot_be_asked_is_told_and_nothing_breaks(raw):
    answer = sights.browser("hq").post(f"{LIST}count/", {"conditions": raw})
    assert answer.status_code == 422
    assert answer.json()["refused"]


def test_a_segment_is_kept_changed_and_shown_in_words():
    browser = sights.browser("hq")
    assert browser.post(f"{LIST}draft/", written()).status_code == 302
    segment = Segment.objects.get()
    changed = written(conditions=json.dumps({"any": [OFTEN, SHANGHAI]}), seen="1", code="other")
    assert browser.post(f"{LIST}{segment.pk}/edit/", changed).status_code == 302
    assert list(SegmentVersion.objects.values_list("version", flat=True)) == [1, 2]
    assert Segment.objects.get().code == "often"
    said = sights.text(browser.get(page(segment)))
    assert "满足以下任一条件" in said or "至少满足" in said or "任一" in said
    assert "SH01" in said


@pytest.mark.parametrize("wrong", [{"code": "有 空"}, {"name": ""}, {"conditions": "{"}, {"seen": "7"}])
def test_what_is_refused_stands_in_the_form_and_nothing_is_lost_or_kept(wrong):
    answer = sights.browser("hq").post(f"{LIST}draft/", written(**wrong))
    assert answer.status_code == 422
    assert 'role="alert"' in sights.text(answer)
    assert not Segment.objects.exists()


def test_why_she_is_in_and_why_he_is_out_is_told_now_and_of_a_past_day():
    segment = casting.kept(OFTEN)
    browser = sights.browser("hq")
    said = sights.text(browser.get(page(segment), {"member_no": "V1"}))
    assert re.search(r"sg-yes\">✓", said)
    said = sights.text(browser.get(page(segment), {"member_no": "V2", "on": "2026-06-15"}))
    assert re.search(r"sg-no\">✗", said)
    lost = sights.text(browser.get(page(segment), {"member_no": "V99"}))
    assert "sg-yes" not in lost


def test_of_a_past_day_it_counts_or_says_what_has_no_history():
    browser = sights.browser("hq", "en")
    segment = casting.kept(OFTEN)
    assert "members at the start of 2026-06-15" in sights.text(browser.get(page(segment), {"as_of": "2026-06-15"}))
    scored = casting.kept({"field": "portrait.r", "op": "is", "value": 5}, "scored")
    assert "R score" in sights.text(browser.get(page(scored), {"as_of": "2026-06-14"}))
    assert browser.get(page(segment), {"as_of": "x"}).status_code == 200


def test_two_segments_overlap_and_snapshots_are_taken_and_compared():
    browser = sights.browser("hq", "en")
    segment = casting.kept(OFTEN)
    casting.kept(SHANGHAI, "sh")
    assert "in both · 100.0%" in sights.text(browser.get(page(segment), {"other": "sh"}))
    for name in "ab":
        browser.post(f"{LIST}{segment.pk}/snapshot/", {"name": name})
    browser.post(f"{LIST}{segment.pk}/snapshot/", {"name": "a"})
    assert Snapshot.objects.count() == 2
    assert "only in a" in sights.text(browser.get(page(segment), {"one": "a", "two": "b"}))


def test_it_is_ended_and_resumed_by_those_who_may():
    segment = casting.kept(OFTEN)
    assert sights.browser("manager").post(f"{LIST}{segment.pk}/state/", {"do": "end"}).status_code == 403
    browser = sights.browser("hq")
    browser.post(f"{LIST}{segment.pk}/state/", {"do": "end"})
    assert Segment.objects.get().state == "ended"
    browser.post(f"{LIST}{segment.pk}/state/", {"do": "resume"})
    assert Segment.objects.get().state == "active"


def test_the_list_of_members_is_narrowed_to_a_segment():
    casting.kept(OFTEN)
    said = sights.text(sights.browser("hq").get("/admin/members/member/", {"segment": "often"}))
    assert "V1" in said
    assert "V2" not in said
    assert "V1" not in sights.text(sights.browser("hq").get("/admin/members/member/", {"segment": "none"}))


def test_the_page_of_a_member_leads_to_why():
    segment = casting.kept(OFTEN)
    casting.kept({"none": [OFTEN]}, "rare")
    member = world.member("V1")
    browser = sights.browser("hq", "en")
    with sights.asked() as asked:
        said = sights.text(browser.get(f"/admin/members/member/{member.pk}/change/"))
    assert len(asked) <= sights.MOST_QUERIES
    assert f"{page(segment)}?member_no=V1#why" in said
    assert "why not?" in said
    assert "why not?" not in sights.text(
        sights.browser("manager", "en").get(f"/admin/members/member/{member.pk}/change/")
    )


def test_other_systems_read_segments_and_whom_they_hold():
    casting.kept(OFTEN)
    client = machines.machine()
    assert [item["code"] for item in client.get("/api/v1/segments").json()["items"]] == ["often"]
    told = client.get("/api/v1/segments/often").json()
    assert (told["members"], told["version"], told["conditions"]) == (1, 1, OFTEN)
    assert [item["member_no"] for item in client.get("/api/v1/segments/often/members").json()["items"]] == ["V1"]
    assert client.get("/api/v1/segments/none").status_code == 404
    of_store = machines.machine("segments:view", of=machines.account("gz", "GZ01"))
    assert of_store.get("/api/v1/segments/often/members").json()["items"] == []
