"""The settings page: HQ changes, others look or stay out; a bad value is told and changes nothing."""

import pytest

from newretail.kernel import brand as in_force
from newretail.kernel.actions import settings
from newretail.kernel.models import Setting
from tests import sights, world

pytestmark = pytest.mark.usefixtures("noon")
PAGE = "/admin/kernel/setting/"


def card(response, key):
    cards = [card for _, group in response.context["groups"] for card in group]
    return next(card for card in cards if card.key == key)


def save(client, key, **given):
    return client.post(PAGE, {"key": key, "seen": "0", **given})


GOOD = [
    ("new_days", {"value": "60"}, 60), ("super_cents", {"value": "1234.5"}, 123_450), ("super_cents", {"value": ""}, None),
    ("lifecycle_months", {"value_0": "2", "value_1": "4", "value_2": "6", "value_3": "8"}, [2, 4, 6, 8]),
    ("rfm_cuts", {"frequency_0": "1", "frequency_1": "2", "frequency_2": "3", "frequency_3": "5"}, {"frequency": [1, 2, 3, 5]}),
    ("rfm_cuts", {"last_day_0": "2026-01-01", "last_day_1": "2026-02-01", "last_day_2": "2026-03-01", "last_day_3": "2026-04-01",
                  "monetary_0": "1", "monetary_1": "2.50", "monetary_2": "3", "monetary_3": "4"},
     {"last_day": ["2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"], "monetary": [100, 250, 300, 400]}),
    ("rfm_cuts", {}, None), ("programme_phase", {"value": "steady"}, "steady"), ("gate_needs", {"value": "any"}, "any"),
    ("zone", {"value": "Asia/Tokyo"}, "Asia/Tokyo"), ("currency", {"value": "HKD"}, "HKD"), ("month_first_day", {"value": "26"}, 26),
]  # fmt: skip


@pytest.mark.parametrize(("key", "given", "value"), GOOD)
def test_hq_sets_a_value_that_makes_sense(key, given, value):
    assert save(sights.browser("hq"), key, **given).status_code == 302
    assert in_force.setting(key) == value
    assert Setting.objects.get().by.username == "hq"


BAD = [
    ("new_days", {"value": "0"}), ("new_days", {"value": "９０"}), ("new_days", {"value": "-5"}), ("new_days", {"value": "1.5"}),
    ("new_days", {"value": ""}), ("super_cents", {"value": "-1"}), ("super_cents", {"value": "1.234"}),
    ("gate_sales_cents", {"value": ""}), ("lifecycle_months", {"value_0": "3"}),
    ("lifecycle_months", {"value_0": "9", "value_1": "6", "value_2": "3", "value_3": "1"}),
    ("rfm_cuts", {"frequency_0": "1"}), ("rfm_cuts", {f"last_day_{i}": "2026-02-30" for i in range(4)}),
    ("programme_phase", {"value": "ended"}), ("zone", {"value": "Asia/Nowhere"}), ("currency", {"value": "ZZZ"}),
    ("month_first_day", {"value": "29"}), ("year_first_month", {"value": "13"}), ("zone", {"value": "../../etc/passwd"}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "given"), BAD)
def test_a_value_that_makes_no_sense_is_told_where_it_was_typed_and_changes_nothing(key, given):
    response = save(sights.browser("hq"), key, **given)
    assert response.status_code == 400
    assert card(response, key).refused
    assert card(response, key).text == given.get("value", "")
    assert not Setting.objects.exists()


def test_the_sentence_stands_in_the_language_at_work():
    client = sights.browser("hq", "en")
    assert "allowed: a whole number from 1 to 99,999" in sights.text(save(client, "new_days", value="x"))
    client.cookies["django_language"] = "zh-hans"
    assert "允许：1 到 99,999 的整数" in sights.text(save(client, "new_days", value="x"))


def test_an_auditor_reads_a_manager_stays_out_and_hq_changes():
    world.chain()
    auditor = sights.browser("auditor")
    assert '<form method="post" action="#new_days"' not in sights.text(auditor.get(PAGE))
    assert save(auditor, "new_days", value="30").status_code == 403
    assert sights.browser("manager").get(PAGE).status_code == 403
    assert save(sights.browser("manager"), "new_days", value="30").status_code == 403
    assert not Setting.objects.exists()
    assert save(sights.browser("hq"), "new_days", value="30").status_code == 302


def test_whoever_saves_second_is_told_that_it_changed_meanwhile():
    client = sights.browser("hq")
    assert save(client, "new_days", value="30").status_code == 302
    second = save(client, "new_days", value="40")
    assert second.status_code == 400
    assert "期间有人修改了" in card(second, "new_days").refused
    assert in_force.setting("new_days") == 30
    assert save(client, "new_days", value="40", seen=str(Setting.objects.get().pk)).status_code == 302


def test_zone_and_currency_are_fixed_once_the_brand_trades():
    client = sights.browser("hq")
    assert save(client, "zone", value="Asia/Tokyo").status_code == 302
    seen = str(Setting.objects.get().pk)
    world.people({"member_no": "V1"})
    for key, value, was in (("zone", "Asia/Shanghai", seen), ("currency", "USD", "0")):
        refused = save(client, key, value=value, seen=was)
        assert refused.status_code == 400
        assert "已固定" in card(refused, key).refused
        assert card(client.get(PAGE), key).fixed
    assert (in_force.setting("zone"), in_force.setting("currency")) == ("Asia/Tokyo", "CNY")


def test_a_brands_zone_is_its_own(other_brand):
    assert save(sights.browser("hq"), "zone", value="Asia/Tokyo").status_code == 302
    with other_brand:
        assert in_force.setting("zone") == "Asia/Shanghai"


def test_the_history_tells_who_set_what_from_what_to_what():
    client = sights.browser("hq")
    save(client, "super_cents", value="100")
    save(client, "super_cents", value="", seen=str(Setting.objects.get().pk))
    changes = card(client.get(PAGE), "super_cents").changes
    assert [(str(each.by), each.was, each.now) for each in changes] == [
        ("hq", "¥100.00", "自动计算"), ("hq", "自动计算", "¥100.00"),
    ]  # fmt: skip


def test_only_the_last_ten_changes_are_shown_and_the_oldest_shown_has_what_was_before():
    for days in range(1, 15):
        settings.put(key="new_days", value=days, at=world.NOW)
    changes = card(sights.browser("hq").get(PAGE), "new_days").changes
    assert [(each.was, each.now) for each in (changes[0], changes[-1])] == [("13 天", "14 天"), ("4 天", "5 天")]
    assert len(changes) == 10


def test_the_measured_percentile_is_proposed_for_a_super_customer():
    sights.trade()
    assert card(sights.browser("hq").get(PAGE), "super_cents").proposal == ""
    sights.night()
    assert card(sights.browser("hq").get(PAGE), "super_cents").proposal == "¥170.00"


@pytest.mark.parametrize(("phase", "month", "members"), [
    ("starting", "本月拉新", "会员"), ("growing", "本月销售额", "复购率"), ("steady", "本月销售额", "超级客户"),
])  # fmt: skip
def test_the_phase_decides_what_stands_first_on_the_overview(phase, month, members):
    sights.trade()
    sights.night()
    settings.put(key="programme_phase", value=phase, at=world.NOW)
    shown = sights.browser("hq").get("/admin/").context
    assert (shown["month_tiles"][0].name, shown["member_tiles"][0].name) == (month, members)


def test_a_setting_there_is_not_is_told_by_name():
    response = save(sights.browser("hq"), "colour", value="red")
    assert response.status_code == 400
    assert "没有名为 colour 的设置" in sights.text(response)


def test_the_page_asks_at_most_twelve_questions_whatever_was_changed():
    client = sights.browser("hq")
    client.get(PAGE)
    for days in range(1, 30):
        settings.put(key="new_days", value=days, at=world.NOW)
        settings.put(key="core_days", value=days, at=world.NOW)
    with sights.asked() as asked:
        client.get(PAGE)
    assert len(asked) <= sights.MOST_QUERIES
