"""A brand's settings: what each may hold, the newest counts, the former stay."""

import pytest

from newretail.kernel import brand as settings_in_force
from newretail.kernel.actions import settings
from newretail.kernel.declared import DECLARED
from newretail.kernel.models import JournalEntry, Setting
from tests import sights, world

pytestmark = pytest.mark.usefixtures("brand")


def put(key, value):
    return settings.put(key=key, value=value, at=world.NOW)


GOOD = [
    ("lifecycle_months", [1, 2, 3, 4]), ("new_days", 1), ("super_orders", 99_999), ("super_cents", 0), ("super_cents", None),
    ("core_days", 30), ("rfm_cuts", None), ("rfm_cuts", {"frequency": [1, 1, 2, 3]}),
    ("rfm_cuts", {"last_day": ["2026-01-01", "2026-01-01", "2026-02-28", "2026-03-01"], "monetary": [0, 1, 2, 3]}),
]  # fmt: skip
BAD = [
    ("lifecycle_months", [3, 6, 9]), ("lifecycle_months", [3, 3, 6, 9]), ("lifecycle_months", [9, 6, 3, 1]),
    ("lifecycle_months", [0, 1, 2, 3]), ("lifecycle_months", "3,6,9,12"), ("lifecycle_months", [True, 6, 9, 12]),
    ("lifecycle_months", None), ("new_days", 0), ("new_days", -1), ("new_days", "90"), ("new_days", 90.0),
    ("new_days", True), ("new_days", None), ("super_orders", 100_000), ("super_cents", -1), ("super_cents", 1.5),
    ("core_days", []), ("rfm_cuts", {}), ("rfm_cuts", []), ("rfm_cuts", {"frequency": [1, 2, 3]}),
    ("rfm_cuts", {"frequency": [4, 3, 2, 1]}), ("rfm_cuts", {"frequency": None}), ("rfm_cuts", {"other": [1, 2, 3, 4]}),
    ("rfm_cuts", {"last_day": ["2026-02-30"] * 4}), ("rfm_cuts", {"last_day": ["20260201"] * 4}),
    ("rfm_cuts", {"last_day": [1, 2, 3, 4]}), ("rfm_cuts", {"monetary": [1, 2, 3, "4"]}),
]  # fmt: skip


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_a_setting_holds_what_it_was_given(key, value):
    put(key, value)
    assert settings_in_force.setting(key) == value


@pytest.mark.parametrize(("key", "value"), BAD)
def test_a_setting_refuses_what_it_cannot_hold(key, value):
    with pytest.raises(settings.BadValue):
        put(key, value)
    assert not Setting.objects.exists()


def test_every_default_is_a_value_its_setting_may_hold():
    assert [key for key, declared in DECLARED.items() if not declared.holds(declared.default)] == []


@pytest.mark.parametrize("key", DECLARED)
def test_a_setting_nobody_set_has_its_default(key):
    assert settings_in_force.setting(key) == DECLARED[key].default


def test_the_newest_value_counts_and_the_former_stay():
    for days in (30, 60, 45):
        put("new_days", days)
    assert settings_in_force.setting("new_days") == 45
    assert list(Setting.objects.order_by("id").values_list("value", flat=True)) == [30, 60, 45]


def test_nothing_set_anew_is_a_value_too():
    put("super_cents", 5000)
    put("super_cents", None)
    assert settings_in_force.setting("super_cents") is None


def test_a_change_is_told_by_its_key_alone():
    put("super_cents", 123_456)
    line = JournalEntry.objects.get(name="kernel.setting.put")
    assert (line.subject, line.facts) == ("super_cents", {})


def test_a_setting_there_is_not_is_refused_by_name():
    with pytest.raises(settings.UnknownSetting) as refused:
        put("colour", "red")
    assert "colour" in str(refused.value)


def test_a_setting_is_of_its_brand_alone(other_brand):
    put("new_days", 30)
    with other_brand:
        assert settings_in_force.setting("new_days") == 90


def test_a_page_that_only_shows_reads_them_once():
    settings.put(key="new_days", value=30, at=world.NOW)
    with settings_in_force.read_together(), sights.asked() as questions:
        assert (settings_in_force.setting("new_days"), settings_in_force.setting("super_orders")) == (30, 3)
        assert settings_in_force.in_force("gate_members", "new_days") == {"gate_members": 2000, "new_days": 30}
        assert settings_in_force.setting("zone") == "Asia/Shanghai"
    assert len(questions) == 1
    settings.put(key="new_days", value=60, at=world.NOW)
    assert settings_in_force.setting("new_days") == 60
