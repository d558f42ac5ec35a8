"""Coupons that many want at the same moment: redeemed once, issued up to stock and limit exactly, locked or expired."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError

from members.actions import code_batches, coupons, redemptions
from members.models import Coupon, CouponEvent, CouponPlan, Member, Order
from members.queries.coupon_givings import Wishes
from members.queries.coupon_reasons import AlreadyRedeemed, HeldElsewhere
from newretail.kernel import sql
from tests import coupons as cast
from tests import world
from tests.api import machines
from tests.coupons import coupon, member, plan
from tests.races.race import RACERS, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def chain(brand):
    world.chain()


def crowd(count):
    world.people(*({"member_no": f"W{n:03}", "joined_at": "2026-01-01"} for n in range(count)))
    return list(Member.objects.filter(member_no__startswith="W").order_by("member_no").values_list("pk", flat=True))


@pytest.mark.prove
def test_a_coupon_shown_at_many_tills_is_redeemed_once(brand):
    row = coupon(plan())
    outcomes = race(brand, RACERS, lambda n: cast.redeem(row.code, f"A{n}", store=("SH01", "GZ01")[n % 2]))
    assert sum(not isinstance(each, Exception) for each in outcomes) == 1
    assert {type(error) for error in errors(outcomes)} == {AlreadyRedeemed}
    assert (CouponPlan.objects.get().redeemed, CouponEvent.objects.count()) == (1, 1)


@pytest.mark.prove
def test_a_purchase_sent_many_times_at_once_is_given_one_answer(brand):
    row = coupon(plan())
    outcomes = race(brand, RACERS, lambda _: cast.redeem(row.code))
    assert errors(outcomes) == []
    assert sum(not told.again for told in outcomes) == 1
    assert {told.discount_cents for told in outcomes} == {500}


def push(till, row, number):
    """An order of 95 yuan that a coupon was paid with."""
    body = machines.order(f"A{number}", amount="95.00", coupons=[{"code": row.code, "discount": "5.00"}])
    return machines.post(machines.client(till.text), "orders", body)


@pytest.mark.prove
def test_of_orders_paid_with_one_coupon_one_goes_in(brand, noon):
    row, till = coupon(plan()), machines.key()
    answers = race(brand, RACERS, lambda number: push(till, row, number))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (RACERS - 1)
    row.refresh_from_db()
    assert (Order.objects.get().order_no, CouponEvent.objects.count()) == (row.source_no, 1)


@pytest.mark.prove
def test_stock_is_issued_to_the_last_coupon_and_not_beyond(brand):
    of, wanted = plan(stock=RACERS // 2 + 1), crowd(RACERS)

    def issue(number):
        return coupons.issue(plan=of, members=[wanted[number]], source="hand", key="k", at=world.NOW)

    outcomes = race(brand, RACERS, issue)
    assert {type(error) for error in errors(outcomes)} == {coupons.OutOfStock}
    assert Coupon.objects.count() == CouponPlan.objects.get().issued == RACERS // 2 + 1


LISTED = Wishes("hand", "SELECT id AS member_id, %(key)s::text AS key FROM members_member WHERE id = ANY(%(ids)s)", {})


def issue_to(of, members, key):
    """Issue to a whole list, as the page beside it does."""
    return coupons.give(plan=of, wishes=replace(LISTED, params={"key": key, "ids": members}), at=world.NOW)


@pytest.mark.prove
def test_lists_issued_to_at_once_share_the_stock_exactly_and_nobody_has_more_than_her_limit(brand):
    of, wanted = plan(stock=RACERS * 3 - 1), crowd(RACERS * 2)
    told = race(brand, RACERS, lambda n: issue_to(of, wanted[n : n + RACERS + 1], f"list {n}"))
    assert errors(told) == []
    reached = len(set(wanted[: 2 * RACERS]))
    assert sum(each.issued for each in told) == Coupon.objects.count() == min(reached, RACERS * 3 - 1)
    assert CouponPlan.objects.get().issued == Coupon.objects.values("member_id").distinct().count()
    scarce = plan("SCARCE", stock=RACERS, per_member=9)
    told = race(brand, 2, lambda n: issue_to(scarce, wanted, f"list {n}"))
    assert [each.issued + each.no_stock for each in told] == [RACERS * 2] * 2
    assert sum(each.issued for each in told) == Coupon.objects.filter(plan=scarce).count() == RACERS


@pytest.mark.prove
def test_a_member_is_given_no_more_than_the_plan_allows_by_any_door(brand):
    of = plan(per_member=2, stock=200)
    codes = [each.code for each in code_batches.make(plan=of, key="b", size=RACERS, at=world.NOW).coupons.all()]
    hers = member()

    def want(number):
        if number % 2:
            return code_batches.claim(code=codes[number], member=hers, at=world.NOW)
        return coupons.issue(plan=of, members=[hers.pk], source="hand", key=str(number), at=world.NOW)

    outcomes = race(brand, RACERS, want)
    assert {type(error) for error in errors(outcomes)} == {coupons.LimitReached}
    assert Coupon.objects.filter(member=hers).count() == 2


@pytest.mark.prove
def test_one_code_is_claimed_by_one_member(brand):
    code = code_batches.make(plan=plan(), key="b", size=1, at=world.NOW).coupons.get().code
    people = [Member.objects.get(pk=pk) for pk in crowd(RACERS)]
    outcomes = race(brand, RACERS, lambda n: code_batches.claim(code=code, member=people[n], at=world.NOW))
    assert len(errors(outcomes)) == RACERS - 1
    assert CouponEvent.objects.filter(move="claimed").count() == 1


@pytest.mark.prove
def test_coupons_that_do_not_go_together_are_not_used_together(brand):
    rows = [coupon(plan(f"P{n}")) for n in range(RACERS)]
    race(brand, RACERS, lambda n: cast.redeem(rows[n].code, "A1"))
    assert Coupon.objects.filter(state="redeemed").count() == 1


@pytest.mark.prove
def test_coupons_of_one_purchase_never_take_more_off_than_it_is(brand):
    rows = [coupon(plan(f"P{n}", stacks="any")) for n in range(RACERS)]
    race(brand, RACERS, lambda n: cast.redeem(rows[n].code, "A1", amount=1_200))
    taken = Coupon.objects.filter(state="redeemed").values_list("discount_cents", flat=True)
    assert sorted(taken) == [200, 500, 500]


def test_a_coupon_is_locked_or_expires_and_never_both(brand):
    for number in range(4):
        row = coupon(plan(f"P{number}"))
        end = row.valid_until
        lock = lambda row=row, end=end: redemptions.lock(use=cast.use(row.code), at=end - timedelta(seconds=1))  # noqa: E731
        each(brand, [lock, lambda end=end: coupons.expire(at=end)])
        row.refresh_from_db()
        assert row.state in ("locked", "expired")
        assert row.moves == row.events.count()


def test_a_redemption_and_its_undoing_at_once_leave_one_of_both(brand):
    row = coupon(plan())
    cast.redeem(row.code)
    undo = lambda: redemptions.roll_back(code=row.code, source="pos", source_no="A1", at=world.NOW)  # noqa: E731
    outcomes = each(brand, [undo, undo, lambda: cast.redeem(row.code, "A2")])
    assert all(isinstance(error, AlreadyRedeemed) for error in errors(outcomes))
    row.refresh_from_db()
    assert (row.state, row.source_no) in {("issued", ""), ("redeemed", "A2")}


def test_locks_of_two_purchases_exclude_each_other(brand):
    row = coupon(plan())
    outcomes = race(brand, RACERS, lambda n: redemptions.lock(use=cast.use(row.code, f"A{n}"), at=world.NOW))
    assert {type(error) for error in errors(outcomes)} == {HeldElsewhere}
    assert len(errors(outcomes)) == RACERS - 1


def test_a_code_that_is_locked_and_claimed_at_once_is_hers_or_refused_her(brand):
    hers = member()
    for number in range(4):
        code = code_batches.make(plan=plan(f"P{number}"), key="b", size=1, at=world.NOW).coupons.get().code
        lock = lambda code=code: redemptions.lock(use=cast.use(code), at=world.NOW)  # noqa: E731
        refused = errors(
            each(brand, [lock, lambda code=code: code_batches.claim(code=code, member=hers, at=world.NOW)])
        )
        row = Coupon.objects.get(code=code)
        assert {type(error) for error in refused} <= {HeldElsewhere}
        assert (row.state, row.member) == ("locked", None if refused else hers)
        assert row.moves == row.events.count()


def looked_first(look, together):
    """Let two look before either acts, and without the queue."""

    def looked(uses, *_before):
        found = look(uses)
        together.wait(20)
        return found

    return looked


def unguarded(monkeypatch, together):
    """Let two look before either acts: no queue, no condition in the statement."""
    monkeypatch.setattr(redemptions.coupons, "found", looked_first(redemptions.coupons.found, together))
    always = "WHERE c.id = u.coupon_id AND (true OR c.state = 'issued' OR c.state = 'locked'"
    monkeypatch.setattr(
        redemptions, "REDEEM",
        redemptions.REDEEM.replace("WHERE c.id = u.coupon_id AND (c.state = 'issued' OR c.state = 'locked'", always),
    )  # fmt: skip


def unqueued(monkeypatch):
    """Let two who issue of a plan count before either gives, without the queue at the plan."""
    together = threading.Barrier(2)
    rows = sql.rows

    def meet(statement, params=None):
        found = rows(statement, params)
        if statement == coupons.COUNTS:
            together.wait(20)
        return found

    monkeypatch.setattr(coupons, "LOCK", "SELECT %(plan)s")
    monkeypatch.setattr(coupons.sql, "rows", meet)


@pytest.mark.books_may_break
def test_without_queue_and_condition_a_coupon_is_redeemed_twice(brand, monkeypatch):
    row = coupon(plan(stock=100, per_member=2))
    coupon(CouponPlan.objects.get(), key="other")
    unguarded(monkeypatch, threading.Barrier(2))
    outcomes = race(brand, 2, lambda n: cast.redeem(row.code, f"A{n}"))
    assert errors(outcomes) == []
    assert CouponEvent.objects.filter(move="redeemed").count() == 2


@pytest.mark.books_may_break
def test_without_queue_and_condition_two_orders_are_paid_with_one_coupon(brand, noon, monkeypatch):
    row, till = coupon(plan()), machines.key()
    coupon(CouponPlan.objects.get(), "V2")
    world.buy(world.order("A", "10", "2026-06-01"))  # whoever comes first by a channel makes others wait
    unguarded(monkeypatch, threading.Barrier(2))
    answers = race(brand, 2, lambda number: push(till, row, number))
    assert [answer.status_code for answer in answers] == [201, 201]
    assert CouponEvent.objects.filter(move="redeemed").count() == Order.objects.count() - 1 == 2


@pytest.mark.books_may_break
def test_without_queue_and_condition_a_code_is_claimed_by_two(brand, monkeypatch):
    code = code_batches.make(plan=plan(), key="b", size=1, at=world.NOW).coupons.get().code
    people = [Member.objects.get(pk=pk) for pk in crowd(2)]
    monkeypatch.setattr(code_batches, "found", looked_first(code_batches.found, threading.Barrier(2)))
    monkeypatch.setattr(code_batches, "CLAIM", code_batches.CLAIM.replace("c.member_id IS NULL", "true"))
    outcomes = race(brand, 2, lambda n: code_batches.claim(code=code, member=people[n], at=world.NOW))
    assert errors(outcomes) == []
    assert CouponEvent.objects.filter(move="claimed").count() == 2


def test_without_queue_and_condition_the_database_itself_holds_the_stock(brand, monkeypatch):
    of, wanted = plan(stock=1), crowd(2)
    unqueued(monkeypatch)
    monkeypatch.setattr(coupons, "COUNT", coupons.COUNT.replace("AND issued + %(count)s <= stock", ""))
    issue = lambda n: coupons.issue(plan=of, members=[wanted[n]], source="hand", key="k", at=world.NOW)  # noqa: E731
    assert [type(error) for error in errors(race(brand, 2, issue))] == [IntegrityError]
    assert Coupon.objects.count() == CouponPlan.objects.get().issued == 1


@pytest.mark.books_may_break
def test_without_the_queue_at_the_plan_two_lists_give_a_member_too_many(brand, monkeypatch):
    of = plan()
    unqueued(monkeypatch)
    race(brand, 2, lambda n: issue_to(of, [member().pk], f"list {n}"))
    assert Coupon.objects.filter(member=member()).count() == 2


@pytest.mark.books_may_break
def test_without_the_queue_at_the_plan_a_member_is_given_too_many(brand, monkeypatch):
    of = plan()
    unqueued(monkeypatch)
    race(brand, 2, lambda n: coupons.issue(plan=of, members=[member().pk], source="hand", key=str(n), at=world.NOW))
    assert Coupon.objects.filter(member=member()).count() == 2
