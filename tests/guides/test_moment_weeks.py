"""The rule of a week: 4 days about products, 2 about life, two second posts, one of them brand advertising."""

from collections import Counter

import pytest

from guides.queries import moment_weeks
from guides.queries.moment_weeks import Rule, shape
from tests.moments import WEEK


def counted(rule):
    return Counter(str(each.category) for each in shape(rule))


def test_a_week_has_six_days_four_about_products_two_about_life_and_two_second_posts():
    week = shape(Rule())
    assert [each.category for each in week[:6]] == ["product", "product", "life", "product", "product", "life"]
    assert [(each.weekday, each.category) for each in week[6:]] == [(1, "brand"), (4, "product")]
    assert [each.nth for each in week] == list(range(1, 9))


def test_noon_and_evening_take_turns_and_a_second_post_is_at_the_other_time():
    taken = [(each.weekday, each.part) for each in shape(Rule())]
    assert [part for _day, part in taken[:6]] == ["noon", "evening"] * 3
    assert len(set(taken)) == len(taken)


def test_read_as_two_times_a_day_each_day_has_both_and_advertising_stays_one():
    assert counted(Rule(daily=True)) == {"product": 7, "life": 4, "brand": 1}
    assert Counter(each.weekday for each in shape(Rule(daily=True))) == dict.fromkeys(range(6), 2)


def test_without_advertising_its_slot_is_about_a_product():
    assert counted(Rule(adverts=0)) == {"product": 6, "life": 2}


@pytest.mark.parametrize("product", range(1, 6))
@pytest.mark.parametrize("life", range(3))
@pytest.mark.parametrize("daily", [False, True])
def test_whatever_the_rule_its_days_are_kept_and_advertising_is_once(product, life, daily):
    week = shape(Rule(product, life, daily=daily))
    firsts = Counter(str(each.category) for each in week[: product + life])
    assert firsts == Counter({"product": product, "life": life})
    assert max(each.weekday for each in week) < 7
    assert counted(Rule(product, life, daily=daily))["brand"] == 1


def test_the_best_times_are_the_brands_own(brand):
    noon, evening = shape(Rule())[:2]
    assert [str(each) for each in moment_weeks.span(Rule(), WEEK, noon)] == [
        "2026-06-15 11:30:00+08:00", "2026-06-15 14:00:00+08:00",
    ]  # fmt: skip
    assert moment_weeks.span(Rule(), WEEK, evening)[1].isoformat() == "2026-06-16T23:30:00+08:00"
