"""Conditions: the statement, the naive reading and the explanation agree; what is hostile is refused."""

from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analytics.actions import scores
from members.actions import tags
from members.importers import TAGS
from members.models import Member
from members.queries.conditions import compiler, explainer, tree
from members.queries.conditions.tree import BadConditions
from newretail.kernel.files.rows import batch_of
from tests import sights, world
from tests.members.conditions import oracle

NAMES = {
    "member.store": ["SH01", "GZ01"], "member.region": ["华东", "华南"], "member.gender": ["f", "m"],
    "portrait.stage": ["active", "onboarding", "lost"],
}  # fmt: skip
NUMBERS = {
    "portrait.r": 5,
    "portrait.frequency": 4,
    "member.age": 60,
    "member.birth_month": 12,
    "member.joined_days": 600,
}
NARROWS = {
    "days": st.integers(1, 400), "channels": st.just(["store"]), "stores": st.sampled_from([["SH01"], ["SH01", "GZ01"]]),
    "skus": st.sampled_from([["TEA"], ["NUT", "TEA"]]), "categories": st.just(["茶"]),
}  # fmt: skip


def compared(field, most, money=False):
    ends = st.integers(0, most)
    write = (lambda n: f"{n}.00") if money else (lambda n: n)
    one = st.tuples(st.sampled_from(["at_least", "at_most", "is"]), ends.map(write))
    two = st.tuples(st.just("between"), st.tuples(ends, ends).map(sorted).map(lambda pair: [write(n) for n in pair]))
    return st.one_of(one, two).map(lambda given: {"field": field, "op": given[0], "value": given[1]})


def narrowed(leaf, *words):
    beside = st.fixed_dictionaries({}, optional={word: NARROWS[word] for word in words})
    return st.tuples(leaf, beside).map(lambda both: {**both[0], **both[1]})


LEAVES = st.one_of(
    *(compared(field, most) for field, most in NUMBERS.items()),
    *(st.fixed_dictionaries({"field": st.just(field), "op": st.sampled_from(["one_of", "none_of"]),
                             "value": st.lists(st.sampled_from(names), min_size=1, unique=True)})
      for field, names in NAMES.items()),
    st.fixed_dictionaries({"field": st.just("portrait.super"), "op": st.just("is"), "value": st.booleans()}),
    narrowed(compared("orders.count", 4), "days", "channels", "stores"),
    narrowed(compared("orders.amount", 200, money=True), "days", "stores"),
    narrowed(compared("orders.aov", 100, money=True), "days"),
    narrowed(compared("bought.times", 3), "days", "skus", "categories"),
    narrowed(compared("bought.pieces", 5), "skus", "stores"),
    st.fixed_dictionaries({"field": st.just("tags"), "op": st.sampled_from(["any_of", "all_of", "none_of"]),
                           "value": st.sampled_from([["茶友"], ["茶友", "上班族"], ["上班族"]])}),
)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda parts: st.builds(lambda kind, some: {kind: some}, st.sampled_from(["all", "any", "none"]),
                                    st.lists(parts, min_size=1, max_size=3)), max_leaves=8,
)  # fmt: skip


@pytest.fixture
def scored(noon):
    """A small trade with lines, tags, birthdays, refunds of a line and of an order, and a portrait."""
    sights.trade()
    world.people(
        {"member_no": "V1", "gender": "女", "birthday": "1996-06-15", "tags": "茶友;上班族"},
        {"member_no": "V2", "gender": "男", "birthday": "1990-06-16", "tags": "茶友"},
        {"member_no": "V3", "name": "无店", "birthday": "02-29", "joined_at": "2026-06-14T23:30:00"},
    )
    world.lines(
        {"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "60", "quantity": 2},
        {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "40"},
        {"order_no": "A3", "line_no": 1, "sku": "TEA", "amount": "30"},
        {"order_no": "B1", "line_no": 1, "sku": "NUT", "amount": "80", "quantity": 3},
    )
    world.refund(
        {"refund_no": "R2", "order_no": "A1", "line_no": 2, "amount": "40", "refunded_at": "2026-06-12"},
        {"refund_no": "R3", "order_no": "A3", "line_no": 1, "amount": "30", "refunded_at": "2026-06-12"},
    )
    world.buy(world.order("M1", "9.00", "2026-06-14T23:59:59", member_no="V2", store_code="GZ01"),
              world.order("M2", "9.00", "2026-06-15T00:00:00", member_no="V2", store_code="GZ01"))  # fmt: skip
    scores.move_lifecycle(as_of=sights.TODAY, at=world.NOW)


def whom(raw, as_of=sights.TODAY):
    asked = compiler.ask(tree.read(raw), as_of)
    ids = compiler.sample(asked, 100)
    assert compiler.count(asked) == len(ids)
    return sorted(Member.objects.filter(pk__in=ids).values_list("member_no", flat=True))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=TREES, back=st.sampled_from([0, 1, 5, 365]))
def test_the_statement_the_naive_reading_and_the_explanation_agree(scored, raw, back):
    as_of = sights.TODAY - timedelta(days=back)
    expected = oracle.whom(raw, as_of)
    assert whom(raw, as_of) == expected
    node = tree.read(raw)
    told = {m.member_no: explainer.why(node, m, as_of).held for m in Member.objects.all()}
    assert sorted(number for number, held in told.items() if held) == expected


@given(raw=TREES)
def test_what_is_written_is_read_as_the_same(raw):
    node = tree.read(raw)
    assert tree.read(tree.written(node)) == node


def test_an_order_at_midnight_counts_from_that_day_on(scored):
    asked = {"field": "orders.count", "op": "at_least", "value": 1, "days": 1}
    assert whom(asked) == ["V2"]
    assert whom({**asked, "value": 2}) == []
    assert whom({**asked, "value": 1}, sights.TODAY - timedelta(days=1)) == []


def test_a_birthday_counts_on_its_day_and_not_the_day_before(scored):
    thirty = {"field": "member.age", "op": "is", "value": 30}
    assert whom(thirty) == ["V1"]
    assert whom(thirty, sights.TODAY - timedelta(days=1)) == []


def test_a_merged_person_is_asked_as_one(scored):
    from members.actions import merges

    merges.merge(
        member=Member.objects.get(member_no="V2"),
        into=Member.objects.get(member_no="V1"),
        reason="同一人",
        at=world.NOW,
    )
    assert whom({"field": "orders.count", "op": "at_least", "value": 5}) == ["V1"]
    assert whom({"field": "member.store", "op": "none_of", "value": ["SH01"]}) == ["V3"]
    root = Member.objects.get(member_no="V2")
    node = tree.read({"field": "orders.count", "op": "at_least", "value": 5})
    assert explainer.why(node, root, sights.TODAY).held


def test_a_contradiction_holds_of_nobody(scored):
    age = {"field": "member.age", "op": "at_least", "value": 40}
    assert whom({"all": [age, {"none": [age]}]}) == []


def nested(depth):
    raw = {"field": "portrait.r", "op": "is", "value": 1}
    for _ in range(depth):
        raw = {"all": [raw]}
    return raw


LEAF = {"field": "portrait.r", "op": "is", "value": 1}
HOSTILE = [
    (None, "neither"), ([], "neither"), ("1=1", "neither"), ({}, "no such field"), ({"all": []}, "at least one"),
    ({"all": LEAF}, "neither"), ({"all": [LEAF], "any": [LEAF]}, "neither"), (nested(6), "five deep"),
    ({"any": [LEAF] * 101}, "100"), ({**LEAF, "field": "m.phone; DROP TABLE members_member"}, "no such field"),
    ({**LEAF, "field": ["portrait.r"]}, "no such field"), ({**LEAF, "op": "= 1 OR 1"}, "operator"),
    ({**LEAF, "op": None}, "operator"), ({**LEAF, "value": True}, "does not fit"), ({**LEAF, "value": "1"}, "does not fit"),
    ({**LEAF, "value": 1.5}, "does not fit"), ({**LEAF, "value": -1}, "does not fit"), ({**LEAF, "value": 10**12}, "does not fit"),
    ({**LEAF, "op": "between", "value": [5, 1]}, "ends before"), ({**LEAF, "op": "between", "value": [1]}, "does not fit"),
    ({**LEAF, "days": 3}, "means nothing"), ({**LEAF, "__class__": 1}, "means nothing"),
    ({"field": "orders.count", "op": "is", "value": 1, "days": 0}, "does not fit"),
    ({"field": "orders.amount", "op": "is", "value": "1e3"}, "does not fit"),
    ({"field": "orders.amount", "op": "is", "value": "１２"}, "does not fit"),
    ({"field": "orders.amount", "op": "is", "value": "9" * 5000}, "does not fit"),
    ({"field": "member.gender", "op": "one_of", "value": ["x"]}, "does not fit"),
    ({"field": "member.gender", "op": "one_of", "value": []}, "does not fit"),
    ({"field": "tags", "op": "any_of", "value": ["a\0b"]}, "does not fit"),
    ({"field": "tags", "op": "any_of", "value": ["\ud800"]}, "does not fit"),
    ({"field": "tags", "op": "any_of", "value": [str(n) for n in range(201)]}, "200"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "why"), HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_hostile_is_refused(raw, why):
    with pytest.raises(BadConditions) as told:
        tree.read(raw)
    with translation.override("en"):
        assert why in str(told.value)


def test_what_nothing_bears_the_name_of_is_refused(scored):
    tags.record(batch=batch_of(TAGS, [{"name": "茶友"}]), at=world.NOW)
    tree.check_names(tree.read({"field": "tags", "op": "any_of", "value": ["茶友"]}))
    with pytest.raises(BadConditions, match="SH99"):
        tree.check_names(tree.read({"field": "orders.count", "op": "is", "value": 1, "stores": ["SH01", "SH99"]}))


def test_conditions_as_many_and_deep_as_allowed_are_asked(scored):
    deep = nested(4)
    assert whom({"any": [deep, *[LEAF] * 99]}) == whom(LEAF)
