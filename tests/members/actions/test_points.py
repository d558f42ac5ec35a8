"""Points are spent, put back, given, granted, adjusted, expire; a family spends as one."""

from datetime import date, timedelta

import pytest

from members.actions import merges, points
from members.actions.points import Name
from members.actions.postings import AnotherMove, NotEnough
from members.models import PointsEntry, PointsLot
from newretail.kernel.guard import writing
from newretail.kernel.models import User
from tests import world
from tests.members import purse

DAY = date(2026, 6, 15)


@pytest.fixture
def chain(brand):
    world.chain()
    purse.rule()


def test_spending_takes_the_oldest_lots_first_and_reversal_puts_them_back_exactly(chain):
    for day in (1, 2, 3):
        purse.give(30, f"G{day}", at=world.NOW - timedelta(days=10 - day))
    before = list(PointsLot.objects.order_by("earned_at").values_list("pk", "remaining"))
    assert purse.spend(70).points == 70
    assert list(PointsLot.objects.order_by("earned_at").values_list("remaining", flat=True)) == [0, 0, 20]
    purse.reverse(points=45, again="V1")
    assert list(PointsLot.objects.order_by("earned_at").values_list("remaining", flat=True)) == [5, 30, 30]
    purse.reverse(again="V2")
    assert list(PointsLot.objects.order_by("earned_at").values_list("pk", "remaining")) == before


def test_a_spending_sent_again_is_told_and_nothing_moves(chain):
    purse.give(100)
    assert purse.spend(60, "s-1").again is False
    before = purse.facts()
    assert (purse.spend(60, "S-1").again, purse.spend(60, " s-１ ").again) == (True, True)
    assert purse.facts() == before


def test_another_spending_under_the_same_number_is_refused(chain):
    purse.give(100)
    purse.give(100, "G2", to="V2")
    purse.spend(60)
    before = purse.facts()
    with pytest.raises(AnotherMove):
        purse.spend(50)
    with pytest.raises(AnotherMove):
        purse.spend(60, by="V2")
    assert purse.facts() == before


def test_more_than_is_held_is_refused_and_in_part_as_much_as_there_is_is_spent(chain):
    purse.give(100)
    before = purse.facts()
    with pytest.raises(NotEnough):
        purse.spend(101)
    assert purse.facts() == before
    assert purse.spend(101, partly=True).points == 100
    with pytest.raises(NotEnough):
        purse.spend(1, "S2", partly=True)
    assert purse.held() == (0, 0, 0)


def test_pending_and_expired_points_are_not_spent(chain):
    purse.buy(purse.order())
    purse.give(10, at=world.NOW - timedelta(days=365))
    assert purse.held() == (10, 100, 0)
    with pytest.raises(NotEnough):
        purse.spend(1)
    assert points.expire(as_of=DAY, at=world.NOW) == 1
    assert purse.held() == (0, 100, 0)


@pytest.mark.parametrize("amount", [0, -1, True, 1.5, "１２", 2**63])
def test_what_is_no_number_of_points_is_refused(chain, amount):
    purse.give(100)
    before = purse.facts()
    with pytest.raises(points.NoPoints):
        purse.spend(amount)
    assert purse.facts() == before


@pytest.mark.parametrize("number", ["", "  ", "x" * 101, "a\0b"])
def test_what_names_nothing_is_refused(chain, number):
    purse.give(100)
    with pytest.raises(points.NoNumber):
        purse.spend(1, number)


def test_no_more_is_put_back_than_was_spent(chain):
    purse.give(100)
    purse.spend(60)
    purse.reverse(points=50)
    before = purse.facts()
    with pytest.raises(points.BeyondSpending, match="10"):
        purse.reverse(again="V2", points=11)
    with pytest.raises(points.UnknownSpending):
        purse.reverse("S9")
    assert purse.reverse(points=50).again is True
    with pytest.raises(AnotherMove):
        purse.reverse(points=40)
    assert purse.facts() == before


def test_points_put_back_pay_a_debt_first(chain):
    purse.buy(purse.order("A1", paid_at="2026-05-01"))
    purse.spend(70)
    purse.refund("100")
    purse.reverse(points=30)
    assert purse.held() == (0, 0, 40)
    purse.reverse(again="V2")
    assert purse.held() == (0, 0, 0)


def test_a_gift_is_zero_sum_and_keeps_the_day_of_expiry(chain):
    purse.give(30, "G1", at=world.NOW - timedelta(days=300))
    purse.give(30, "G2")
    given = {
        "member": purse.member(),
        "to": purse.member("V2"),
        "points": 40,
        "name": Name("app", "1"),
        "at": world.NOW,
    }
    assert points.gift(**given).again is False
    assert (purse.held("V1"), purse.held("V2")) == ((20, 0, 0), (40, 0, 0))
    ends = PointsLot.objects.filter(account__member__member_no="V2").order_by("pk")
    assert [(lot.points, str(lot.expires_on)) for lot in ends] == [(30, "2026-08-19"), (10, "2027-06-15")]
    before = purse.facts()
    assert points.gift(**given).again is True
    with pytest.raises(NotEnough):
        points.gift(**{**given, "name": Name("app", "2")})
    with pytest.raises(AnotherMove):
        points.gift(**{**given, "to": purse.member("V1"), "member": purse.member("V2")})
    with pytest.raises(points.ToHerself):
        points.gift(**{**given, "to": purse.member("V1")})
    assert purse.facts() == before


def test_hq_adjusts_with_a_reason_up_and_down_but_not_below_zero(chain):
    with writing("tests"):
        hq = User.objects.create_user("hq")
    told = {"member": purse.member(), "at": world.NOW, "by": hq}
    points.adjust(points=50, name=Name("hq", "1"), reason="开业补偿", **told)
    points.adjust(points=-20, name=Name("hq", "2"), reason="误发", **told)
    assert purse.held() == (30, 0, 0)
    before = purse.facts()
    with pytest.raises(NotEnough):
        points.adjust(points=-31, name=Name("hq", "3"), reason="误发", **told)
    with pytest.raises(points.PointsWhyMissing):
        points.adjust(points=1, name=Name("hq", "4"), reason=" ", **told)
    assert points.adjust(points=50, name=Name("hq", "1"), reason="开业补偿", **told).again
    assert purse.facts() == before


def test_expiry_ends_each_lot_once_at_the_brands_midnight(chain):
    purse.give(10, "G1", at=world.NOW - timedelta(days=364))
    purse.give(5, "G2")
    assert points.expire(as_of=DAY, at=world.NOW) == 0
    assert points.expire(as_of=date(2026, 6, 16), at=world.NOW) == 1
    assert points.expire(as_of=date(2026, 6, 16), at=world.NOW) == 0
    assert purse.held() == (5, 0, 0)


def test_what_is_put_back_after_its_end_expires_again(chain):
    purse.give(10, "G1", at=world.NOW - timedelta(days=364))
    purse.spend(10)
    purse.reverse()
    assert points.expire(as_of=date(2026, 6, 16), at=world.NOW) == 1
    assert purse.held() == (0, 0, 0)


def made_one():
    return merges.merge(member=purse.member("V2"), into=purse.member("V1"), reason="同一人", at=world.NOW)


def part(merge):
    return merges.undo(merge=merge, reason="不是同一人", at=world.NOW)


def test_a_family_spends_its_oldest_points_whosever_they_are(chain):
    purse.give(30, "G1", to="V2", at=world.NOW - timedelta(days=9))
    purse.give(30, "G2")
    made_one()
    assert purse.spend(50).points == 50
    assert (purse.held("V1"), purse.held("V2")) == ((10, 0, 0), (0, 0, 0))
    assert set(PointsEntry.objects.filter(kind="spend").values_list("member__member_no", flat=True)) == {"V1"}
    assert purse.spend(50).again is True
    purse.reverse(points=15)
    assert (purse.held("V1"), purse.held("V2")) == ((25, 0, 0), (0, 0, 0))
    purse.reverse(again="V2")
    assert (purse.held("V1"), purse.held("V2")) == ((30, 0, 0), (30, 0, 0))


def test_parting_gives_back_what_one_side_spent_of_the_other(chain):
    purse.give(30, "G1", to="V2", at=world.NOW - timedelta(days=9))
    purse.give(30, "G2")
    merge = made_one()
    purse.spend(25, by="V1")
    assert (purse.held("V1"), purse.held("V2")) == ((30, 0, 0), (5, 0, 0))
    part(merge)
    assert (purse.held("V1"), purse.held("V2")) == ((5, 0, 0), (30, 0, 0))


def test_parting_is_refused_while_a_side_would_lack_points(chain):
    purse.give(30, "G1", to="V2", at=world.NOW - timedelta(days=9))
    purse.give(10, "G2")
    merge = made_one()
    purse.spend(25, by="V1")
    before = purse.facts()
    with pytest.raises(merges.WouldFallBelowZero):
        part(merge)
    assert purse.facts() == before
    with writing("tests"):
        hq = User.objects.create_user("hq")
    points.adjust(member=purse.member(), points=15, name=Name("hq", "1"), reason="合并撤销", at=world.NOW, by=hq)
    part(merge)
    assert (purse.held("V1"), purse.held("V2")) == ((0, 0, 0), (30, 0, 0))


def test_parting_a_family_that_moved_no_points_leaves_both_books_as_they_were(chain):
    purse.give(30, "G1", to="V2")
    purse.give(10, "G2")
    before = purse.facts()
    part(made_one())
    assert purse.facts() == before
