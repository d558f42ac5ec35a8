"""HQ writes policies in the browser: the level table row by row, refused where it makes no table."""

import pytest

from guides.models import Policy, PolicyStart
from guides.queries import level_proposals
from guides.queries.policy_terms import read_levels
from tests import sights, world

LIST, DRAFT = "/admin/guides/policy/", "/admin/guides/policy/levels/draft/"


@pytest.fixture(autouse=True)
def _noon(noon):
    world.chain()


def cells(browser, **more):
    """The cells of the form as it stands."""
    return {**browser.get(DRAFT).context["cells"], "seen": "0", **more}


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_first_table_is_proposed_kept_published_and_shown(language):
    browser = sights.browser("hq", language)
    with sights.asked() as queries:
        given = cells(browser, do="publish", starts_on="2026-06-01", note="首版")
    assert len(queries) <= sights.MOST_QUERIES
    answer = browser.post(DRAFT, given)
    assert answer.status_code == 302
    assert Policy.objects.get().terms == level_proposals.table()
    assert f"{PolicyStart.objects.get().starts_on}" == "2026-06-01"
    for page in (answer.url, LIST, f"{LIST}?kind=levels", DRAFT):
        with sights.asked() as queries:
            assert browser.get(page).status_code == 200
        assert len(queries) <= sights.MOST_QUERIES
    assert "70000.00" in sights.text(browser.get(answer.url))
    assert "首版" in sights.text(browser.get(LIST))


@pytest.mark.parametrize(("wrong", "cell", "why"), [
    ({"3-high": "40000"}, "4-low", "L4 · 销售额起（元）"), ({"3-high": "60000"}, "4-low", "重叠"),
    ({"3-high": "40000"}, "4-low", "空档"), ({"2-low": "abc"}, "2-low", "L2"), ({"1-low": "5"}, "1-low", "从 0 起"),
    ({"12-high": "900000"}, "12-high", "不设上限"), ({"5-tools": "6"}, "5-tools", "L5 · 工具应用"),
    ({"grace_months": "x"}, "grace_months", "宽限"), ({"3-high": "20000"}, "3-high", "大于下限"),
    ({"7-low": "", "7-high": "", "7-theme": ""}, "7-low", "L7"),
])  # fmt: skip
def test_what_makes_no_table_is_told_at_its_row_and_nothing_is_kept(wrong, cell, why):
    browser = sights.browser("hq")
    answer = browser.post(DRAFT, {**cells(browser), **wrong, "do": "publish"})
    assert answer.status_code == 422
    assert answer.context["wrong"] == cell
    assert why in sights.text(answer)
    assert not Policy.objects.exists()


def test_fewer_levels_do_and_two_editors_do_not_overwrite_each_other():
    browser = sights.browser("hq")
    given = cells(browser, do="keep", **{"2-high": ""})
    short = {name: "" if name.split("-")[0] in map(str, range(3, 13)) else value for name, value in given.items()}
    assert browser.post(DRAFT, short).status_code == 302
    assert len(read_levels(Policy.objects.get().terms).bands) == 2
    assert browser.post(DRAFT, {**given, "2-high": "20000"}).status_code == 422
    assert Policy.objects.count() == 1


def test_an_auditor_reads_policies_and_only_hq_writes_them():
    hq, auditor = sights.browser("hq"), sights.browser("auditor")
    assert auditor.post(DRAFT, cells(hq, do="keep")).status_code == 403
    answer = hq.post(DRAFT, cells(hq, do="keep"))
    assert auditor.get(answer.url).status_code == 200
    assert "draft/" not in sights.text(auditor.get(answer.url))
    assert sights.browser("guide").get(answer.url).status_code == 403
