"""Numbers as people write them, in Chinese and in English."""

from decimal import Decimal

import pytest
from django.utils import translation

from newretail.kernel import numbers, words


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [(1234.5, 1, "1,234.5"), (0, 0, "0"), (-1234567, 0, "-1,234,567"), (Decimal("0.005"), 2, "0.01"), (None, 0, "—")],
)
def test_thousands_are_separated(value, decimals, text):
    assert numbers.grouped(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (9999, "9,999", "9,999"),
        (10_000, "1.0 万", "10.0K"),
        (6_384_000, "638.4 万", "6.4M"),
        (123_456_789, "1.2 亿", "123.5M"),
        (-25_000, "-2.5 万", "-25.0K"),
        (None, "—", "—"),
    ],
)
def test_long_numbers_are_cut_to_the_steps_of_the_language(value, chinese, english):
    with translation.override("zh-hans"):
        assert numbers.short(value) == chinese
    with translation.override("en"):
        assert numbers.short(value) == english


def test_money_carries_its_sign_and_currency():
    assert numbers.money(123_450) == "¥1,234.50"
    assert numbers.money(-5) == "-¥0.05"
    assert numbers.money(100, "USD") == "$1.00"
    assert numbers.money(100, "CHF") == "CHF 1.00"
    assert numbers.money(None) == "—"
    with translation.override("zh-hans"):
        assert numbers.money_short(638_400_000) == "¥638.4 万"


def test_a_share_is_a_percentage():
    assert numbers.percent(0.3825) == "38.3%"
    assert numbers.percent(None) == "—"


def test_a_known_code_is_a_word_and_an_unknown_one_stays():
    with translation.override("zh-hans"):
        assert words.in_words("score_rfm") == "RFM 打分"
        assert words.in_words("my_own_source") == "my own source"
        assert words.named("mall", "Mall") == "小程序商城"
        assert words.named("my_own", "自有渠道") == "自有渠道"
