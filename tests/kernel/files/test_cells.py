"""Cells: amounts, phones, birthdays, days and words, as people and spreadsheets write them."""

from datetime import timedelta

import pytest

from members.models import Identity, Member, Order
from tests import world
from tests.kernel.files import desk

ORDERS = "order_no,source,paid_at,amount"
MEMBERS = "member_no,phone"
BIRTHDAYS = "member_no,birthday,birthday_calendar"


def order(amount, paid_at="2026-06-01T10:00:00"):
    return desk.rows(ORDERS, [f'A1,pos,"{paid_at}","{amount}"'])


AMOUNTS = {"0": 0, "0.00": 0, "12": 1200, "12.5": 1250, "12.50": 1250, " 12 ": 1200, "\u300012\u3000": 1200, "012.10": 1210,
           "999999999999.99": 99_999_999_999_999, "0.29": 29, "1.15": 115, "4503599627.37": 450359962737}  # fmt: skip


@pytest.mark.parametrize(("amount", "cents"), AMOUNTS.items())
def test_a_plain_amount_is_read_to_the_cent(take, amount, cents):
    assert take("orders", order(amount)).refusals == []
    assert Order.objects.get().amount_cents == cents


NOT_AMOUNTS = {"1,234.50": "not_money", "￥12": "not_money", "¥12": "not_money", "12元": "not_money", "１２": "not_money",
               "1_000": "not_money", "NaN": "not_money", "inf": "not_money", "1e3": "not_money", "+5": "not_money",
               "٣": "not_money", "12.": "not_money", ".5": "not_money", "=1+1": "not_money", "true": "not_money",
               "9" * 13: "not_money", "9" * 5000: "not_money", "0x10": "not_money", "1 000": "not_money",
               "1.005": "too_many_decimals", "1.500": "too_many_decimals",
               "-1": "negative", "-0": "negative", "(12)": "negative", "（12）": "negative", "−1": "negative",
               "": "missing", "  ": "missing"}  # fmt: skip


@pytest.mark.parametrize(("amount", "code"), NOT_AMOUNTS.items(), ids=[k[:12] for k in NOT_AMOUNTS])
def test_anything_else_is_no_amount(take, amount, code):
    assert take("orders", order(amount)).refusals == [(2, "amount", code)]
    assert not Order.objects.exists()


MOMENTS = {"20260601": "not_moment", "2026/06/01": "not_moment", "01.06.2026": "not_moment", "46174": "day_serial", "46174.75": "day_serial",
           "2026-6-1": "not_moment", "2026-06-01 25:00": "not_moment", "2026-06-01T10:60:00": "not_moment",
           "2026-02-30": "no_such_day", "2023-02-29T10:00:00": "no_such_day", "0001-01-01": "day_far_off",
           "9999-12-31": "day_far_off", "2026-06-17": "in_future", "": "missing"}  # fmt: skip


@pytest.mark.parametrize(("paid_at", "code"), MOMENTS.items())
def test_a_time_that_is_none_is_named(take, paid_at, code):
    assert take("orders", order("1", paid_at)).refusals == [(2, "paid_at", code)]


@pytest.mark.parametrize(
    "paid_at",
    ["2026-06-01T10:00:00", "2026-06-01 10:00:00", "2026-06-01T10:00", "2026-06-01T10:00:00,000", "2026-06-01T02:00:00Z",
     "2026-06-01T10:00:00+08:00", "2026-06-01T11:00:00.000000+0900"],
)  # fmt: skip
def test_one_instant_has_many_spellings(take, paid_at):
    take("orders", order("1", paid_at))
    assert Order.objects.get().paid_at.isoformat() == "2026-06-01T02:00:00+00:00"


PHONES = ["13800000001", "+8613800000001", "8613800000001", "0086 13800000001", "+86 138-0000-0001", "138 0000 0001",
          "１３８００００００01", "\u200b13800000001\ufeff", "(138) 0000-0001", "138.0000.0001"]  # fmt: skip


def test_one_phone_in_any_spelling_is_one_member(take):
    lines = [f"A{i},pos,2026-06-01,1,{phone}" for i, phone in enumerate(PHONES)]
    taken = take("orders", desk.rows(ORDERS + ",phone", lines), enrol=True)
    assert (taken.result.created, taken.result.enrolled) == (len(PHONES), 1)
    assert list(Identity.objects.values_list("value", flat=True)) == ["+8613800000001"]


NOT_PHONES = {"1.38E+10": "phone_mangled", "1.38000E10": "phone_mangled", "1e10": "phone_mangled", "abc": "not_phone",
              "138000000012345678": "not_phone", "１３８": "not_phone", "=13800000001": "not_phone",
              "13800000001.0": "not_phone", "138****0001": "not_phone", "12345": "not_phone"}  # fmt: skip


@pytest.mark.parametrize(("phone", "code"), NOT_PHONES.items())
def test_what_is_no_phone_is_named(take, phone, code):
    assert take("members", desk.rows(MEMBERS, [f"V1,{phone}"])).refusals == [(2, "phone", code)]
    assert not Member.objects.exists()


GOOD_BIRTHDAYS = {
    "2024-02-29,": (2024, 2, 29, "solar"), "02-29,": (None, 2, 29, "solar"), "12-31,": (None, 12, 31, "solar"),
    "02-30,lunar": (None, 2, 30, "lunar"), "1990-02-30,农历": (1990, 2, 30, "lunar"), ",": (None, None, None, "solar"),
    "2000-02-29,公历": (2000, 2, 29, "solar"), "2026-06-15,": (2026, 6, 15, "solar"),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "parts"), GOOD_BIRTHDAYS.items())
def test_a_birthday_is_kept_whole_in_its_calendar(take, cells, parts):
    assert take("members", desk.rows(BIRTHDAYS, [f"V1,{cells}"])).refusals == []
    found = Member.objects.get()
    assert (found.birth_year, found.birth_month, found.birth_day, found.birthday_calendar) == parts


TOMORROW = (world.NOW.date() + timedelta(days=1)).isoformat()
BAD_BIRTHDAYS = {
    "2023-02-29,": "no_such_day", "1900-02-29,": "no_such_day", "02-30,": "no_such_day", "04-31,": "no_such_day",
    "02-31,lunar": "no_such_day", "0001-01-01,": "birthday_far_off", "9999-01-01,": "birthday_far_off",
    f"{TOMORROW},": "in_future", "20240101,": "not_birthday", "1990-13-01,": "not_birthday", "1990/01/01,": "not_birthday",
    "00-10,": "not_birthday", "45000,": "day_serial", "１２-31,": "not_birthday",
}  # fmt: skip


@pytest.mark.parametrize(("cells", "code"), BAD_BIRTHDAYS.items())
def test_a_birthday_nobody_has_is_named(take, cells, code):
    assert take("members", desk.rows(BIRTHDAYS, [f"V1,{cells}"])).refusals == [(2, "birthday", code)]


def test_a_word_of_a_choice_is_known_in_both_languages(take):
    lines = ["V1,女", "V2,F", "V3,male", "V4,男", "V5,x", "V6,"]
    taken = take("members", desk.rows("member_no,gender", lines))
    assert taken.refusals == [(6, "gender", "not_a_choice")]
    found = Member.objects.order_by("member_no").values_list("gender", flat=True)
    assert list(found) == ["f", "f", "m", "m", ""]


POSITIONS = {"91,0": ("latitude", "not_number"), "0,181": ("longitude", "not_number"), "NaN,0": ("latitude", "not_number"),
             "31.2,": ("longitude", "missing"), ",121": ("latitude", "missing"), "1e1,2": ("latitude", "not_number")}  # fmt: skip


@pytest.mark.parametrize(("cells", "refusal"), POSITIONS.items())
def test_a_position_is_whole_and_on_earth(take, cells, refusal):
    taken = take("stores", desk.rows("code,name,latitude,longitude", [f"S1,a,{cells}", "S2,b,31.2,121.5"]))
    assert taken.refusals == [(2, *refusal)]
    assert taken.result.created == 1


def test_quantities_are_whole_and_not_negative(take):
    world.chain()
    world.buy(world.order("A1", "10", "2026-06-01"))
    lines = [
        f"A1,pos,{i},TEA,{quantity},1" for i, quantity in enumerate(["-1", "1.5", "two", "1.0", "１", "9999999999"])
    ]
    taken = take("order_lines", desk.rows("order_no,source,line_no,sku,quantity,amount", lines))
    assert [(line, code) for line, _, code in taken.refusals] == [
        (2, "negative"), (3, "not_whole"), (4, "not_whole"), (6, "not_whole"), (7, "not_whole"),
    ]  # fmt: skip
