"""Touches claimed at the same moment, and while a consent is withdrawn: once each, and never after the withdrawal."""

from datetime import timedelta

import pytest
from django.db import transaction

from members.actions import caps, persons, touches
from members.models import Touch
from members.queries.consents import WHY_NOT
from newretail.kernel import books
from tests import world
from tests.members.consenting import claim, plan, row, say, texts, withdraw
from tests.races.race import RACERS, ROUNDS, Beside, Once, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
LATER = world.NOW + timedelta(minutes=1)


def due(count):
    world.chain()
    texts()
    numbers = [f"T{i}" for i in range(count)]
    world.people(*({"member_no": number, "store_code": "SH01"} for number in numbers))
    say(*(row(number) for number in numbers))
    plan(numbers=numbers)


def taken(outcomes):
    return sorted(str(each.ref) for claimed in outcomes for each in claimed)


@pytest.mark.prove
def test_many_who_claim_at_once_take_each_touch_once(brand):
    due(40)
    outcomes = race(brand, RACERS, lambda _: claim(most=7))
    assert not errors(outcomes)
    rest = claim()
    assert taken([*outcomes, rest]) == sorted(str(ref) for ref in Touch.objects.values_list("ref", flat=True))


def test_claimed_without_locks_a_touch_is_taken_by_two(brand, monkeypatch):
    due(5)
    monkeypatch.setattr(touches, "PICK", touches.PICK.partition("FOR UPDATE")[0])
    found = []

    def beside(name):
        if name == "touch.picked":
            inside()

    inside = Once(lambda: found.append(Beside(brand, claim).start().answer))
    monkeypatch.setattr(touches, "failpoint", beside)
    monkeypatch.setattr(touches, "CLAIM", touches.CLAIM.replace("AND t.state IN ('planned', 'held')", ""))
    first = claim()
    assert set(taken([first])) & set(taken(found))


test_claimed_without_locks_a_touch_is_taken_by_two = pytest.mark.books_may_break(
    test_claimed_without_locks_a_touch_is_taken_by_two
)


def withdrawn_meanwhile(brand, monkeypatch):
    """Withdraw a consent while the claim of its touch is between picking and judging; give what was claimed."""
    due(1)
    begun = []

    def beside(name):
        if name == "touch.picked":
            inside()

    act = lambda: withdraw(row("T0", proof=None), at=LATER)  # noqa: E731 - told once, beside
    inside = Once(lambda: begun.append(Beside(brand, act).start()))
    monkeypatch.setattr(touches, "failpoint", beside)
    claimed = claim(at=LATER)
    over = bool(begun[0].given)
    begun[0].answer  # noqa: B018 - waits
    return claimed, over


def test_a_withdrawal_waits_for_the_claim_under_way_and_nothing_is_claimed_after_it(brand, monkeypatch):
    claimed, over = withdrawn_meanwhile(brand, monkeypatch)
    assert (len(claimed), over) == (1, False)
    plan(numbers=["T0"], source="campaigns.wave:2", at=LATER)
    assert claim(at=LATER) == []
    assert Touch.objects.get(source="campaigns.wave:2").reason == "withdrawn"


def test_a_touch_whose_member_is_withdrawing_is_passed_over_until_that_is_decided(brand):
    due(1)
    with transaction.atomic():
        withdraw(row("T0", proof=None), at=LATER)
        assert Beside(brand, lambda: claim(at=LATER)).start().answer == []
        assert Touch.objects.get().state == "planned"
    assert claim(at=LATER) == []
    assert Touch.objects.get().reason == "withdrawn"


def test_judged_with_what_was_seen_while_picking_a_touch_would_go_out_after_the_withdrawal(brand, monkeypatch):
    """The control: without the lock on the member the withdrawal commits first, and an old look lets the touch out."""
    picked = touches.PICK.replace(" FOR NO KEY UPDATE OF r SKIP LOCKED", "")
    monkeypatch.setattr(touches, "PICK", picked.replace("t.id FROM", f"t.id, {WHY_NOT} AS seen FROM"))
    monkeypatch.setattr(
        touches, "CLAIM", touches.CLAIM.replace(WHY_NOT, "(SELECT k.seen FROM tmp_picked k WHERE k.id = t.id)")
    )  # fmt: skip
    claimed, over = withdrawn_meanwhile(brand, monkeypatch)
    assert (len(claimed), over) == (1, True)


def planned_while_erased(brand):
    """Plan a touch of a member whose erasure is under way; give how many were planned."""
    due(1)
    with transaction.atomic():
        persons.erase(member=world.member("T0"), reason="request", at=world.NOW)
        beside = Beside(brand, lambda: plan(numbers=["T0"], source="campaigns.wave:2", at=LATER)).start()
    return beside.answer


def test_a_plan_waits_for_an_erasure_under_way_and_leaves_her_out(brand):
    assert planned_while_erased(brand) == 0
    assert Touch.objects.get().reason == "erased"


@pytest.mark.books_may_break
def test_without_the_lock_she_would_be_planned_for_after_her_erasure(brand, monkeypatch):
    monkeypatch.setattr(touches, "PLAN", touches.PLAN.replace("FOR KEY SHARE OF m", ""))
    assert planned_while_erased(brand) == 1
    assert [finding.law for finding in books.verify()] == ["who was erased is nobody"]


@pytest.mark.prove
@pytest.mark.parametrize("turn", range(ROUNDS))
def test_claims_and_withdrawals_at_once_leave_every_touch_with_one_end(brand, turn):
    due(20)

    def act(number):
        if number % 2:
            return withdraw(*(row(f"T{i}", proof=None) for i in range(turn % 3, 20, 3)), at=LATER)
        return claim(most=5, at=LATER)

    assert not errors(race(brand, RACERS, act))
    while claim(at=LATER):
        pass
    ends = set(Touch.objects.values_list("state", "reason"))
    assert ends <= {("claimed", ""), ("suppressed", "withdrawn")}
    assert plan(numbers=[f"T{i}" for i in range(20)], source="campaigns.wave:2", at=LATER) == 20
    claim(at=LATER)
    gone = {f"T{i}" for i in range(turn % 3, 20, 3)}
    out = set(
        Touch.objects.filter(source="campaigns.wave:2", state="claimed").values_list("member__member_no", flat=True)
    )
    assert not out & gone


def capped(brand, monkeypatch):
    """Claim two touches of one person by two channels at once, one allowed a week; give how many went out."""
    due(1)
    say(row("T0", channel="email"))
    plan(numbers=["T0"], channel="email", source="campaigns.wave:2")
    caps.keep(code="week", name="一周", limit=caps.Limit(span="days", days=7, most=1), at=world.NOW)
    begun = []

    def beside(name):
        if name == "touch.claimed":
            inside()

    inside = Once(lambda: begun.append(Beside(brand, lambda: claim("email")).start()))
    monkeypatch.setattr(touches, "failpoint", beside)
    return len(claim()) + len(begun[0].answer)


def test_two_channels_at_once_keep_to_one_cap(brand, monkeypatch):
    assert capped(brand, monkeypatch) == 1
    claim("email")
    claim()
    assert Touch.objects.filter(state="claimed").count() == 1


def test_without_the_lock_on_the_person_both_would_find_her_below_the_cap(brand, monkeypatch):
    monkeypatch.setattr(touches, "PICK", touches.PICK.replace(" FOR NO KEY UPDATE OF r SKIP LOCKED", ""))
    assert capped(brand, monkeypatch) == 2
