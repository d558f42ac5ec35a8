"""Points in the HQ admin: lists, an account with its correction, rules in versions, what is owed by month."""

import pytest

from members.actions import points
from members.actions.points import Name
from members.models import EarnRule, Member, PointsAccount, PointsEntry
from tests import sights, world
from tests.members import purse

ACCOUNTS = "/admin/members/pointsaccount/"
NEXT = "/admin/members/earnrule/next/"
RULE = {"code": "base", "name": "基础积分", "from_on": "2026-06-01", "points_per_yuan": "1", "multiplier": "1.5",
        "valid_days": "365", "min_yuan": "20"}  # fmt: skip

pytestmark = pytest.mark.usefixtures("traded")


def earn(member="V1"):
    row = Member.objects.get(member_no=member)
    points.earn(member=row, points=100, name=Name("mall", member), at=world.NOW)
    return PointsAccount.objects.get(member=row)


def test_every_page_shows_points_in_few_queries():
    account = earn()
    browser = sights.browser("hq")
    browser.get(ACCOUNTS)
    for path in ("", f"{account.pk}/change/", "liability/"):
        with sights.asked() as asked:
            answer = browser.get(ACCOUNTS + path)
        assert answer.status_code == 200
        assert "100" in sights.text(answer)
        assert len(asked) <= sights.MOST_QUERIES
    assert "获得" in sights.text(browser.get("/admin/members/pointsentry/"))


def test_hq_adjusts_with_a_reason_once_and_a_manager_may_not():
    account = earn()
    given = {"points": "-30", "reason": "误发", "once": "one"}
    assert sights.browser("manager").post(f"{ACCOUNTS}{account.pk}/adjust/", given).status_code == 403
    assert PointsEntry.objects.count() == 1
    browser = sights.browser("hq")
    for _ in range(2):
        assert browser.post(f"{ACCOUNTS}{account.pk}/adjust/", given).status_code == 302
    assert purse.held() == (70, 0, 0)
    assert str(PointsEntry.objects.get(kind="adjust").by) == "hq"


@pytest.mark.parametrize(
    "wrong", [{"points": "-101"}, {"points": "1.5"}, {"points": "１"}, {"points": ""}, {"reason": " "}]
)
def test_what_cannot_be_adjusted_is_said_on_the_page(wrong):
    account = earn()
    given = {"points": "5", "reason": "补", "once": "one", **wrong}
    answer = sights.browser("hq").post(f"{ACCOUNTS}{account.pk}/adjust/", given)
    assert answer.status_code == 422
    assert 'role="alert"' in sights.text(answer)
    assert purse.held() == (100, 0, 0)


def test_a_version_of_a_rule_is_written_and_the_next_begins_with_it():
    assert sights.browser("manager").post(NEXT, RULE).status_code == 403
    browser = sights.browser("hq")
    assert browser.post(NEXT, RULE).status_code == 302
    row = EarnRule.objects.get()
    assert (row.version, row.multiplier_bp, row.min_cents) == (1, 15_000, 2000)
    assert 'value="基础积分"' in sights.text(browser.get(f"{NEXT}?code=base"))
    assert browser.post(NEXT, {**RULE, "from_on": "2026-07-01"}).status_code == 302
    listed = sights.text(browser.get("/admin/members/earnrule/"))
    assert "现行" in listed
    assert "未生效" in listed


@pytest.mark.parametrize("wrong", [{"min_yuan": "1.234"}, {"multiplier": "0"}, {"valid_days": "0"}, {"code": ""}])
def test_a_rule_that_says_nothing_is_refused_on_the_page(wrong):
    assert sights.browser("hq").post(NEXT, {**RULE, **wrong}).status_code == 422
    assert not EarnRule.objects.exists()


def test_what_is_owed_is_told_by_month_and_taken_out():
    earn()
    earn("V2")
    browser = sights.browser("hq")
    assert "2027-06,200,0,2" in sights.text(browser.post(f"{ACCOUNTS}liability/export/"))
    seen = sights.browser("manager")
    assert "2027-06,100,0,1" in sights.text(seen.post(f"{ACCOUNTS}liability/export/"))
