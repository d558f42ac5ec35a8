"""HQ sees who moved between levels and why, adjusts growth with a reason, and takes both lists out as files."""

import pytest

from members.actions import level_schemes, leveling, merges
from members.models import GrowthAdjustment, LevelMove, LevelStanding
from tests import sights, world
from tests.members.levels import ladder
from tests.members.levels.ladder import heard, level

pytestmark = pytest.mark.usefixtures("noon")
MOVES = "/admin/members/levelmove/"
ADJUSTMENTS = "/admin/members/growthadjustment/"
ADJUST = f"{ADJUSTMENTS}adjust/"
GIVEN = {"member_no": "V1", "growth": "150", "reason": "客诉补偿", "once": "one"}


@pytest.fixture(autouse=True)
def scheme(noon):
    world.chain()
    ladder.steps()
    ladder.publish()
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    heard()


def buy(number, amount, member="V1"):
    world.buy(world.order(number, amount, "2026-06-15T10:00:00", member_no=member))


def last(number="V1"):
    return LevelMove.objects.filter(member__member_no=number).latest("id").reason


def test_hq_adjusts_growth_once_and_a_manager_may_not():
    assert sights.browser("manager").post(ADJUST, GIVEN).status_code == 403
    assert not GrowthAdjustment.objects.exists()
    browser = sights.browser("hq")
    for _ in range(2):
        assert browser.post(ADJUST, GIVEN).status_code == 302
    heard()
    assert (level(), last()) == ("S", "adjusted")
    row = GrowthAdjustment.objects.get()
    assert (row.growth, row.reason, str(row.by)) == (150, "客诉补偿", "hq")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_tells_what_her_growth_is_made_of(language):
    buy("A", "120")
    level_schemes.adjust(member=world.member("V1"), growth=-7, reason="更正", key="k", at=world.NOW)
    browser = sights.browser("hq", language)
    with sights.asked() as asked:
        answer = browser.get(f"{ADJUST}?member=V1")
    assert vars(answer.context["held"]["made_of"]) == {
        "spent": 120, "orders": 0, "events": 0, "joining": 0, "adjusted": -7, "growth": 113,
    }  # fmt: skip
    assert len(asked) <= sights.MOST_QUERIES


@pytest.mark.parametrize(
    "wrong",
    [{"growth": "1.5"}, {"growth": "１"}, {"growth": "0"}, {"growth": "99999999"}, {"growth": ""}, {"reason": " "},
     {"reason": "x" * 201}, {"member_no": "V9"}, {"member_no": "V\0"}, {"once": ""}],
)  # fmt: skip
def test_what_cannot_be_adjusted_is_said_on_the_page(wrong):
    answer = sights.browser("hq").post(ADJUST, {**GIVEN, **wrong})
    assert answer.status_code == 422
    assert not GrowthAdjustment.objects.exists()
    heard()
    assert LevelStanding.objects.get(member__member_no="V1").growth == 0


def test_a_former_number_leads_to_her_and_the_growth_is_hers():
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="同一人", at=world.NOW)
    assert sights.browser("hq").post(ADJUST, {**GIVEN, "member_no": "V2"}).status_code == 302
    assert GrowthAdjustment.objects.get().member.member_no == "V1"


def test_every_move_says_why():
    buy("A", "60")
    buy("B", "60", member="V2")
    heard()
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="同一人", at=world.NOW)
    heard()
    assert (level(), last()) == ("S", "merged")
    level_schemes.publish(
        scheme=level_schemes.keep(terms=ladder.terms(growth={"per_yuan": 3}), at=world.NOW),
        starts_on=sights.TODAY, at=world.NOW,
    )  # fmt: skip
    leveling.assess_all(as_of=sights.TODAY, at=world.NOW)
    assert (level(), last()) == ("G", "new_scheme")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("path", [MOVES, ADJUSTMENTS])
def test_the_lists_open_in_few_queries(path, language):
    level_schemes.adjust(member=world.member("V1"), growth=150, reason="客诉补偿", key="k", at=world.NOW)
    heard()
    browser = sights.browser("hq", language)
    with sights.asked() as asked:
        said = sights.text(browser.get(path))
    assert "V1" in said
    assert len(asked) <= sights.MOST_QUERIES


def listed(browser, **words):
    rows = browser.get(MOVES, words).context["cl"].result_list
    return [(row.member.member_no, row.to_level.code, row.reason) for row in rows]


def test_moves_are_narrowed_by_level_reason_and_day():
    buy("A", "100")
    heard()
    browser = sights.browser("hq")
    assert listed(browser) == [("V1", "S", "reached"), ("V2", "C", "first"), ("V1", "C", "first")]
    silver = LevelMove.objects.get(reason="reached").to_level_id
    assert listed(browser, to=silver) == listed(browser, reason="reached") == [("V1", "S", "reached")]
    assert len(listed(browser, moved_from="2026-06-01", moved_to="2026-06-30")) == 3
    assert listed(browser, moved_to="2026-05-31") == []
    assert listed(browser, q="V2") == [("V2", "C", "first")]


def test_both_lists_are_taken_out_within_sight_and_a_reason_is_not_for_every_eye():
    for number in ("V1", "V2"):
        level_schemes.adjust(member=world.member(number), growth=5, reason="张三来电", key=number, at=world.NOW)
    files = {
        role: sights.text(sights.browser(role).post(f"{ADJUSTMENTS}export/", {"format": "csv"}))
        for role in ("hq", "auditor", "manager")
    }
    assert ("V2" in files["hq"], "张三来电" in files["hq"]) == (True, True)
    assert ("V2" in files["auditor"], "张三" in files["auditor"]) == (True, False)
    assert ("V1" in files["manager"], "V2" in files["manager"]) == (True, False)
    assert "首次定级" in sights.text(sights.browser("hq").post(f"{MOVES}export/", {"format": "csv"}))


def test_her_page_leads_to_her_moves_and_to_the_adjusting_for_whom_it_is():
    her = f"/admin/members/member/{world.member('V1').pk}/change/"
    pages = {role: sights.text(sights.browser(role).get(her)) for role in ("hq", "manager")}
    assert all(f"{MOVES}?q=V1" in page for page in pages.values())
    assert (f"{ADJUST}?member=V1" in pages["hq"], f"{ADJUST}?member=V1" in pages["manager"]) == (True, False)
    assert f"{MOVES}{LevelMove.objects.get(member__member_no='V1').pk}/change/" in pages["hq"]
