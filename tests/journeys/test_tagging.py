"""HQ tags the members of a list in the browser, and adds the example rules."""

from members.models import Coupon, MemberTag, TagRule
from tests import coupons as cast
from tests.journeys.test_hq_day import sign_in, too_wide


def test_hq_adds_the_example_rules_and_tags_a_list(page, aside):
    sign_in(page, "hq")
    page.goto("/admin/members/tag/")
    page.get_by_role("button", name="添加示例规则").click()
    page.wait_for_selector("text=已保存 2 条示例规则")
    assert aside(TagRule.objects.count) == 2
    page.goto("/admin/members/member/?q=V1")
    page.get_by_role("link", name="给这些会员打标签").click()
    page.wait_for_selector("text=名单中的 1 位会员")
    assert too_wide(page) <= 0
    page.select_option("select[name=tag]", label="上班族")
    page.fill("input[name=reason]", "店长核实")
    page.get_by_role("button", name="执行").click()
    page.wait_for_selector("text=已更新 1 位会员")
    assert too_wide(page) <= 0
    assert aside(lambda: list(MemberTag.objects.filter(tag__name="上班族").values_list("member__member_no", flat=True))) == [
        "V1"
    ]  # fmt: skip


def test_hq_ticks_members_and_issues_them_a_coupon(page, aside):
    aside(lambda: cast.plan(amount_cents=1_000, name="十元券"))
    sign_in(page, "hq")
    page.goto("/admin/members/member/")
    page.locator("input.action-select").first.check()
    page.select_option("select[name=action]", label="给这些会员发券")
    page.locator("button[name=index], button[type=submit][form=changelist-form]").first.click()
    page.wait_for_selector("text=已勾选 1 位会员")
    assert too_wide(page) <= 0
    page.select_option("select[name=plan]", label="十元券")
    page.fill("input[name=occasion]", "老友回馈")
    page.get_by_role("button", name="执行").click()
    page.wait_for_selector("text=已发 1")
    assert aside(Coupon.objects.count) == 1
