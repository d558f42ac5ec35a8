"""What orders earn: by rules, pending, released, corrected, taken back with refunds."""

from datetime import date

import pytest

from members.actions import earn_rules, earnings, points
from members.models import Level, Member, PointsEntry
from newretail.kernel import money
from newretail.kernel.actions import relay, settings
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from stores.models import Category
from tests import world
from tests.members import purse


@pytest.fixture
def chain(brand):
    world.chain()
    purse.rule()


def test_an_order_earns_pending_points_that_open_when_the_return_window_has_ended(chain):
    purse.buy(purse.order())
    assert purse.held() == (0, 100, 0)
    assert earnings.release(as_of=date(2026, 6, 16), at=world.NOW) == 0
    assert earnings.release(as_of=date(2026, 6, 17), at=world.NOW) == 1
    assert purse.held() == (100, 0, 0)
    assert earnings.release(as_of=date(2026, 6, 17), at=world.NOW) == 0
    assert purse.held() == (100, 0, 0)


def test_an_order_older_than_the_window_earns_open_points(chain):
    purse.buy(purse.order(paid_at="2026-05-10"))
    assert purse.held() == (100, 0, 0)


def test_what_would_have_expired_already_is_not_earned(chain):
    purse.buy(purse.order(paid_at="2025-05-10"))
    assert purse.held() == (0, 0, 0)


@pytest.mark.parametrize("number", ["a1", "Ａ1", "A 1"])
def test_an_order_whose_number_is_typed_otherwise_earns_once(chain, number):
    purse.buy(purse.order("A1"))
    purse.buy(purse.order(number))
    assert purse.held() == (0, 100, 0)


def test_heard_again_nothing_is_earned_again(chain):
    purse.buy(purse.order())
    before = purse.facts()
    line = JournalEntry.objects.get(name="members.order.recorded")
    assert earnings.settle(line=line.pk, facts=line.facts, at=world.NOW) == 0
    assert purse.facts() == before


def test_lines_share_the_points_of_their_order_as_money_is_split(chain):
    cents = [1250, 333, 333, 84]
    world.products(*({"sku": f"P{i}", "name": "x"} for i in range(4)))
    world.buy(purse.order("A1", "20.00"))
    world.lines(*({"order_no": "A1", "line_no": i, "sku": f"P{i}", "amount": money.to_yuan(c)}
                  for i, c in enumerate(cents)))  # fmt: skip
    relay.drain(at=world.NOW)
    parts = PointsEntry.objects.filter(kind="earn").order_by("line_no").values_list("line_no", "pending")
    expected = enumerate(money.split(20, cents))
    assert list(parts) == [(line, part) for line, part in expected if part]


def test_lines_that_come_later_take_the_place_of_the_whole_order(chain):
    purse.buy(purse.order("A1", "50"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "30"})
    relay.drain(at=world.NOW)
    assert purse.held() == (0, 30, 0)


def test_an_order_corrected_earns_what_it_says_now(chain):
    purse.buy(purse.order("A1", "50"))
    purse.buy(purse.order("A1", "80"))
    assert purse.held() == (0, 80, 0)
    purse.buy(purse.order("A1", "20"))
    assert purse.held() == (0, 20, 0)


def test_an_order_that_was_another_members_earns_for_her(chain):
    world.people({"member_no": "NR-9", "name": "x", "joined_at": "2026-01-01"})
    purse.buy(purse.order("A1", "50", member_no="NR-9"))
    purse.buy(purse.order("A1", "50"))
    assert (purse.held("NR-9"), purse.held("V1")) == ((0, 0, 0), (0, 50, 0))


def test_refunds_of_a_line_in_parts_take_back_exactly_what_it_earned(chain):
    world.buy(purse.order("A1", "10.00"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "7"},
                {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "3"})  # fmt: skip
    relay.drain(at=world.NOW)
    purse.refund("3", "R1", line_no=1)
    assert purse.held() == (0, 7, 0)
    purse.refund("3.50", "R2", line_no=1)
    assert purse.held() == (0, 4, 0)
    purse.refund("0.50", "R3", line_no=1)
    assert purse.held() == (0, 3, 0)


def test_money_given_back_without_a_line_weighs_on_all_lines(chain):
    world.buy(purse.order("A1", "10.00"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "7"},
                {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "3"})  # fmt: skip
    purse.refund("5")
    assert 5 <= purse.held()[1] <= 6
    purse.refund("5", "R2")
    assert purse.held() == (0, 0, 0)


def test_buying_refunding_and_buying_again_earns_once(chain):
    purse.buy(purse.order("A1", paid_at="2026-05-01"))
    for turn in range(2, 5):
        purse.refund("100", f"R{turn}", order_no=f"A{turn - 1}")
        assert purse.held() == (0, 0, 0)
        purse.buy(purse.order(f"A{turn}", paid_at="2026-05-01"))
    assert purse.held() == (100, 0, 0)


def test_a_refund_loop_of_one_order_earns_nothing(chain):
    purse.buy(purse.order("A1", paid_at="2026-05-01"))
    for part in range(10):
        purse.refund("10", f"R{part}")
        purse.buy(purse.order("A1", paid_at="2026-05-01"))
        assert purse.held() == (90 - 10 * part, 0, 0)


def test_points_already_spent_are_owed_and_paid_by_what_comes_next(chain):
    purse.buy(purse.order("A1", paid_at="2026-05-01"))
    purse.spend(70)
    purse.refund("100")
    assert purse.held() == (0, 0, 70)
    purse.buy(purse.order("A2", "50", paid_at="2026-05-01"))
    assert purse.held() == (0, 0, 20)
    purse.buy(purse.order("A3", "50", paid_at="2026-05-01"))
    assert purse.held() == (30, 0, 0)


def test_a_refund_is_taken_from_other_points_before_anything_is_owed(chain):
    purse.buy(purse.order("A1", paid_at="2026-05-01"), purse.order("A2", "20", paid_at="2026-05-02"))
    purse.spend(90)
    purse.refund("100")
    assert purse.held() == (0, 0, 70)


def test_what_has_expired_is_not_taken_back_again(chain):
    purse.rule("short", 1, valid_days=20)
    purse.buy(purse.order("A1", paid_at="2026-06-01"))
    assert purse.held() == (200, 0, 0)
    points.expire(as_of=date(2026, 6, 21), at=world.NOW)
    assert purse.held() == (100, 0, 0)
    purse.refund("100")
    assert purse.held() == (0, 0, 0)


def test_granted_once_under_a_name_and_rule(chain):
    given = {"given": "SELECT id AS member_id, 10 AS points, 'level:' || id AS source_no FROM members_member",
             "params": {}, "source": "levels", "rule": "up", "at": world.NOW}  # fmt: skip
    assert points.grant(**given) == 2
    assert points.grant(**given) == 0
    assert points.grant(**{**given, "rule": "birthday"}) == 2
    assert (purse.held("V1"), purse.held("V2")) == ((20, 0, 0), (20, 0, 0))


def test_rules_look_at_level_category_channel_amount_and_member_day(chain):
    with writing("tests"):
        gold = Level.objects.create(code="G", name="金卡", rank=1)
        Member.objects.filter(member_no="V1").update(level=gold)
    purse.rule("gold", 1, multiplier_bp=5000, level=gold)
    purse.rule("tea", 2, category=Category.objects.get(name="茶"))
    purse.rule("day", 1, member_day=True, min_cents=2000)
    world.buy(purse.order("A1", "20", "2026-06-10"), purse.order("A2", "20", "2026-05-18"), purse.order("A3", "19.99", "2026-05-18"),
              purse.order("A4", "20", "2026-05-17", member_no="V2"))  # fmt: skip
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "10"},
                {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "10"})  # fmt: skip
    relay.drain(at=world.NOW)
    found = {}
    for row in PointsEntry.objects.all():
        key = (row.source_no, row.rule)
        found[key] = found.get(key, 0) + row.points + row.pending
    assert found == {
        ("A1", "base"): 20, ("A1", "gold"): 10, ("A1", "tea"): 20, ("A2", "base"): 20, ("A2", "gold"): 10,
        ("A2", "day"): 20, ("A3", "base"): 19, ("A3", "gold"): 9, ("A4", "base"): 20,
    }  # fmt: skip


def test_a_level_reached_later_does_not_change_what_was_earned(chain):
    with writing("tests"):
        gold = Level.objects.create(code="G", name="金卡", rank=1)
    purse.rule("gold", 1, level=gold)
    purse.buy(purse.order())
    with writing("tests"):
        Member.objects.filter(member_no="V1").update(level=gold)
    purse.refund("50")
    assert purse.held() == (0, 50, 0)


def test_a_new_version_counts_from_its_day_on_and_never_on_days_that_have_earned(chain):
    purse.buy(purse.order("A1", "10", "2026-06-10"))
    with pytest.raises(earn_rules.CountedAlready):
        purse.rule("base", 3, from_on=date(2026, 6, 10))
    assert purse.rule("base", 3, from_on=date(2026, 6, 11)).version == 2
    purse.buy(purse.order("A2", "10", "2026-06-11"), purse.order("A3", "10", "2026-06-09"))
    assert purse.held() == (0, 50, 0)


@pytest.mark.parametrize(
    "wrong", [{"per_yuan": -1}, {"name": " "}, {"valid_days": 0}, {"until_on": date(2025, 1, 1)}, {"multiplier_bp": 0}]
)
def test_a_rule_that_says_nothing_is_refused(chain, wrong):
    with pytest.raises(earn_rules.NoRule):
        purse.rule("odd", **wrong)


def test_without_a_return_window_points_are_open_at_once(chain):
    settings.put(key="points_return_days", value=0, at=world.NOW)
    purse.buy(purse.order(paid_at="2026-06-15"))
    assert purse.held() == (100, 0, 0)
