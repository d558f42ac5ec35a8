"""Escalations against a small model: whatever is said in whatever order, thread and model agree; mutants are found."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st

from guides.actions import escalations
from guides.models import Escalation, EscalationMessage
from newretail.kernel import books
from newretail.kernel.actions import settings
from stores.models import Store
from tests import serving, world
from tests.members import stories

STORES = {"G1": "SH01", "G2": "SH01", "M1": "SH01", "G9": "GZ01"}
ABOVE = {"manager": "supervisor", "supervisor": "hq"}
HOUR, LIMIT = timedelta(hours=1), timedelta(hours=24)
RAISER, WHERE = st.sampled_from(list(STORES)), st.sampled_from(["SH01", "GZ01", ""])  # "": everywhere
WORDS, NTH = st.sampled_from(["请看一下", "  ", "x" * 1001]), st.integers(0, 2)
SAID = st.one_of(st.just("请看一下"), WORDS)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), RAISER, st.integers(0, 3), SAID),
        st.tuples(st.just("begin"), RAISER, st.integers(0, 3), st.just("请看一下")),
        st.tuples(st.just("answer"), NTH, WHERE, SAID),
        st.tuples(st.just("add"), NTH, RAISER, SAID),
        st.tuples(st.just("close_own"), NTH, RAISER, SAID),
        st.tuples(st.just("close_over"), NTH, WHERE, SAID),
        st.tuples(st.just("hand_up")),
        st.tuples(st.just("hand_up")),
        st.tuples(st.just("hours"), st.sampled_from([1, 24, 48])),
        st.tuples(st.just("wait"), st.sampled_from([HOUR, LIMIT, 3 * LIMIT])),
    ),
    min_size=4, max_size=30,
)  # fmt: skip


@dataclass
class Slip:
    """A problem as anybody would keep it on paper: who raised it, who is to answer until when, what was said."""

    raiser: str
    level: str
    due: datetime
    state: str = "open"
    ups: int = 0
    thread: list[str] = field(default_factory=lambda: ["raised"])


class Line(stories.Tried):
    """Three who serve in one store, one in another; a clock that goes on."""

    def __init__(self):
        self.at, self.limit, self.slips = world.NOW, LIMIT, {}
        self.refs = [uuid.UUID(int=n) for n in range(4)]

    def within(self, where):
        return [Store.objects.get(code=where).pk] if where else None

    def begin(self, raiser, nth, words):
        """Take a problem up; under a number that is there it is the one that is there, if it is hers."""
        known = self.slips.get(nth)
        allowed = words == "请看一下" and (not known or known.raiser == raiser)
        act = lambda: serving.take_up(raiser, ref=self.refs[nth], words=words, at=self.at)  # noqa: E731
        if self.tried(act, allowed) and not known:
            self.slips[nth] = Slip(raiser, "supervisor" if raiser == "M1" else "manager", self.at + self.limit)

    def tell(self, verb, nth, kind, allowed, **given):
        """Let somebody say something; gives the slip where it is kept."""
        slip = self.slips.get(nth)
        act = lambda: verb(escalation=self.refs[nth], at=self.at, by=serving.guide("M1"), **given)  # noqa: E731
        told = self.tried(act, bool(slip and slip.state != "closed" and allowed(slip)))
        if told:
            slip.thread.append(kind)
        return slip if told else None

    def reached(self, where):
        return lambda slip: where in ("", STORES[slip.raiser])

    def answer(self, nth, where, words):
        def free(slip):
            return words == "请看一下" and self.reached(where)(slip)

        given = {"within": self.within(where), "words": words}
        if slip := self.tell(escalations.answer, nth, "answered", free, **given):
            slip.state = "answered"

    def add(self, nth, raiser, words):
        def hers(slip):
            return words == "请看一下" and slip.raiser == raiser

        if slip := self.tell(escalations.add, nth, "added", hers, posts=[serving.post(raiser).pk], words=words):
            slip.due = self.at + self.limit if slip.state == "answered" else slip.due
            slip.state = "open"

    def close_own(self, nth, raiser, words):
        free = lambda slip: slip.raiser == raiser and len(words) <= 1000  # noqa: E731
        if slip := self.tell(escalations.close, nth, "closed", free, posts=[serving.post(raiser).pk], words=words):
            slip.state = "closed"

    def close_over(self, nth, where, words):
        free = lambda slip: self.reached(where)(slip) and len(words) <= 1000  # noqa: E731
        if slip := self.tell(escalations.close, nth, "closed", free, within=self.within(where), words=words):
            slip.state = "closed"

    def hand_up(self):
        over = [s for s in self.slips.values() if s.state == "open" and s.level != "hq" and s.due <= self.at]
        assert escalations.hand_up(at=self.at) == len(over)
        for slip in over:
            slip.level, slip.ups, slip.due = ABOVE[slip.level], slip.ups + 1, self.at + self.limit
            slip.thread.append("handed_up")

    def hours(self, hours):
        settings.put(key="escalation_hours", value=hours, at=self.at)
        self.limit = hours * HOUR

    def wait(self, step):
        self.at += step

    def agree(self):
        assert books.verify() == []
        found = Escalation.objects.values_list(
            "ref", "post__user__staff_no", "level", "state", "handed_up", "messages", "due_at"
        )
        paper = [(self.refs[nth], s.raiser, s.level, s.state, s.ups, len(s.thread), s.due)
                 for nth, s in self.slips.items()]  # fmt: skip
        assert sorted(found) == sorted(paper)
        for nth, slip in self.slips.items():
            thread = EscalationMessage.objects.filter(escalation__ref=self.refs[nth]).order_by("nth")
            assert list(thread.values_list("kind", flat=True)) == slip.thread


@pytest.fixture(autouse=True)
def shops(noon):
    serving.shops()


@pytest.mark.prove
def test_escalations_stand_as_their_model_whatever_is_said():
    stories.live(Line, DEEDS, short=12, long=500)


SAY = "请看一下"
RAISED = [("begin", "G1", 0, SAY)]
# Short lines that each tell one thing; escalations broken in that thing cannot live all of them.
STORIES = (
    [*RAISED, ("begin", "G1", 0, SAY), ("begin", "G2", 0, SAY), ("begin", "M1", 1, SAY), ("begin", "G2", 2, " ")],
    [*RAISED, ("answer", 0, "GZ01", SAY), ("answer", 0, "SH01", " "), ("answer", 0, "SH01", SAY), ("wait", LIMIT),
     ("hand_up",), ("add", 0, "G2", SAY), ("add", 0, "G1", SAY), ("hand_up",), ("wait", LIMIT), ("hand_up",)],
    [*RAISED, ("wait", HOUR), ("hand_up",), ("wait", LIMIT), ("hand_up",), ("hand_up",), ("wait", LIMIT), ("hand_up",),
     ("wait", LIMIT), ("hand_up",), ("answer", 0, "", SAY)],
    [*RAISED, ("begin", "M1", 1, SAY), ("hours", 48), ("wait", LIMIT), ("hand_up",), ("wait", LIMIT), ("hand_up",),
     ("wait", LIMIT), ("hand_up",)],
    [*RAISED, ("close_own", 0, "G2", SAY), ("close_over", 0, "GZ01", SAY), ("close_own", 0, "G1", " "),
     ("answer", 0, "", SAY), ("add", 0, "G1", SAY), ("close_over", 0, "", SAY), ("wait", LIMIT), ("hand_up",)],
    [*RAISED, ("wait", LIMIT), ("add", 0, "G1", SAY), ("hand_up",), ("close_over", 0, "SH01", SAY), ("hand_up",)],
)  # fmt: skip
MUTANTS = {
    "what was answered is handed up": [(escalations, "OVERDUE", "state = 'open' AND", "state <> 'closed' AND")],
    "what is at HQ is handed up": [(escalations, "OVERDUE", "AND level <> 'hq' ", "")],
    "it is handed up before its time": [(escalations, "OVERDUE", "due_at <= %(at)s", "raised_at <= %(at)s")],
    "a manager's goes past the supervisor": [(escalations, "HAND_UP", "THEN 'supervisor' ELSE", "THEN 'hq' ELSE")],
    "who it went up to has no time": [(escalations, "HAND_UP", "%(at)s + %(hours)s", "%(at)s")],
    "a handing up is not counted": [(escalations, "HAND_UP", "handed_up = handed_up + 1, ", "")],
    "a handing up stands not in the thread": [(escalations, "KEEP_HANDED", "ANY(%(ids)s)", "ANY(%(ids)s) AND false")],
}


@pytest.mark.parametrize("story", STORIES)
def test_escalations_stand_as_their_model_in_each_story(story):
    stories.lived(Line, story)


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_escalations_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Line, story) for story in STORIES)
