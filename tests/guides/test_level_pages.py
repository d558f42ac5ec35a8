"""Levels where people see them: HQ's list, card and override, a guide's phone, a manager's team."""

from datetime import date

import pytest

from guides.models import GuideLevelMove
from tests import earning, levelling, serving, sights, world

LIST = "/admin/stores/post/"
MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)


@pytest.fixture(autouse=True)
def months(noon):
    """小美 went up in May and sells 6 500 this June; 小丽 stayed."""
    levelling.shops()
    levelling.ruled()
    levelling.sell(MAY, 9_000)
    levelling.assess(MAY)
    levelling.sell(JUNE, 6_500)


def card(staff_no="G1"):
    return f"{LIST}{serving.post(staff_no).pk}/change/"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_hq_sees_where_guides_stand_and_how_a_month_was_reckoned(language):
    hq = sights.browser("hq", language)
    for path, words in ((LIST, "L2"), (f"{LIST}?level=2&outcome=promoted", "小美"), (card(), "¥9,000.00"),
                        (f"{card()}?month=2026-05", "L1 → L2"), (card("G2"), "L1 → L1")):  # fmt: skip
        with sights.asked() as queries:
            answer = hq.get(path)
        assert (answer.status_code, words in sights.text(answer)) == (200, True)
        assert len(queries) <= sights.MOST_QUERIES
    assert "小丽" not in sights.text(hq.get(f"{LIST}?level=2"))
    told = hq.get(card()).context["reckoned"]
    assert (told.cents, told.below, [part.own for part in told.parts]) == (900_000, 0, [True])


def test_what_was_refunded_since_the_assessment_is_told_beside_it():
    earning.refund("1000.00", order_no="05G19000", refunded_at="2026-06-12")
    told = sights.browser("hq").get(card()).context["reckoned"]
    assert (told.assessment.sales_cents, told.moved_cents) == (900_000, -100_000)


def test_a_manager_sees_her_stores_guides_and_takes_them_out_and_overrides_none():
    manager = sights.browser("manager")
    said = sights.text(manager.get(LIST))
    assert "小美" in said
    assert "阿强" not in said
    assert manager.get(card("G9")).status_code == 404
    assert "9000.00" in sights.text(manager.post(f"{LIST}export/", {"format": "csv"}))
    path = f"{LIST}{serving.post('G1').pk}/override/"
    assert manager.post(path, {"level": "3", "reason": "好"}).status_code == 403
    assert sights.browser("guide").get(LIST).status_code == 403


def test_hq_overrides_a_level_and_says_why():
    hq, path = sights.browser("hq"), f"{LIST}{serving.post('G1').pk}/override/"
    assert '<option value="2" selected' in sights.text(hq.get(path))
    for wrong in ({"level": "2", "reason": "好"}, {"level": "13", "reason": "好"}, {"level": "3", "reason": ""}):
        answer = hq.post(path, wrong)
        assert answer.status_code == 422
        assert "hq-bad" in sights.text(answer)
    assert GuideLevelMove.objects.count() == 1
    assert hq.post(path, {"level": "3", "reason": "带教新人"}).status_code == 302
    assert levelling.level() == 3
    assert "带教新人" in sights.text(hq.get(card()))


@pytest.mark.parametrize(("language", "missing"), [("zh-hans", "距 L3 还差"), ("en", "missing to L3")])
def test_a_guide_sees_what_is_missing_to_the_next_level(language, missing):
    phone = serving.phone("G1", language)
    with sights.asked() as queries:
        said = sights.text(phone.get("/g/pay/level/"))
    assert len(queries) <= sights.MOST_QUERIES
    for words in ("L2", missing, "2026-05", "L1 → L2"):
        assert words in said
    stands = phone.get("/g/pay/level/").context["stands"]
    assert (stands.cents, stands.missing_cents) == (650_000, 1_350_000)
    assert "/g/pay/level/" in sights.text(phone.get("/g/me/"))


def test_a_manager_s_phone_shows_her_team_and_a_guide_s_does_not():
    world.staff(*({"staff_no": f"N{i}", "name": f"新{i}", "store_code": "SH01", "role": "guide"} for i in range(9)))
    manager = serving.phone("M1")
    with sights.asked() as queries:
        said = sights.text(manager.get("/g/team/levels/"))
    assert len(queries) <= sights.MOST_QUERIES
    assert "小美" in said
    assert "阿强" not in said
    assert serving.phone("G1").get("/g/team/levels/").status_code == 403
