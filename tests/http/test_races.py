"""Many at once over the wire, at two processes: nothing is given twice, nothing is lost."""

from collections import Counter

import pytest

from members.actions import code_batches
from members.models import Coupon, CouponEvent, CouponPlan, Order, PointsEntry
from newretail.kernel import clock
from tests import coupons as cast
from tests import world
from tests.members import purse
from tests.races.race import errors, race

pytestmark = pytest.mark.django_db(transaction=True)
CROWD = 64


def statuses(outcomes):
    """How many answers of each status; a line that broke is an error here."""
    assert errors(outcomes) == []
    return Counter(answer.status for answer in outcomes)


def order(number, **more):
    return {"source": "pos", "order_no": number, "member_no": "V1", "store_code": "SH01", "amount": "10.00",
            "paid_at": "2026-05-10T10:00:00+08:00", **more}  # fmt: skip


def shown(code, number):
    return {"code": code, "source": "pos", "source_no": number, "amount": "100.00", "store_code": "SH01"}


def test_of_twenty_gifts_of_a_hundred_from_a_hundred_one_passes(chain, till):
    purse.give(100)
    gift = {"source": "app", "points": 100, "to": "V2"}
    outcomes = race(chain, 20, lambda n: till.send("members/V1/points:give", {**gift, "source_no": f"{n}"}, f"k{n}"))
    assert statuses(outcomes) == {201: 1, 409: 19}
    assert (purse.held("V1"), purse.held("V2")) == ((0, 0, 0), (100, 0, 0))


def test_a_coupon_shown_by_sixty_four_at_two_stores_is_redeemed_once(chain, till):
    row = cast.coupon(cast.plan(), at=clock.now())
    outcomes = race(chain, CROWD, lambda n: till.send("coupons:redeem", shown(row.code, f"A{n}"), f"k{n}"))
    assert statuses(outcomes) == {200: 1, 409: CROWD - 1}
    assert (CouponPlan.objects.get().redeemed, CouponEvent.objects.filter(move="redeemed").count()) == (1, 1)


@pytest.mark.books_may_break
def test_without_queue_and_condition_a_coupon_is_redeemed_by_many(chain, weak):
    of = cast.plan(per_member=2)
    row = cast.coupon(of, at=clock.now())
    cast.coupon(of, key="another", at=clock.now())  # a plan never counts more redeemed than issued
    race(chain, 8, lambda n: weak.send("coupons:redeem", shown(row.code, f"A{n}"), f"k{n}"))
    assert CouponEvent.objects.filter(move="redeemed").count() > 1


def test_a_code_wanted_by_sixty_four_is_claimed_by_one(chain, till):
    world.people(*({"member_no": f"W{n}", "joined_at": "2026-01-01"} for n in range(CROWD)))
    code = code_batches.make(plan=cast.plan(), key="b", size=1, at=clock.now()).coupons.get().code
    outcomes = race(chain, CROWD, lambda n: till.send("coupons:claim", {"code": code, "member_no": f"W{n}"}))
    assert statuses(outcomes) == {200: 1, 409: CROWD - 1}
    winner = next(answer for answer in outcomes if answer.status == 200).json()["member_no"]
    assert Coupon.objects.get().member.member_no == winner


def test_one_request_sent_by_sixty_four_under_one_key_has_one_effect_and_one_answer(chain, till):
    purse.give(100)
    spend = {"source": "pos", "source_no": "S1", "points": 60}
    outcomes = race(chain, CROWD, lambda _: till.send("members/V1/points:spend", spend, "k"))
    assert statuses(outcomes) == {201: CROWD}
    assert len({answer.body for answer in outcomes}) == 1
    assert sum(not answer.again for answer in outcomes) == 1
    assert PointsEntry.objects.filter(kind="spend").count() == 1


def test_sixty_four_spendings_spend_what_there_is_and_no_more(chain, till):
    purse.give(100)
    spend = {"source": "pos", "points": 9}
    outcomes = race(chain, CROWD, lambda n: till.send("members/V1/points:spend", {**spend, "source_no": f"S{n}"}))
    assert statuses(outcomes) == {201: 11, 409: CROWD - 11}
    assert purse.held() == (1, 0, 0)


@pytest.mark.parametrize("key_of", [lambda _n: "", lambda n: f"k{n}", lambda _n: "k"], ids=["none", "own", "one"])
def test_five_hundred_orders_sent_twice_at_once_are_each_there_once(chain, till, key_of):
    line = {"line_no": 1, "sku": "TEA", "quantity": 1, "amount": "10.00"}
    batch = {"orders": [order(f"B{n}", lines=[line]) for n in range(500)]}
    outcomes = race(chain, 2, lambda n: till.send("orders:batch", batch, key_of(n)))
    assert statuses(outcomes) == {200: 2}
    fates = Counter(row["state"] for answer in outcomes if not answer.again for row in answer.json()["results"])
    assert fates["created"] == 500
    assert Order.objects.count() == Order.objects.filter(lines__line_no=1).count() == 500
