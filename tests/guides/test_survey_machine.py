"""Surveys against a small model: whatever is written, asked, answered and taken back, both agree; mutants are found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st

from guides.actions import replies, surveys, task_rules, tasks
from guides.actions.replies import Answered
from guides.actions.tasks import Result
from guides.models import Survey, SurveyAnswer, SurveyReply, Task, TaskRule
from newretail.kernel import books
from tests import serving, surveying, world
from tests.members import consenting, stories

SECOND, BACK, HOUR = timedelta(seconds=1), timedelta(seconds=30), timedelta(hours=1)
ANSWERS = {"all": surveying.ALL, "must": {1: "5", 3: "0"}, "none": {}, "odd": {1: "6", 3: "0"}, "long": {5: "x" * 201}}
FIT = ("all", "must")
NTH, TITLE = st.integers(0, 3), st.sampled_from(["一", "二", "三"])
OUTCOME = st.sampled_from(["sent", "bought", "unreachable", "refused"])
ASKED = st.tuples(st.just("ask"), st.sampled_from(["V1", "V2"]), st.sampled_from(["A", "B"]))
ANSWERED = st.tuples(st.just("reply"), NTH, st.sampled_from(list(ANSWERS)))
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), TITLE, st.integers(0, 3)),
        ASKED, ASKED, ANSWERED, ANSWERED,
        st.tuples(st.just("say"), NTH, OUTCOME),
        st.tuples(st.just("undo"), NTH),
        st.tuples(st.just("give_back"), NTH),
        st.tuples(st.just("wait"), st.sampled_from([SECOND, BACK, HOUR])),
    ),
    min_size=4, max_size=25,
)  # fmt: skip


@dataclass
class Sheet:
    """What is asked of a customer, as anybody would keep it on paper: which version, how it was answered how often."""

    who: str
    source: str
    version: int
    state: str = "open"
    stands: str = ""
    kept: int = 0
    ended: datetime | None = None


class Desk(stories.Tried):
    """A survey that a rule asks too, a guide who asks two customers; a clock that goes on."""

    def __init__(self):
        self.at, self.sheets = world.NOW, []
        surveying.rule()
        self.titles = [Survey.objects.get().title]

    def write(self, title, seen):
        """Write the survey, upon the version that was seen; 0: upon whatever stands."""
        act = lambda: surveying.survey(title=title, seen=seen or None)  # noqa: E731
        if self.tried(act, seen in (0, len(self.titles))) and title != self.titles[-1]:
            self.titles.append(title)

    def ask(self, who, source):
        """Ask a customer by a task that waits for approval when it is done."""
        newest = Survey.objects.latest("version")
        brief = serving.brief(
            title="回访", reason="survey", purpose="service", survey_id=newest.pk, wants_approval=True
        )
        rows = [{"member_no": who, "staff_no": "G1", "source": source, "facts": {}}]
        fresh = not any((sheet.who, sheet.source) == (who, source) for sheet in self.sheets)
        assert serving.assign(brief=brief, rows=rows, at=self.at) == fresh
        if fresh:
            self.sheets.append(Sheet(who, source, len(self.titles)))

    def tell(self, verb, nth, allowed, by="G1", **more):
        """Do something with a sheet; gives it where it is done."""
        if not self.sheets:
            return None
        sheet = self.sheets[nth % len(self.sheets)]
        task = Task.objects.get(source=sheet.source, member__member_no=sheet.who)
        given = {"task": task.ref, "within": [task.post_id], "at": self.at, "by": serving.guide(by)}
        return sheet if self.tried(lambda: verb(**given, **more), allowed(sheet)) else None

    def reply(self, nth, answers):
        free = lambda sheet: sheet.state == "open" and answers in FIT  # noqa: E731
        result = Result("replied", answered=Answered(ANSWERS[answers]))
        if sheet := self.tell(tasks.complete, nth, free, result=result):
            sheet.state, sheet.stands, sheet.kept, sheet.ended = "checking", answers, sheet.kept + 1, self.at

    def say(self, nth, outcome):
        free = lambda sheet: sheet.state == "open" and outcome in ("unreachable", "refused")  # noqa: E731
        if sheet := self.tell(tasks.complete, nth, free, result=Result(outcome)):
            sheet.state, sheet.ended = "checking", self.at

    def undo(self, nth):
        free = lambda sheet: sheet.state == "checking" and self.at - sheet.ended <= BACK  # noqa: E731
        if sheet := self.tell(tasks.undo, nth, free):
            sheet.state, sheet.stands = "open", ""

    def give_back(self, nth):
        free = lambda sheet: sheet.state == "checking"  # noqa: E731
        if sheet := self.tell(tasks.give_back, nth, free, by="M1", reason="没有问全"):
            sheet.state, sheet.stands = "open", ""

    def wait(self, step):
        self.at += step

    def agree(self):
        assert books.verify() == []
        assert list(Survey.objects.order_by("version").values_list("title", flat=True)) == self.titles
        assert TaskRule.objects.get().brief.survey == Survey.objects.latest("version")
        found = Task.objects.values_list("member__member_no", "source", "brief__survey__version", "state")
        assert sorted(found) == sorted((s.who, s.source, s.version, s.state) for s in self.sheets)
        assert SurveyReply.objects.count() == sum(sheet.kept for sheet in self.sheets)
        standing = SurveyReply.objects.standing().values_list(
            "task__member__member_no", "task__source", "survey__version"
        )
        assert sorted(standing) == sorted((s.who, s.source, s.version) for s in self.sheets if s.stands)
        answers = SurveyAnswer.objects.filter(reply__taken_back_at=None).count()
        assert answers == sum(len(ANSWERS[sheet.stands]) for sheet in self.sheets if sheet.stands)


@pytest.fixture(autouse=True)
def shops(noon):
    serving.shops()
    consenting.texts()
    for number in ("V1", "V2"):
        consenting.say(consenting.row(number, channel="wecom", purpose="service"))


@pytest.mark.prove
def test_surveys_stand_as_their_model_whatever_is_done_with_them():
    stories.live(Desk, DEEDS, short=12, long=500)


ASK = ("ask", "V1", "A")
# Short days that each tell one thing; surveys broken in that thing cannot live all of them.
STORIES = (
    [("write", "二", 0), ("write", "二", 2), ("write", "三", 1), ("write", "三", 2)],
    [ASK, ("write", "二", 1), ASK, ("ask", "V1", "B"), ("reply", 0, "all"), ("reply", 1, "must")],
    [ASK, ("reply", 0, "none"), ("reply", 0, "odd"), ("reply", 0, "long"), ("reply", 0, "must"), ("reply", 0, "all")],
    [ASK, ("say", 0, "sent"), ("say", 0, "bought"), ("say", 0, "unreachable"), ("reply", 0, "all")],
    [ASK, ("reply", 0, "all"), ("undo", 0), ("reply", 0, "must"), ("wait", BACK), ("wait", SECOND), ("undo", 0)],
    [ASK, ("reply", 0, "all"), ("undo", 0), ("say", 0, "refused"), ("undo", 0)],
    [ASK, ("reply", 0, "all"), ("wait", HOUR), ("give_back", 0), ("undo", 0), ("reply", 0, "all"), ("give_back", 0)],
    [ASK, ("ask", "V2", "A"), ("reply", 0, "all"), ("reply", 1, "must"), ("undo", 1)],
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_surveys_stand_as_their_model_in_each_story(story):
    stories.lived(Desk, story)


def forget(**_given):
    """Do nothing."""


MUTANTS = {
    "what was answered stands although it was undone": (replies, "take_back", forget),
    "what she answered is not kept": (replies, "keep", forget),
    "any answer will do": (replies, "_read", lambda question, given: None),
    "a version is written although nothing changed": (surveys, "_same", lambda *_: False),
    "a change is lost": (surveys, "_same", lambda *_: True),
    "rules go on asking the former version": (task_rules, "ask_anew", forget),
    "who sent the survey has asked it": (Task, "UNANSWERED", ("sent", "unreachable", "refused")),
    "who was not reached has not ended": (Task, "UNANSWERED", ("refused",)),
}


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_surveys_cannot_live_all_stories(monkeypatch, mutant):
    monkeypatch.setattr(*MUTANTS[mutant])
    assert not all(stories.survives(Desk, story) for story in STORIES)
