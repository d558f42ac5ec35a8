"""Drafts on past months: the scheme in force pays what the books paid, to the cent; nothing is written."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.db.models import Sum
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guides.actions import policies
from guides.models import CommissionEntry, Credit
from guides.queries import previewing, simulating
from guides.queries.policies import newest
from guides.queries.policy_terms import read_credits, read_levels, read_scheme
from guides.queries.trials import Draft, draft_of
from newretail.kernel import money
from tests import earning, serving, world
from tests.earning import buy, refund
from tests.members import consenting

APRIL, JUNE, JULY = date(2026, 4, 1), date(2026, 6, 1), date(2026, 7, 1)
OF_LINES = ("accrue", "claw_back", "correct")


@pytest.fixture
def shops(brand):
    earning.shops()


def told(draft, first=APRIL, last=JULY):
    return simulating.simulate(draft, first=first, last=last)


def pays(simulated):
    return {one.staff_no: (one.pay.now, one.pay.drafted) for one in simulated.guides}


def booked():
    found = CommissionEntry.objects.filter(kind__in=OF_LINES).values_list("account__user__staff_no")
    return {number: cents for number, cents in found.annotate(cents=Sum("amount_cents")) if cents}


def in_force():
    return draft_of("commission", newest("commission").terms)


def test_the_scheme_in_force_pays_what_the_books_paid_and_nothing_is_written(shops):
    buy("A1", "99.99")
    buy("A2", "35.01", "2026-05-20", member_no="V2", staff_no="G2")
    buy("A3", "77.77", "2026-06-11", channel="mall", staff_no="", store_code="")
    refund("33.33")
    before = (CommissionEntry.objects.count(), Credit.objects.count())
    simulated = told(in_force())
    assert booked() == {number: drafted for number, (_now, drafted) in pays(simulated).items()}
    assert all(now == drafted for now, drafted in pays(simulated).values())
    assert [beside.now for beside in simulated.months.values()] == [0, 105, sum(booked().values()) - 105]
    assert (CommissionEntry.objects.count(), Credit.objects.count()) == before


def test_a_dearer_draft_shows_who_wins_who_loses_and_by_how_much(shops):
    buy("A1", "100.00")
    buy("A2", "100.00", channel="live", staff_no="G2", member_no="V2")
    draft = Draft(scheme=read_scheme({"levels": {"1": 600}, "channels": {"live": 2_500}}))
    simulated = told(draft)
    assert [(one.staff_no, one.pay.change) for one in simulated.winners] == [("G1", 300)]
    assert [(one.staff_no, one.pay.change) for one in simulated.losers] == [("G2", -150)]
    assert (simulated.total.now, simulated.total.drafted) == (600, 750)


def test_before_anything_was_published_orders_are_credited_by_what_was_kept_or_is_proposed(brand):
    serving.shops()
    buy("A1", "100.00", "2026-05-10", channel="store")
    assert pays(told(Draft(scheme=read_scheme({"levels": {"1": 300}})))) == {"G1": (0, 300)}
    policies.keep(kind="credits", terms={"channels": {"*": {"bonded": 10_000}}}, at=world.NOW)
    assert pays(told(Draft(scheme=read_scheme({"levels": {"1": 300}})))) == {}
    assert not Credit.objects.exists()


def test_drafted_rules_credit_every_order_anew_but_what_was_decided(shops):
    buy("A1", "100.00", "2026-06-15T13:00:00+08:00", staff_no="G2")
    rules = Draft(rules=read_credits({"channels": {"*": {"bonded": 10_000}}}))
    assert pays(told(rules)) == {"G1": (0, 300), "G2": (300, 0)}


def test_steps_and_the_cap_of_a_month_are_reckoned(shops):
    buy("A1", "100.00", "2026-05-10")
    draft = Draft(scheme=read_scheme({"levels": {"1": 300}, "month_most_cents": 1_000,
                                      "steps": [{"from_cents": 10_000, "pay_cents": 5_000}]}))  # fmt: skip
    simulated = told(draft)
    assert {kind: beside.drafted for kind, beside in simulated.kinds.items()} == {
        "line": 300, "bounty": 0, "task": 0, "step": 5_000, "cap": -4_300,
    }  # fmt: skip
    assert pays(simulated) == {"G1": (300, 1_000)}


def test_bounties_and_bonuses_are_those_of_the_month(shops):
    consenting.texts()
    consenting.say(consenting.row("V1", channel="wecom", purpose="care"))
    serving.bind("V2", "G9")
    serving.complete(serving.give("V1", "G1"))
    draft = Draft(scheme=read_scheme({"levels": {"1": 0}, "bounty_cents": 500, "task_cents": 70, "tasks_most": 1}))
    simulated = told(draft)
    assert pays(simulated) == {"G1": (0, 570), "G9": (0, 500)}
    assert (simulated.kinds["bounty"].drafted, simulated.kinds["task"].drafted) == (1_000, 70)


def test_by_a_drafted_table_a_guide_goes_up_at_once_and_down_after_the_grace(brand):
    earning.shops(levels={"1": 100, "2": 1_000})
    for month in (1, 2, 3, 4, 5, 6):
        amount = "90.00" if month == 2 else "10.00"
        buy(f"A{month}", amount, f"2026-0{month}-10")
    table = {"basis": "credited", "grace_months": 1, "levels": [
        {"level": 1, "low_cents": 0, "high_cents": 5_000}, {"level": 2, "low_cents": 5_000}]}  # fmt: skip
    simulated = told(Draft(levels=read_levels(table)), date(2026, 1, 1))
    assert [beside.drafted for beside in simulated.months.values()] == [10, 90, 100, 100, 10, 10]


def test_a_preview_shows_each_factor_of_what_the_newest_orders_would_earn(shops):
    buy("A1", "100.00")
    refund("40.00")
    draft = Draft(scheme=read_scheme({"levels": {"1": 300}, "channels": {"store": 20_000}, "most_bp": 500}))
    (line,) = previewing.preview(draft, at=world.NOW)
    assert (line.order_no, line.guide, line.cents, line.back, line.rate_bp) == ("A1", "小美", 10_000, 4_000, 500)
    assert (line.channel_bp, line.capped, line.net) == (20_000, True, 300)
    assert not previewing.preview(draft, at=world.NOW - timedelta(days=30))


LINE = st.tuples(st.sampled_from(["TEA", "NUT"]), st.integers(1, 9_999), st.integers(0, 100))
ORDER = st.fixed_dictionaries({
    "lines": st.lists(LINE, min_size=1, max_size=3), "loose": st.integers(0, 100),
    "staff_no": st.sampled_from(["G1", "G2", "G9", ""]), "member_no": st.sampled_from(["V1", "V2", ""]),
    "channel": st.sampled_from(["store", "mall"]), "day": st.integers(1, 14),
})  # fmt: skip


def record(number, given):
    """Record an order of drawn lines; a part of each is given back, and of the rest a part without a line."""
    total = sum(cents for _sku, cents, _part in given["lines"])
    row = {name: given[name] for name in ("staff_no", "member_no", "channel") if given[name]}
    world.buy(world.order(number, yuan(total), f"2026-06-{given['day']:02d}", store_code="SH01", **row))
    world.lines(*({"order_no": number, "line_no": n, "sku": sku, "amount": yuan(cents)}
                  for n, (sku, cents, _part) in enumerate(given["lines"], 1)))  # fmt: skip
    back = {n: cents * part // 100 for n, (_sku, cents, part) in enumerate(given["lines"], 1)}
    back[0] = (total - sum(back.values())) * given["loose"] // 100
    world.refund(*({"order_no": number, "refund_no": f"{number}-{n}", "line_no": n, "amount": yuan(cents),
                    "refunded_at": "2026-06-14T20:00:00+08:00"} for n, cents in back.items() if cents))  # fmt: skip


def yuan(cents):
    return money.to_yuan(cents)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(ORDER, min_size=1, max_size=4))
def test_whatever_is_bought_and_given_back_the_scheme_in_force_pays_what_the_books_paid(brand, orders):
    with transaction.atomic():
        earning.shops(categories={"茶": 15_000}, channels={"mall": 8_000}, fresh_bp=12_000, most_bp=700)
        for n, each in enumerate(orders):
            record(f"A{n}", each)
        earning.hear()
        simulated = told(in_force())
        assert booked() == {number: drafted for number, (_now, drafted) in pays(simulated).items() if drafted}
        assert all(now == drafted for now, drafted in pays(simulated).values())
        transaction.set_rollback(True)
