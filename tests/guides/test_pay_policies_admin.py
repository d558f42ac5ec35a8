"""HQ writes credit rules and commission schemes in the browser, tries them on real orders and on past months."""

from datetime import date, timedelta

import pytest

from guides.models import CommissionEntry, PaySimulation, Policy, PolicyStart
from guides.queries import pay_proposals
from newretail.kernel.actions import jobs
from newretail.kernel.models import JobRun
from tests import earning, serving, sights, world

LIST, CREDITS, SCHEME = (f"/admin/guides/policy/{page}" for page in ("", "credits/draft/", "commission/draft/"))
PROPOSED = {CREDITS: pay_proposals.credit_rules(), SCHEME: pay_proposals.scheme()}


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    world.buy(world.order("A1", "100.00", "2026-05-10", member_no="V1", store_code="SH01", staff_no="G1"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"})
    world.refund({"order_no": "A1", "refund_no": "R1", "line_no": 1, "amount": "40.00", "refunded_at": "2026-05-12"})


def cells(browser, page, **more):
    """The form as it stands, as a browser would send it."""
    context = browser.get(page).context
    given = {name: value for name, value in context["cells"].items() if isinstance(value, str)}
    for _of, _word, _named, drawn in context.get("factors", []):
        given |= {name: value for row in drawn for name, value in row}
    given |= {name: value for row in context.get("steps", []) for name, value in row}
    return {**given, "seen": "0", **more}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("page", [CREDITS, SCHEME])
def test_what_is_proposed_is_kept_and_shown(page, language):
    browser = sights.browser("hq", language)
    with sights.asked() as queries:
        given = cells(browser, page, do="keep", note="首版")
    assert len(queries) <= sights.MOST_QUERIES
    answer = browser.post(page, given)
    assert answer.status_code == 302
    assert Policy.objects.get().terms == PROPOSED[page]
    assert not PolicyStart.objects.exists()
    for each in (answer.url, LIST, page):
        with sights.asked() as queries:
            assert browser.get(each).status_code == 200
        assert len(queries) <= sights.MOST_QUERIES
    assert browser.post(page, {**given, "return_days": "5", "share_days": "5"}).status_code == 422


@pytest.mark.parametrize(("page", "wrong", "cell", "why"), [
    (CREDITS, {"bonded@*": "60"}, "seller@*", "100%"), (CREDITS, {"bonded@*": "x"}, "bonded@*", "其他所有渠道"),
    (CREDITS, {"seller@store": "100.001"}, "seller@store", "门店"), (CREDITS, {"share_days": "99"}, "share_days", "天"),
    (CREDITS, {"seller@live": "-5"}, "seller@live", "直播"), (CREDITS, {"pool@a\0b": "100"}, "", "文本"),
    (SCHEME, {"rate-3": "101"}, "rate-3", "L3"), (SCHEME, {"fresh_bp": "a"}, "fresh_bp", "首购"),
    (SCHEME, {"month_most_cents": "0"}, "month_most_cents", "封顶"), (SCHEME, {"bounty_cents": "-1"}, "bounty_cents", "奖"),
    (SCHEME, {"categories-1-name": "无此类", "categories-1-bp": "120"}, "categories-0-bp", "无此类"),
    (SCHEME, {"products-0-name": "NONE", "products-0-bp": "120"}, "products-0-bp", "NONE"),
    (SCHEME, {"products-0-name": "TEA", "products-0-bp": "1200.5"}, "products-0-bp", "TEA"),
    (SCHEME, {"products-0-name": "", "products-0-bp": "120"}, "products-0-name", "商品"),
    (SCHEME, {**{f"channels-{i}-name": "store" for i in (0, 1)}, "channels-0-bp": "90"}, "channels-0-bp", "重复"),
    (SCHEME, {"steps-1-from_cents": "20000"}, "steps-1-from_cents", "阶梯"),
    (SCHEME, {"steps-0-pay_cents": "x"}, "steps-0-pay_cents", "阶梯"),
    (SCHEME, {f"rate-{level}": "" for level in range(1, 13)}, "rate-1", "等级"),
])  # fmt: skip
def test_what_makes_no_policy_is_told_at_its_cell_and_nothing_is_kept(page, wrong, cell, why):
    browser = sights.browser("hq")
    answer = browser.post(page, {**cells(browser, page), **wrong, "do": "publish"})
    assert answer.status_code == 422
    assert not cell or answer.context["wrong"] == cell
    assert why in answer.context["refusal"]
    assert not cell or 'aria-invalid="true"' in sights.text(answer)
    assert not Policy.objects.exists()


def test_a_draft_is_tried_on_the_newest_orders_with_its_arithmetic_and_nothing_is_kept():
    browser = sights.browser("hq")
    factor = {"categories-0-name": "茶", "categories-0-bp": "150"}
    said = sights.text(browser.post(SCHEME, cells(browser, SCHEME, do="look", **factor)))
    assert "L1 2% × 商品 150% × 首次购买 120% = 3.6%" in said
    assert "¥100.00 × 3.6% × 100% − ¥1.44 (已退 ¥40.00) = ¥2.16" in said
    said = sights.text(
        browser.post(CREDITS, cells(browser, CREDITS, do="look", **{"seller@store": "", "bonded@store": "100"}))
    )
    assert "hq-empty" in said
    assert not Policy.objects.exists()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_draft_is_simulated_before_anything_is_published_and_taken_out_as_a_file(language):
    browser = sights.browser("hq", language)
    asked = browser.post(SCHEME, cells(browser, SCHEME, do="simulate")).url
    page = f"{LIST}{Policy.objects.get().pk}/simulation/"
    assert asked == f"{page}?from=2026-03&to=2026-05"
    assert "hq-progress" in sights.text(browser.get(asked))
    assert browser.post(f"{page}export/?from=2026-03&to=2026-05", {"format": "csv"}).status_code == 302
    assert browser.post(page, {"from": "2026-03", "to": "2026-05"}).url == asked
    jobs.perform(run=JobRun.objects.get(name="simulate_pay"))
    said = sights.text(browser.get(page))
    assert "hq-progress" not in said
    assert "¥1.44" in said
    assert "小美" in said
    file = sights.text(browser.post(asked.replace("?", "export/?"), {"format": "csv"}))
    assert "G1,小美,上海南京西路店,0.00,1.44,1.44" in file
    assert b"".join(browser.post(f"{page}export/", {"format": "xlsx"}).streaming_content)[:2] == b"PK"
    assert browser.get(f"{page}export/").status_code == 302
    assert sights.browser("auditor").get(page).status_code == 403
    assert not CommissionEntry.objects.exists()


@pytest.mark.parametrize(("first", "last", "taken"), [
    ("2026-04", "2026-05", True), ("2024-06", "2026-05", True), ("2024-05", "2026-05", False),
    ("2026-05", "2026-04", False), ("2026-05", "2026-06", False), ("5月", "2026-05", False), ("", "", False),
])  # fmt: skip
def test_a_simulation_is_of_months_that_are_over(first, last, taken):
    browser = sights.browser("hq")
    browser.post(SCHEME, cells(browser, SCHEME, do="keep"))
    page = f"{LIST}{Policy.objects.get().pk}/simulation/"
    answer = browser.post(page, {"from": first, "to": last}, follow=True)
    assert ("请选择已结束的月份" in sights.text(answer)) is not taken
    assert PaySimulation.objects.count() == JobRun.objects.count() == int(taken)


def test_two_simulations_of_a_version_stand_beside_each_other():
    browser = sights.browser("hq")
    browser.post(SCHEME, cells(browser, SCHEME, do="keep"))
    page = f"{LIST}{Policy.objects.get().pk}/simulation/"
    for count in ("1", "12"):
        browser.post(page, {"months": count})
    for run in JobRun.objects.order_by("pk"):
        jobs.perform(run=run)
    shown = browser.get(f"{page}?from=2026-05&to=2026-05").context
    assert [str(one) for one in shown["asked"]] == ["2025-06 – 2026-05", "2026-05 – 2026-05"]
    assert list(shown["told"].months) == [date(2026, 5, 1)]
    assert len(browser.get(page).context["told"].months) == 12


def test_with_both_published_earlier_orders_are_settled_by_a_run_that_is_queued():
    browser = sights.browser("hq")
    browser.post(CREDITS, cells(browser, CREDITS, do="publish", starts_on="2026-05-01"))
    assert not JobRun.objects.exists()
    browser.post(SCHEME, cells(browser, SCHEME, do="publish", starts_on="2026-05-01"))
    run = JobRun.objects.get(name="settle_commission")
    assert run.params == {"from": "2026-05-01", "to": f"{sights.TODAY + timedelta(days=1)}"}
    jobs.perform(run=run)
    assert {("accrue", 240), ("claw_back", -96)} <= set(earning.moves())
    answer = browser.post(
        SCHEME, cells(browser, SCHEME, do="publish", starts_on="2026-06-15", seen="1", return_days="9")
    )
    assert answer.status_code == 422
    assert "明天" in answer.context["refusal"]
    assert Policy.objects.filter(kind="commission").count() == 1


def test_the_page_of_a_scheme_says_that_it_pays_one_level_only():
    assert "禁止传销条例" in sights.text(sights.browser("hq").get(SCHEME))
