"""Tasks against a small model: whatever is done with them in whatever order, books and model agree; mutants are found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st

from guides.actions import task_rules, tasks
from guides.actions.task_rules import Ruling
from guides.actions.tasks import Result, Wording
from guides.models import Task, TaskMove
from members.actions import persons
from members.models import Touch
from newretail.kernel import books
from tests import serving, world
from tests.members import consenting, stories

GUIDES = ("G1", "G2", "G9")
STORES = {"G1": "SH01", "G2": "SH01", "G9": "GZ01"}
KINDS = ("plain", "rule", "checked")  # no rule, one open of a rule, done when it is approved
TOUCHED = ("sent", "replied", "bought")
BACK, SECOND, HOUR, DAY = timedelta(seconds=30), timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
STEPS = (5 * SECOND, BACK, HOUR, DAY, 3 * DAY)
MEMBER, WHO, BY = st.sampled_from(["V1", "V2"]), st.sampled_from(["V1", "V2", ""]), st.sampled_from(GUIDES)
NTH = st.integers(0, 3)
OUTCOME = st.sampled_from(["sent", "replied", "bought", "refused", "unreachable", "done"])
ASSIGNED = st.tuples(st.just("assign"), WHO, BY, st.sampled_from(["A", "B", "C"]), st.sampled_from(KINDS))
DONE = st.tuples(st.just("complete"), NTH, BY, OUTCOME)
UNDONE = st.tuples(st.just("undo"), NTH, BY)
DEEDS = st.lists(
    st.one_of(
        ASSIGNED, ASSIGNED, DONE, DONE, DONE, UNDONE, UNDONE,
        st.tuples(st.just("snooze"), NTH, BY, st.sampled_from(STEPS)),
        st.tuples(st.just("transfer"), NTH, BY, BY),
        st.tuples(st.just("cancel"), NTH, BY),
        st.tuples(st.just("approve"), NTH, BY),
        st.tuples(st.just("give_back"), NTH, BY),
        st.tuples(st.just("expire")),
        st.tuples(st.just("settle")),
        st.tuples(st.just("wait"), st.sampled_from(STEPS)),
        st.tuples(st.just("allow"), MEMBER, st.booleans()),
        st.tuples(st.just("erase")),
    ),
    min_size=4, max_size=30,
)  # fmt: skip


@dataclass
class Card:
    """A task as anybody would keep it on paper: for whom, whose, how it stands, when she was touched for it last."""

    source: str
    who: str
    guide: str
    kind: str
    until: datetime
    state: str = "open"
    outcome: str = ""
    moves: int = 0
    ended: datetime | None = None
    touch: str = ""

    @property
    def waits(self):
        return self.state in ("open", "checking")


class Day(stories.Tried):
    """Three guides of two stores, two members, a clock that goes on."""

    def __init__(self):
        self.at, self.cards, self.touches, self.erased = world.NOW, [], [], set()
        self.allowed = dict.fromkeys(("V1", "V2"), False)
        self.briefs = {kind: serving.brief(wants_approval=kind == "checked") for kind in KINDS}
        ruling = Ruling("R", "规则", "bond_made", Wording("规则", "birthday"))
        self.rule = task_rules.keep(ruling=ruling, at=self.at)

    def row(self, card):
        return Task.objects.get(source=card.source, post__user__staff_no=card.guide, member__member_no=card.who or None)

    def picked(self, nth):
        return self.cards[nth % len(self.cards)] if self.cards else None

    def tell(self, verb, nth, by, allowed, **more):
        """Let a guide do something with a card; gives the card where it is done."""
        card = self.picked(nth)
        if card is None:
            return None
        given = {"task": self.row(card).ref, "within": [serving.post(by).pk], "at": self.at, "by": serving.guide(by)}
        told = self.tried(lambda: verb(**given, **more), card.guide == by and allowed(card))
        if told:
            card.moves += 1
        return card if told else None

    def alike(self, source, who, guide):
        """Tell whether a source gave this member, or of a task without one this guide, a task already."""
        return any(c.source == source and c.who == who and (who or c.guide == guide) for c in self.cards)

    def of_rule(self, who):
        """Tell whether the rule has an open task for her."""
        return bool(who) and any(c.kind == "rule" and c.who == who and c.waits for c in self.cards)

    def assign(self, who, guide, source, kind):
        rows = [{"member_no": who or None, "staff_no": guide, "source": source, "facts": {}}]
        rule = self.rule if kind == "rule" else None
        made = serving.assign(brief=self.briefs[kind], rows=rows, at=self.at, rule=rule)
        taken = self.alike(source, who, guide) or (kind == "rule" and self.of_rule(who))
        assert bool(made) == (not taken and who not in self.erased)
        if made:
            self.cards.append(Card(source, who, guide, kind, self.at + 7 * DAY))

    def complete(self, nth, by, outcome):
        def free(card):
            reached = card.who and outcome in TOUCHED
            return self.lasts(card) and (not reached or (self.allowed[card.who] and card.who not in self.erased))

        if card := self.tell(tasks.complete, nth, by, free, result=Result(outcome)):
            card.state = "checking" if card.kind == "checked" else "done"
            card.outcome, card.ended, card.touch = outcome, self.at, ""
            if card.who and outcome in TOUCHED:
                card.touch = f"{self.row(card).pk}.{card.moves}"
                self.touches.append([card.touch, card.who, "claimed", self.at])

    def lasts(self, card):
        """Tell whether it can still be done."""
        return card.state == "open" and self.at < card.until

    def touched(self, card):
        return next((touch for touch in self.touches if touch[0] == card.touch), None)

    def undo(self, nth, by):
        def fresh(card):
            undone = card.state == ("checking" if card.kind == "checked" else "done")
            sent = card.touch and self.touched(card)[2] == "sent"
            doubled = card.kind == "rule" and self.of_rule(card.who)
            return undone and self.at - card.ended <= BACK and not sent and not doubled

        if card := self.tell(tasks.undo, nth, by, fresh):
            if card.touch:
                self.touched(card)[2] = "failed"
            self.reopen(card)

    def reopen(self, card):
        card.state, card.outcome, card.ended, card.touch = "open", "", None, ""

    def snooze(self, nth, by, step):
        until = self.at + step
        self.tell(tasks.snooze, nth, by, lambda c: c.state == "open" and until < min(self.at + 30 * DAY, c.until),
                  until=until)  # fmt: skip

    def transfer(self, nth, by, to):
        def free(card):
            near = STORES[to] == STORES[card.guide] and to != card.guide
            return self.lasts(card) and near and not (not card.who and self.alike(card.source, "", to))

        # The card is found by its guide: it changes hands when all is said.
        if card := self.tell(tasks.transfer, nth, by, free, to=serving.post(to), reason="休假"):
            card.guide = to

    def cancel(self, nth, by):
        if card := self.tell(tasks.cancel, nth, by, lambda c: c.state == "open", reason="活动取消"):
            card.state, card.ended = "cancelled", self.at

    def approve(self, nth, by):
        if card := self.tell(tasks.approve, nth, by, lambda c: c.state == "checking"):
            card.state = "done"

    def give_back(self, nth, by):
        if card := self.tell(tasks.give_back, nth, by, lambda c: c.state == "checking", reason="照片不清楚"):
            card.until = max(card.until, self.at + 2 * DAY)
            self.reopen(card)

    def expire(self):
        over = [card for card in self.cards if card.state == "open" and card.until <= self.at]
        assert tasks.expire(at=self.at) == len(over)
        for card in over:
            card.state, card.ended = "expired", self.at

    def settle(self):
        sent = [touch for touch in self.touches if touch[2] == "claimed" and self.at - touch[3] >= BACK]
        assert tasks.settle(at=self.at) == len(sent)
        for touch in sent:
            touch[2] = "sent"

    def wait(self, step):
        self.at += step

    def allow(self, who, given):
        self.at += SECOND
        decision = {"decision": "given"} if given else {"decision": "withdrawn", "proof": None}
        row = consenting.row(who, channel="wecom", purpose="care", stated_at=self.at.isoformat(), **decision)
        assert bool(consenting.say(row, at=self.at).refusals) == (who in self.erased)
        self.allowed[who] = given

    def erase(self):
        """Erase V2, unless something for her is on its way."""
        free = "V2" not in self.erased and not any(touch[1:3] == ["V2", "claimed"] for touch in self.touches)
        if self.tried(lambda: persons.erase(member=self.whom, reason="request", at=self.at), free):
            self.erased.add("V2")

    @property
    def whom(self):
        return world.member("V2")

    def agree(self):
        assert books.verify() == []
        found = Task.objects.values_list(
            "source", "member__member_no", "post__user__staff_no", "state", "outcome", "moves", "ended_at", "expires_at"
        )
        paper = [(c.source, c.who or None, c.guide, c.state, c.outcome, c.moves, c.ended, c.until) for c in self.cards]
        assert sorted(found, key=str) == sorted(paper, key=str)
        assert TaskMove.objects.count() == sum(card.moves for card in self.cards)
        ledger = Touch.objects.values_list("source", "member__member_no", "state")
        told = [(f"{tasks.SOURCE}{name}", who, state) for name, who, state, _at in self.touches]
        assert sorted(ledger) == sorted(told)


@pytest.fixture(autouse=True)
def shops(noon):
    serving.shops()
    consenting.texts()


@pytest.mark.prove
def test_tasks_stand_as_their_model_whatever_is_done_with_them():
    stories.live(Day, DEEDS, short=12, long=500)


GIVEN = [("allow", "V1", True), ("assign", "V1", "G1", "A", "plain")]
RULED = [("allow", "V1", True), ("assign", "V1", "G1", "A", "rule")]
CHECKED = [("allow", "V1", True), ("assign", "V1", "G1", "A", "checked"), ("complete", 0, "G1", "sent")]
# Short days that each tell one thing; tasks broken in that thing cannot live all of them.
STORIES = (
    [*GIVEN, ("assign", "V1", "G2", "A", "plain"), ("complete", 0, "G1", "sent"), ("assign", "V1", "G1", "A", "plain")],
    [*GIVEN, ("complete", 0, "G2", "sent"), ("complete", 0, "G1", "sent"), ("complete", 0, "G1", "bought"),
     ("undo", 0, "G2"), ("undo", 0, "G1"), ("undo", 0, "G1"), ("complete", 0, "G1", "replied")],
    [*GIVEN, ("complete", 0, "G1", "sent"), ("wait", BACK), ("undo", 0, "G1")],
    [*GIVEN, ("complete", 0, "G1", "sent"), ("wait", BACK), ("settle",), ("undo", 0, "G1"), ("settle",)],
    [*GIVEN, ("complete", 0, "G1", "sent"), ("wait", 5 * SECOND), ("settle",), ("wait", HOUR), ("undo", 0, "G1"),
     ("settle",)],
    [*GIVEN, ("complete", 0, "G1", "refused"), ("undo", 0, "G1"), ("allow", "V1", False), ("complete", 0, "G1", "sent"),
     ("complete", 0, "G1", "refused")],
    [*RULED, ("assign", "V1", "G1", "B", "rule"), ("complete", 0, "G1", "sent"), ("assign", "V1", "G2", "B", "rule"),
     ("undo", 0, "G1"), ("complete", 1, "G2", "refused"), ("undo", 0, "G1")],
    [*CHECKED, ("undo", 0, "G1"), ("approve", 0, "G1"), ("complete", 0, "G1", "sent"), ("approve", 0, "G2"),
     ("approve", 0, "G1"), ("undo", 0, "G1"), ("give_back", 0, "G1")],
    [*CHECKED, ("wait", 3 * DAY), ("wait", 3 * DAY), ("give_back", 0, "G1"), ("undo", 0, "G1"), ("wait", DAY),
     ("expire",), ("complete", 0, "G1", "sent"), ("wait", DAY), ("expire",), ("approve", 0, "G1")],
    [*CHECKED, ("wait", 3 * DAY), ("wait", 3 * DAY), ("wait", 3 * DAY), ("expire",), ("give_back", 0, "G1"), ("expire",)],
    [*GIVEN, ("wait", 3 * DAY), ("wait", 3 * DAY), ("expire",), ("snooze", 0, "G1", DAY), ("snooze", 0, "G1", HOUR),
     ("wait", DAY), ("expire",), ("expire",), ("complete", 0, "G1", "sent"), ("cancel", 0, "G1")],
    [*GIVEN, ("snooze", 0, "G1", HOUR), ("transfer", 0, "G1", "G9"), ("transfer", 0, "G1", "G1"),
     ("transfer", 0, "G1", "G2"), ("complete", 0, "G1", "sent"), ("complete", 0, "G2", "sent"),
     ("transfer", 0, "G2", "G1"), ("cancel", 0, "G2")],
    [("assign", "", "G1", "A", "plain"), ("assign", "", "G2", "A", "plain"), ("assign", "", "G1", "A", "plain"),
     ("transfer", 0, "G1", "G2"), ("complete", 0, "G1", "sent"), ("undo", 0, "G1")],
    [("assign", "", "G1", "A", "plain"), ("transfer", 0, "G1", "G2"), ("assign", "", "G1", "A", "plain"),
     ("transfer", 1, "G1", "G2"), ("cancel", 1, "G1"), ("complete", 1, "G1", "done"), ("expire",)],
    [("allow", "V2", True), ("assign", "V2", "G9", "A", "plain"), ("assign", "V2", "G9", "B", "plain"),
     ("complete", 0, "G9", "sent"), ("erase",), ("wait", BACK), ("settle",), ("erase",), ("complete", 1, "G9", "sent"),
     ("complete", 1, "G9", "unreachable"), ("assign", "V2", "G9", "C", "plain")],
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_tasks_stand_as_their_model_in_each_story(story):
    stories.lived(Day, story)


MUTANTS = {
    "who was erased is given tasks": [(tasks, "ASSIGN", "m.erased_at IS NULL AND ", "")],
    "a task expires a year late": [(tasks, "EXPIRE", "<= %(at)s", "<= %(at)s - INTERVAL '1 year'")],
    "what waits for approval expires": [(tasks, "EXPIRE", "state = 'open' AND", "state IN ('open', 'checking') AND")],
    "what was sent is settled at once": [(tasks, "DUE_TO_SETTLE", "AND claimed_at <= %(before)s ", "")],
    "what was sent is never settled": [(tasks, "DUE_TO_SETTLE", "state = 'claimed'", "state = 'planned'")],
}


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_tasks_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Day, story) for story in STORIES)
