"""HQ writes rules of tags and schemes of levels in the browser: counted and simulated before they are kept."""

import pytest

from members.actions import level_schemes, tags
from members.admin import rule_rows, scheme_cells
from members.importers import TAGS
from members.models import LevelMove, LevelScheme, SchemeStart, Tag, TagRule
from newretail.kernel.files.rows import batch_of
from newretail.kernel.models import JournalEntry
from tests import sights, world
from tests.members.levels import ladder

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()
    ladder.steps()
    world.people({"member_no": "V1", "gender": "女", "birthday": "1996-01-01"})
    tags.record(batch=batch_of(TAGS, [{"name": "年轻女性", "family": "属性"}]), at=world.NOW)


def page():
    return f"/admin/members/tag/{Tag.objects.get().pk}/rule/"


WRITTEN = {"all-0-field": "member.gender", "all-0-op": "one_of", "all-0-value": "女",
           "all-1-field": "member.age", "all-1-op": "between", "all-1-value": "20-34", "seen": "0"}  # fmt: skip


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_a_rule_opens_in_both_languages(language):
    browser = sights.browser("hq", language)
    with sights.asked() as asked:
        answer = browser.get(page())
    assert answer.status_code == 200
    assert len(asked) <= sights.MOST_QUERIES


def test_a_rule_is_counted_and_explained_before_it_is_kept():
    said = sights.text(
        sights.browser("hq").post(page(), {**WRITTEN, "all-0-value": "女", "do": "look", "member_no": "V1"})
    )
    assert "V1" in said
    assert "✓" in said
    assert not TagRule.objects.exists()


def test_a_rule_is_kept_as_written_and_shown_again():
    browser = sights.browser("hq")
    assert browser.post(page(), {**WRITTEN, "do": "keep"}).status_code == 302
    assert TagRule.objects.get().conditions == {"all": [
        {"field": "member.gender", "op": "one_of", "value": ["f"]}, {"field": "member.age", "op": "between", "value": [20, 34]},
    ]}  # fmt: skip
    assert 'value="20-34"' in sights.text(browser.get(page()))
    assert browser.post(page(), {**WRITTEN, "seen": "1", "do": "end"}).status_code == 302
    assert TagRule.objects.order_by("-version").first().conditions is None


@pytest.mark.parametrize("wrong", [{"all-1-value": "abc"}, {"all-0-value": ""}, {"all-0-field": "x"}, {"seen": "5"}])
def test_what_cannot_be_asked_is_told_on_the_page_and_nothing_is_kept(wrong):
    assert sights.browser("hq").post(page(), {**WRITTEN, **wrong, "do": "keep"}).status_code == 422
    assert not TagRule.objects.exists()


def test_others_see_no_rule_and_hq_does():
    assert sights.browser("manager").get(page()).status_code == 403
    assert sights.browser("hq").get(page()).status_code == 200


def cells(browser, **more):
    """The cells of the form as it stands."""
    shown = browser.get("/admin/members/levelscheme/draft/").context["cells"]
    head = {name: value for name, value in shown.items() if name != "levels"}
    given = {
        f"{i}-{name}": value for i, one in enumerate(shown["levels"]) for name, value in one.items() if name != "level"
    }
    return {**head, **given, **more}


def test_a_scheme_is_simulated_kept_and_published():
    browser, path = sights.browser("hq"), "/admin/members/levelscheme/draft/"
    given = cells(
        browser, **{"1-growth": "100", "2-growth": "300", "3-growth": "900", "1-privileges": "贵宾厅:partner:2"}
    )
    world.buy(world.order("A", "120", "2026-06-10", member_no="V1"))
    looked = browser.post(path, {**given, "do": "look"})
    assert looked.context["told"].up == 2
    assert not LevelScheme.objects.exists()
    assert browser.post(path, {**given, "seen": "0", "do": "publish", "starts_on": "2026-06-15"}).status_code == 302
    assert SchemeStart.objects.get().starts_on == sights.TODAY
    assert LevelScheme.objects.get().terms["levels"][1]["privileges"] == [
        {"name": "贵宾厅", "kind": "partner", "per_year": 2}
    ]  # fmt: skip
    assert not LevelMove.objects.exists()
    assert browser.get("/admin/members/levelscheme/").status_code == 200
    assert browser.get(f"/admin/members/levelscheme/{LevelScheme.objects.get().pk}/change/").status_code == 200


@pytest.mark.parametrize("wrong", [{"1-growth": "x"}, {"1-privileges": "a:b:c"}, {"grace_days": "-1"}, {"seen": "9"}])
def test_a_scheme_that_makes_no_sense_is_told_on_the_page(wrong):
    browser = sights.browser("hq")
    given = cells(browser, seen="0")
    assert browser.post("/admin/members/levelscheme/draft/", {**given, **wrong, "do": "keep"}).status_code == 422
    assert not LevelScheme.objects.exists()


def test_a_scheme_is_written_in_percent_and_kept_in_basis_points():
    cells = scheme_cells.written({"levels": [{"level": "L1", "discount_bp": 505, "points_exchange_bp": 9000}]})
    assert (cells["levels"][0]["discount_bp"], cells["levels"][0]["points_exchange_bp"]) == ("5.05", "90")
    head = dict.fromkeys(scheme_cells.HEAD, "0")
    terms = scheme_cells.terms({**cells, **head})
    assert (terms["levels"][0]["discount_bp"], terms["levels"][0]["points_exchange_bp"]) == (505, 9000)
    cells["levels"][0]["discount_bp"] = "5.055"
    assert scheme_cells.terms({**cells, **head})["levels"][0]["discount_bp"] == "5.055"


def test_rows_of_a_rule_beyond_the_filled_ones_are_folded_away():
    assert rule_rows.parted([rule_rows.Row()] * 8)[1] == 3
    assert rule_rows.parted([*[rule_rows.Row("member.age")] * 5, *[rule_rows.Row()] * 3])[1] == 6


SHARE = {"event-0-kind": "share", "event-0-growth": "10", "event-0-per_day": "2", "event-0-per_month": ""}
DRAFT = "/admin/members/levelscheme/draft/"


def test_growth_from_events_is_written_kept_and_shown_again():
    browser = sights.browser("hq")
    assert browser.post(DRAFT, {**cells(browser), **SHARE, "seen": "0", "do": "keep"}).status_code == 302
    assert LevelScheme.objects.get().terms["growth"]["events"] == {"share": {"growth": 10, "per_day": 2}}
    assert browser.get(DRAFT).context["cells"]["events"] == [
        {"kind": "share", "growth": "10", "per_day": "2", "per_month": ""}
    ]


@pytest.mark.parametrize(
    ("wrong", "where"),
    [({"1-growth": "x"}, "银卡 · 所需成长值"), ({"event-0-growth": ""}, "每次成长值"), ({"event-0-per_day": "0"}, "每日最多次数"),
     ({**{name.replace("0", "1"): value for name, value in SHARE.items()}}, "重复填写"), ({"per_yuan": "1.5"}, "每消费 1 元")],
)  # fmt: skip
def test_where_a_scheme_is_wrong_is_said_by_the_words_of_the_page(wrong, where):
    browser = sights.browser("hq")
    answer = browser.post(DRAFT, {**cells(browser), **SHARE, **wrong, "seen": "0", "do": "keep"})
    assert answer.status_code == 422
    assert where in answer.context["refusal"]
    assert not LevelScheme.objects.exists()


def draft():
    """A version kept, by which V1 would come up to silver."""
    world.buy(world.order("A", "120", "2026-06-10", member_no="V1"))
    given = {"S": {"level_up_gift": {"points": 50}, "discount_bp": 500}}
    return level_schemes.keep(terms=ladder.terms(levels=given), at=world.NOW)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_draft_tells_member_by_member_who_would_move(language):
    path, browser = f"/admin/members/levelscheme/{draft().pk}/movers/", sights.browser("hq", language)
    (first, _called), (second, _other) = browser.get(path).context["movers"]
    assert (first.member_no, first.to_level, first.points, first.up) == ("V1", "银卡", 50, True)
    assert (second.member_no, second.to_level) == ("V2", "普通")
    assert [each.member_no for each, _ in browser.get(path, {"to": "S"}).context["movers"]] == ["V1"]
    assert [each.member_no for each, _ in browser.get(path, {"after": "V1"}).context["movers"]] == ["V2"]
    assert not LevelMove.objects.exists()


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_movers_are_taken_out_as_a_file_and_that_is_written_down(form):
    path = f"/admin/members/levelscheme/{draft().pk}/movers/export/"
    assert sights.browser("auditor").post(path, {"format": form}).status_code == 403
    assert sights.browser("hq").post(path, {"format": "exe"}).status_code == 400
    assert not JournalEntry.objects.filter(name="kernel.export.taken").exists()
    answer = sights.browser("hq").post(f"{path}?to=S", {"format": form})
    body = b"".join(answer.streaming_content)
    assert body[:2] == b"PK" if form == "xlsx" else ("V1,张三" in body.decode(), "V2" in body.decode()) == (True, False)
    line = JournalEntry.objects.get(name="kernel.export.taken")
    assert line.facts == {"filters": ["to"], "rows": 1}
