"""Scores and stages equal an independent pandas reading, in full and incrementally."""

import csv
import io
import random
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from django.db import connection, transaction

from analytics.actions import scores
from analytics.queries import exports
from members.actions import merges
from members.models import Member, Merge, Order, Portrait, Refund, ScoreCut, StageChange
from members.queries import families
from newretail.kernel import books
from newretail.kernel.actions import relay, settings
from tests import world
from tests.analytics import oracle

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 6, 15)


def frames():
    members = pd.DataFrame(Member.objects.living().values("member_no", "joined_at"))
    orders = pd.DataFrame(
        [(f"{o.order_no}", families.root_of(o.member).member_no, o.paid_at, o.amount_cents)
         for o in Order.objects.filter(member__isnull=False).select_related("member__merged_into")],
        columns=["order_no", "member_no", "paid_at", "cents"],
    )  # fmt: skip
    refunds = pd.DataFrame(
        [(r.order.order_no, r.refunded_at, r.amount_cents) for r in Refund.objects.select_related("order")],
        columns=["order_no", "refunded_at", "cents"],
    )
    for frame, column in ((members, "joined_at"), (orders, "paid_at"), (refunds, "refunded_at")):
        frame[column] = pd.to_datetime(frame[column], utc=True).dt.tz_convert(ZONE)
    return members, orders, refunds


def live():
    return {
        p.member.member_no: (p.last_day, p.frequency, p.monetary_cents, p.r, p.f, p.m, p.group, p.stage,
                             p.relationship, p.is_super)
        for p in Portrait.objects.select_related("member")
    }  # fmt: skip


def busy_year(seed, members=60, orders=400):
    """A year and a half of a small chain, with ties, zeros, refunds on and after the bounds."""
    draw = random.Random(seed)
    start = datetime(2024, 12, 1, tzinfo=ZONE)
    span = (TODAY - start.date()).days * 24 * 60
    world.people(*({"member_no": f"P{i}", "joined_at": (start + timedelta(days=draw.randrange(560))).isoformat()}
                   for i in range(members)))  # fmt: skip
    rows = [
        world.order(f"O{i}", f"{draw.choice([0, 5, 10, 10, 20, 99])}.{draw.randrange(100):02d}",
                    (start + timedelta(minutes=draw.randrange(span))).isoformat(),
                    **({"member_no": f"P{int(draw.triangular(0, members - 1, 3))}"} if draw.random() < 0.9 else {}))
        for i in range(orders)
    ]  # fmt: skip
    world.buy(*rows)
    given_back = draw.sample(rows, 60)
    world.refund(*(
        {"refund_no": f"R{i}", "order_no": row["order_no"], "refunded_at":
         (datetime.fromisoformat(row["paid_at"]) + timedelta(days=draw.randrange(20))).isoformat(),
         "amount": row["amount"] if i % 2 else "0.50"}
        for i, row in enumerate(given_back)
        if datetime.fromisoformat(row["paid_at"]).date() < TODAY - timedelta(days=20)
    ))  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("as_of", [TODAY, date(2026, 2, 28), date(2025, 1, 2)])
def test_an_export_of_any_day_equals_the_oracle(brand, seed, as_of):
    busy_year(seed)
    out = io.StringIO()
    with transaction.atomic():
        exports.write_scores(out, as_of=as_of)
    out.seek(0)
    expected = oracle.portraits(*frames(), as_of)
    found = {row["member_no"]: row for row in csv.DictReader(out)}
    assert found.keys() == expected.keys()
    for no, (last, f, cents, r, fs, m, group, stage, relationship, is_super) in expected.items():
        score = [str(x) if x else "" for x in (r, fs, m)]
        assert list(found[no].values()) == [
            no, last.isoformat() if last else "", str(f), f"{cents // 100}.{cents % 100:02d}", *score, group, stage,
            relationship, str(int(is_super)),
        ]  # fmt: skip


def test_the_live_portrait_equals_the_oracle(brand):
    busy_year(7)
    scores.move_lifecycle(as_of=TODAY, at=world.NOW)
    assert live() == oracle.portraits(*frames(), TODAY)


@pytest.mark.parametrize("seed", range(3))
def test_incremental_days_equal_the_oracle_through_late_orders_and_refunds(brand, seed):
    busy_year(seed, orders=250)
    draw = random.Random(seed)
    day = TODAY - timedelta(days=12)
    for step in range(5):
        relay.drain(at=world.NOW)
        scores.move_lifecycle(as_of=day, at=world.NOW)
        assert live() == oracle.portraits(*frames(), day)
        late = datetime(2025, 3, 1, 12, tzinfo=ZONE) + timedelta(days=draw.randrange(440))
        world.buy(world.order(f"L{seed}-{step}", "70.00", late.isoformat(), member_no=f"P{draw.randrange(60)}"),
                  world.order("O1", "33.00", late.isoformat(), member_no=f"P{step}"))  # fmt: skip
        target = draw.choice(list(Order.objects.filter(refunded_cents=0, amount_cents__gt=0)))
        world.refund({"refund_no": f"X{step}", "order_no": target.order_no, "amount": f"{target.amount_cents / 100:.2f}",
                      "refunded_at": (target.paid_at + timedelta(days=1)).isoformat()})  # fmt: skip
        day += timedelta(days=draw.choice([0, 1, 3]))


def _merge_some(draw, count):
    for row in Merge.objects.filter(undone=None).order_by("?")[: count // 2]:
        merges.undo(merge=row, reason="两个人", at=world.NOW)
    for _ in range(count):
        one, other = draw.sample(list(Member.objects.living().order_by("pk")), 2)
        merges.merge(member=one, into=other, reason="一个人", at=world.NOW)


@pytest.mark.parametrize("seed", range(3))
def test_who_is_one_person_has_one_portrait_of_all_her_orders(brand, seed):
    busy_year(seed, orders=250)
    draw = random.Random(seed)
    for day in (TODAY - timedelta(days=30), TODAY - timedelta(days=29), TODAY):
        _merge_some(draw, 6)
        relay.drain(at=world.NOW)
        scores.move_lifecycle(as_of=day, at=world.NOW)
        assert live() == oracle.portraits(*frames(), day)
    assert not Portrait.objects.filter(member__merged_into__isnull=False).exists()
    before = live()
    scores.score(as_of=TODAY, at=world.NOW)
    assert live() == before
    assert books.verify() == []


def test_an_incremental_day_looks_only_at_members_something_happened_to(brand):
    busy_year(1)
    relay.drain(at=world.NOW)
    scores.score(as_of=TODAY, at=world.NOW)
    again = scores.rescore(as_of=TODAY, at=world.NOW)
    assert (again["looked_at"], again["changed"]) == (0, 0)


def test_the_live_portrait_never_goes_back(brand):
    busy_year(1)
    scores.score(as_of=TODAY, at=world.NOW)
    with pytest.raises(scores.EarlierThanLive):
        scores.rescore(as_of=TODAY - timedelta(days=1), at=world.NOW)
    assert ScoreCut.objects.count() == 1


def test_stages_move_both_ways_and_each_move_is_one_change(brand):
    world.people({"member_no": "P0", "joined_at": "2025-01-01"})
    world.buy(world.order("A", "10", "2026-01-31T12:00:00", member_no="P0"))
    for day, stage in ((date(2026, 4, 29), "active"), (date(2026, 4, 30), "wake"), (date(2026, 5, 2), "wake")):
        scores.move_lifecycle(as_of=day, at=world.NOW)
        assert Portrait.objects.get().stage == stage
    world.buy(world.order("B", "10", "2026-05-02T12:00:00", member_no="P0"))
    relay.drain(at=world.NOW)
    scores.move_lifecycle(as_of=date(2026, 5, 3), at=world.NOW)
    moves = StageChange.objects.order_by("id").values_list("from_stage", "to_stage", "changed_on")
    assert list(moves) == [
        ("", "active", date(2026, 4, 29)),
        ("active", "wake", date(2026, 4, 30)),
        ("wake", "active", date(2026, 5, 3)),
    ]


def test_an_aside_computation_leaves_the_live_portrait_alone(brand):
    busy_year(2)
    scores.score(as_of=TODAY, at=world.NOW)
    before = live()
    with transaction.atomic(), connection.cursor():
        exports.write_scores(io.StringIO(), as_of=date(2025, 6, 1))
    assert live() == before


def test_a_rule_that_changed_reaches_those_nothing_happened_to(brand):
    busy_year(3)
    relay.drain(at=world.NOW)
    scores.move_lifecycle(as_of=TODAY, at=world.NOW)
    assert Portrait.objects.filter(is_super=True).exists()
    settings.put(key="super_orders", value=99, at=world.NOW)
    scores.rescore(as_of=TODAY, at=world.NOW)
    assert not Portrait.objects.filter(is_super=True).exists()
