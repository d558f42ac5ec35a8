"""Appointments against a small model: whatever is booked, moved and settled in whatever order, both agree."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st

from guides.actions import appointments
from guides.actions.appointments import Slot
from guides.models import Appointment
from guides.queries import booking, rosters
from newretail.kernel import books, clock
from newretail.kernel.actions import settings
from tests import rostering, serving, sights, visits, world
from tests.members import stories

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAY_OF = [sights.TODAY + n * DAY for n in range(7)]  # from Monday to Sunday
UNKNOWN = uuid.UUID(int=0)
GUIDE, WHO = st.sampled_from(["G1", "G2"]), st.sampled_from(["V1", "V2"])
NTH, HOURS, LASTS = st.integers(0, 3), st.sampled_from([-30, 0, 1, 2, 24, 5000]), st.sampled_from([1, 2, 9])
STATE = st.sampled_from(["arrived", "no_show", "cancelled"])
BOOKED = st.tuples(st.just("book"), NTH, WHO, GUIDE, HOURS, LASTS)
DEEDS = st.lists(
    st.one_of(
        BOOKED, BOOKED, BOOKED,
        st.tuples(st.just("move"), NTH, GUIDE, GUIDE, HOURS, LASTS),
        st.tuples(st.just("end"), NTH, GUIDE, STATE),
        st.tuples(st.just("end"), NTH, GUIDE, STATE),
        st.tuples(st.just("work"), GUIDE, st.integers(0, 3)),
        st.tuples(st.just("at_once"), st.sampled_from([1, 2])),
        st.tuples(st.just("wait"), st.sampled_from([HOUR, 12 * HOUR, DAY])),
    ),
    min_size=4, max_size=30,
)  # fmt: skip


@dataclass
class Note:
    """An appointment as anybody would keep it on paper: who comes, to whom, from when until when, what became of it."""

    who: str
    guide: str
    starts: datetime
    ends: datetime
    state: str = "booked"
    ended: datetime | None = None

    def takes(self, guide, instant):
        return self.guide == guide and self.state in ("booked", "arrived") and self.starts <= instant < self.ends


class Week(stories.Tried):
    """Two guides, two members, a week that begins today; a clock that goes on."""

    def __init__(self):
        self.at, self.notes, self.most, self.days = world.NOW, {}, 1, {"G1": set(), "G2": set()}

    def span(self, hours, lasts):
        starts = visits.TOMORROW + hours * HOUR
        return starts, starts + lasts * HOUR

    def free(self, guide, starts, ends, but=None):
        """Tell whether a guide can see somebody then."""
        days = self.days[guide]
        on = clock.business_day(starts)
        works = not days or on > max(DAY_OF) or on in days
        others = [note for note in self.notes.values() if note is not but]
        instants = [starts, *(note.starts for note in others if starts <= note.starts < ends)]
        crowd = max(sum(note.takes(guide, instant) for note in others) for instant in instants)
        return self.at < starts < self.at + 180 * DAY and ends - starts <= 8 * HOUR and works and crowd < self.most

    def book(self, nth, who, guide, hours, lasts):
        starts, ends = self.span(hours, lasts)
        known = self.notes.get(nth)
        allowed = known.who == who if known else self.free(guide, starts, ends)
        slot = Slot(serving.post(guide), starts, ends)
        if self.tried(lambda: visits.tell(who, f"Y{nth}", slot, self.at), allowed) and not known:
            self.notes[nth] = Note(who, guide, starts, ends)

    def named(self, nth, by):
        """Name an appointment of a guide's as the verbs take it."""
        row = Appointment.objects.filter(number=f"Y{nth}").first()
        return {"ref": row.ref if row else UNKNOWN, "within": [serving.post(by).pk], "at": self.at, "by": None}

    def move(self, nth, by, guide, hours, lasts):
        note, (starts, ends) = self.notes.get(nth), self.span(hours, lasts)
        there = note and note.guide == by and note.state == "booked"
        same = there and (note.guide, note.starts, note.ends) == (guide, starts, ends)
        allowed = bool(there and (same or self.free(guide, starts, ends, but=note)))
        slot = Slot(serving.post(guide), starts, ends)
        if self.tried(lambda: appointments.reschedule(slot=slot, **self.named(nth, by)), allowed):
            note.guide, note.starts, note.ends = guide, starts, ends

    def end(self, nth, by, state):
        note = self.notes.get(nth)
        allowed = bool(note and note.guide == by and (note.state == state or self.may_end(note, state)))
        if self.tried(lambda: appointments.end(state=state, **self.named(nth, by)), allowed) and note.state != state:
            note.state, note.ended = state, self.at

    def may_end(self, note, state):
        if note.state != "booked" and (note.state, state) != ("no_show", "arrived"):
            return False
        if state == "arrived":
            return clock.business_day(note.starts) <= clock.business_day(self.at)
        return state == "cancelled" or note.ends <= self.at

    def work(self, guide, day):
        """Plan a day of a guide's: the others of the week are off from then on."""
        assert rostering.record({"staff_no": guide, "day": rostering.day(day), "shift": "早班"}).refusals == []
        self.days[guide].add(DAY_OF[day])

    def at_once(self, most):
        settings.put(key="appointments_at_once", value=most, at=self.at)
        self.most = most

    def wait(self, step):
        self.at += step

    def agree(self):
        assert books.verify() == []
        found = Appointment.objects.values_list(
            "number", "member__member_no", "post__user__staff_no", "starts_at", "ends_at", "state", "ended_at"
        )
        paper = [(f"Y{nth}", n.who, n.guide, n.starts, n.ends, n.state, n.ended) for nth, n in self.notes.items()]
        assert sorted(found) == sorted(paper)


@pytest.fixture(autouse=True)
def shops(noon):
    serving.shops()


@pytest.mark.prove
def test_appointments_stand_as_their_model_whatever_is_done_with_them():
    stories.live(Week, DEEDS, short=12, long=500)


ONE = [("book", 0, "V1", "G1", 0, 1)]
# Short weeks that each tell one thing; appointments broken in that thing cannot live all of them.
STORIES = (
    [*ONE, ("book", 0, "V1", "G2", 1, 1), ("book", 0, "V2", "G1", 1, 1), ("book", 1, "V2", "G1", 0, 1),
     ("book", 1, "V2", "G2", 0, 1)],
    [*ONE, ("book", 1, "V2", "G1", 1, 1), ("book", 2, "V2", "G1", -1, 1), ("book", 3, "V2", "G1", -1, 9)],
    [*ONE, ("end", 0, "G2", "cancelled"), ("end", 0, "G1", "arrived"), ("end", 0, "G1", "no_show"),
     ("end", 0, "G1", "cancelled"), ("end", 0, "G1", "cancelled"), ("end", 0, "G1", "arrived"),
     ("book", 1, "V2", "G1", 0, 1)],
    [*ONE, ("wait", 12 * HOUR), ("end", 0, "G1", "arrived"), ("book", 1, "V2", "G1", 0, 1), ("end", 0, "G1", "no_show")],
    [*ONE, ("wait", DAY), ("wait", 12 * HOUR), ("end", 0, "G1", "no_show"), ("end", 0, "G1", "arrived"),
     ("end", 0, "G1", "no_show"), ("move", 0, "G1", "G1", 24, 1)],
    [*ONE, ("move", 0, "G1", "G1", 0, 2), ("move", 0, "G1", "G1", 0, 2), ("move", 0, "G2", "G2", 0, 2),
     ("move", 0, "G1", "G2", 1, 1), ("book", 1, "V2", "G1", 0, 1), ("move", 0, "G2", "G1", 0, 1)],
    [("at_once", 2), *ONE, ("book", 1, "V2", "G1", 1, 1), ("book", 2, "V2", "G1", 0, 2), ("book", 3, "V1", "G1", 0, 2)],
    [("work", "G1", 2), *ONE, ("book", 1, "V1", "G1", 24, 1), ("book", 2, "V2", "G2", 0, 1), ("work", "G1", 1), *ONE],
    [("book", 0, "V1", "G1", -30, 1), ("book", 1, "V1", "G1", 5000, 1), ("book", 2, "V1", "G1", 0, 9)],
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_appointments_stand_as_their_model_in_each_story(story):
    stories.lived(Week, story)


MUTANTS = {
    "what was cancelled takes its time": [(booking, "AT_ONCE", "IN ('booked', 'arrived')", "<> ''")],
    "who came takes no time": [(booking, "AT_ONCE", "IN ('booked', 'arrived')", "= 'booked'")],
    "one that ends is in the way of who comes next": [
        (booking, "AT_ONCE", "ends_at > %(starts)s", "ends_at >= %(starts)s"),
        (booking, "AT_ONCE", "b.ends_at >", "b.ends_at >="),
    ],
    "one is in its own way": [(booking, "AT_ONCE", "AND id <> %(but)s", "AND %(but)s >= 0")],
    "those that follow each other are at once": [(booking, "AT_ONCE", "b.starts_at <= i.instant AND", "true OR")],
    "another's are in her way": [(booking, "AT_ONCE", "post_id = %(post)s", "%(post)s > 0")],
    "she works on each day": [(rosters, "OFF_ON", "OR NOT EXISTS", "OR false AND NOT EXISTS")],
    "she works in planned weeks alone": [(rosters, "OFF_ON", "AND EXISTS", "OR NOT EXISTS")],
}  # fmt: skip


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_appointments_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Week, story) for story in STORIES)
