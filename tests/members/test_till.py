"""The till page: what a code is and gives, one tap to redeem, large answers, undo; for those who stand there."""

import pytest

from members.models import Coupon, Member, MemberCodeUse
from members.queries import coupon_codes, member_codes
from newretail.kernel import guesses
from tests import coupons as cast
from tests import sights, world
from tests.coupons import coupon, plan


@pytest.fixture
def manager(noon):
    world.chain()
    return sights.browser("manager", "en")


def ask(client, do="look", **given):
    return client.post("/till/", {"do": do, "amount": "100", "receipt": "77", **given}, follow=True)


def test_a_coupon_is_looked_at_redeemed_with_one_tap_and_undone(manager):
    code = coupon(plan()).code
    looked = ask(manager, code=coupon_codes.shown(code).lower())
    assert "−¥5.00" in sights.text(looked)
    assert cast.states() == {"issued": 1}
    done = ask(manager, "redeem", code=code)
    assert "Redeemed −¥5.00" in sights.text(done)
    row = Coupon.objects.get()
    assert (row.state, row.store.code, row.source, row.source_no, row.redeemed_by.username) == (
        "redeemed", "SH01", "till", "SH01/77", "manager",
    )  # fmt: skip
    assert "Redeemed −¥5.00" in sights.text(ask(manager, "redeem", code=code))
    ask(manager, "undo", number="SH01/77", ending=code[-6:])
    assert cast.states() == {"issued": 1}


def test_a_refusal_is_told_with_what_was_typed_kept(manager):
    code = coupon(plan(threshold_cents=20_000)).code
    answer = ask(manager, code=code)
    assert answer.status_code == 422
    assert "needs a purchase of ¥200.00" in sights.text(answer)
    assert 'value="100"' in sights.text(answer)


@pytest.mark.parametrize("amount", ["", "x", "-1", "1.005", "1e3", "١٢", "\0", "9" * 30])
def test_what_is_no_amount_is_refused(manager, amount):
    code = coupon(plan()).code
    assert ask(manager, "redeem", code=code, amount=amount).status_code == 422
    assert cast.states() == {"issued": 1}


@pytest.mark.parametrize("amount", ["100.00", "１００", " ¥100 ", "100.0"])
def test_an_amount_is_read_as_people_type_it(manager, amount):
    assert ask(manager, "redeem", code=coupon(plan()).code, amount=amount).status_code == 200
    assert Coupon.objects.get().amount_cents == 10_000


def test_a_members_code_shows_her_coupons_once(manager):
    mine = coupon(plan())
    code = member_codes.of(Member.objects.get(member_no="V1"), world.NOW).code
    assert "张三" in sights.text(ask(manager, code=code))
    assert mine.code in sights.text(ask(manager, code=code))
    assert ask(manager, code=code, receipt="78").status_code == 422
    assert MemberCodeUse.objects.count() == 1


def test_guessing_ends_after_a_few_wrong_codes(manager):
    code = coupon(plan()).code
    for wrong in coupon_codes.make(guesses.MOST):
        assert "no such coupon" in sights.text(ask(manager, code=wrong))
    assert "Too many wrong codes" in sights.text(ask(manager, code=code))


def test_a_till_is_of_the_stores_one_stands_in(manager):
    of = plan(per_member=2)
    code, other = coupon(of, key="a").code, coupon(of, key="b").code
    assert ask(manager, "redeem", code=code, store="GZ01").status_code == 404
    cast.redeem(other, "A9", store="GZ01")
    assert other[-4:] not in sights.text(manager.get("/till/"))
    assert ask(manager, "undo", number="A9", ending=other[-6:]).status_code == 422
    assert cast.states() == {"issued": 1, "redeemed": 1}
    hq = sights.browser("hq", "en")
    assert "In which store are you?" in sights.text(hq.get("/till/"))
    assert sights.text(hq.get("/till/?store=GZ01")).count("−¥5.00") == 1
    for role in ("supervisor", "guide"):
        assert sights.browser(role).get("/till/").status_code == 403


def test_the_page_asks_little_whatever_was_redeemed(manager):
    of = plan(per_member=30)
    for number in range(12):
        cast.redeem(coupon(of, key=str(number)).code, f"A{number}")
    with sights.asked() as queries:
        assert manager.get("/till/").status_code == 200
    assert len(queries) <= sights.MOST_QUERIES
