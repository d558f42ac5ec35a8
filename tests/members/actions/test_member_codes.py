"""A member's code is whose it is for about a minute, once; nobody makes one, or tells from one whose it is."""

from datetime import timedelta

import pytest

from members.actions import member_codes as verbs
from members.models import MemberCodeUse
from members.queries import member_codes
from tests import world
from tests.coupons import member


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()


def shown(at=world.NOW):
    return member_codes.of(member(), at).code


def take(code, source_no="A1", at=world.NOW):
    return verbs.take(code=code, source="pos", source_no=source_no, at=at)


def test_a_code_of_18_digits_leads_to_its_member_in_any_way_it_is_typed():
    code = shown()
    assert (len(code), code.isdigit()) == (18, True)
    for typed in (code, f" {code[:6]} {code[6:]}", "".join(chr(ord(sign) + 0xFEE0) for sign in code)):
        assert take(typed).member_no == "V1"


@pytest.mark.parametrize(
    ("seconds", "counts"), [(-30, True), (0, True), (60, True), (90, False), (-60, False), (9**7, False)]
)
def test_a_code_counts_for_a_minute_and_a_clock_may_be_a_little_off(seconds, counts):
    code, late = shown(), world.NOW + timedelta(seconds=seconds)
    if counts:
        assert take(code, at=late).member_no == "V1"
    else:
        with pytest.raises(verbs.UnknownCode):
            take(code, at=late)
    assert MemberCodeUse.objects.count() == counts


def test_a_code_is_taken_for_one_purchase_and_the_same_answer_is_given_again():
    code = shown()
    assert take(code) == take(code)
    with pytest.raises(verbs.CodeTaken):
        take(code, "A2")
    assert take(shown(world.NOW + timedelta(seconds=30)), "A2").member_no == "V1"
    assert MemberCodeUse.objects.count() == 2


@pytest.mark.parametrize("text", ["", "0" * 18, "1" * 17, "9" * 19, "A" * 18, "²" * 18, "\0" * 18, "１" * 17 + "x"])
def test_what_is_no_code_is_refused_and_nothing_is_written(text):
    with pytest.raises(verbs.UnknownCode):
        take(text)
    assert not MemberCodeUse.objects.exists()


def test_codes_change_with_each_span_and_hide_whose_they_are():
    spans = [world.NOW + timedelta(seconds=30 * n) for n in range(200)]
    codes = [shown(at) for at in spans]
    assert len(set(codes)) == len({code[:8] for code in codes}) == 200
    wrong = [f"{(int(codes[0]) + n) % 10**18:018}" for n in range(1, 500)]
    assert not any(member_codes.whose(code, world.NOW) for code in wrong)


def test_a_code_of_another_brand_leads_nowhere(other_brand):
    from django.db import connection

    code, here = shown(), connection.tenant
    connection.set_tenant(other_brand)
    found = member_codes.whose(code, world.NOW)
    connection.set_tenant(here)
    assert found is None
