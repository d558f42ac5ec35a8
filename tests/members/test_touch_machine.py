"""Consents and touches against a small model: whatever is said, planned, claimed or erased, nothing goes out against it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from hypothesis import strategies as st

from members.actions import consents, merges, persons, touches
from members.models import Touch
from members.queries import consents as gate
from newretail.kernel import books, clock
from newretail.kernel.verbs import Refused
from tests import world
from tests.members import stories
from tests.members.consenting import claim, plan, row, say, texts

PEOPLE = ("V1", "V2", "KID")
WHO, CHANNEL = st.sampled_from(PEOPLE), st.sampled_from(["sms", "call"])
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
# How long ago it was said: what comes late may have been said before what is known.
AGO = st.sampled_from([timedelta(0), timedelta(0), 20 * SECOND, 90 * SECOND])
ENDS = {"sent": "", "failed": "refused", "unknown": "no_answer"}
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("tell"), WHO, CHANNEL, st.just(True), AGO),
        st.tuples(st.just("tell"), WHO, CHANNEL, st.just(True), AGO),
        st.tuples(st.just("tell"), WHO, CHANNEL, st.just(False), AGO),
        st.tuples(st.just("guard"), st.booleans()),
        st.tuples(st.just("plan"), WHO, CHANNEL, st.sampled_from(["marketing", "marketing", "service"])),
        st.tuples(st.just("plan"), WHO, CHANNEL, st.just("marketing")),
        st.tuples(st.just("claim"), CHANNEL, st.integers(1, 3)),
        st.tuples(st.just("claim"), CHANNEL, st.just(3)),
        st.tuples(st.just("settle"), st.integers(0, 3), st.sampled_from(sorted(ENDS))),
        st.tuples(st.just("wait"), st.sampled_from([SECOND, touches.LEASE, DAY])),
        st.tuples(st.just("merge")),
        st.tuples(st.just("part")),
        st.tuples(st.just("erase"), WHO),
    ),
    min_size=4, max_size=30,
)  # fmt: skip


@dataclass
class Contact:
    """A touch as anybody would keep it on paper."""

    who: str
    channel: str
    purpose: str
    day: object
    state: str = "planned"
    reason: str = ""
    claimed_at: object = None


class Desk:
    """Two grown-ups and a child, two channels, one plan; what each said, in the order in which she said it."""

    def __init__(self):
        self.at = world.NOW
        self.ids = {who: world.member(who).pk for who in PEOPLE}
        self.said, self.guarded, self.contacts = {}, [], []
        self.erased, self.merge_row = set(), None

    def tick(self):
        self.at += 30 * SECOND

    def family(self, who):
        return ("V1", "V2") if self.merge_row and who != "KID" else (who,)

    def newest(self, who, channel):
        """What she said last, as one of all rows that are she; of two words of one instant the withdrawal."""
        words = [word for one in self.family(who) for word in self.said.get((one, channel), [])]
        return max(words, key=lambda word: (word[0], not word[1]), default=None)

    def why_not(self, contact):
        if contact.who in self.erased:
            return "erased"
        guardian = max(self.guarded, key=lambda word: (word[0], not word[1]), default=(None, False))
        if contact.who == "KID" and not guardian[1]:
            return "under_14"
        word = self.newest(contact.who, contact.channel) if contact.purpose == "marketing" else None
        if word is None:
            return "" if contact.purpose == "service" else "no_consent"
        return "" if word[1] else "withdrawn"

    def tell(self, who, channel, given, ago):
        self.tick()
        when = self.at - ago
        decision = {"decision": "given"} if given else {"decision": "withdrawn", "proof": None}
        told = say(row(who, channel=channel, stated_at=when.isoformat(), **decision), at=self.at)
        assert bool(told.refusals) == (who in self.erased)
        newest = self.newest(who, channel)
        holds = given and newest and newest[1] and newest[0] <= when
        if who not in self.erased and not holds:
            self.said.setdefault((who, channel), []).append((when, given))

    def guard(self, given):
        self.tick()
        if "KID" in self.erased:
            return
        consents.guard(member=world.member("KID"), given=given, relation="parent", proof="T-1", source="till",
                       at=self.at)  # fmt: skip
        self.guarded.append((self.at, given))

    def plan(self, who, channel, purpose):
        new = Contact(who, channel, purpose, clock.business_day(self.at))
        known = any((c.who, c.channel, c.day) == (new.who, new.channel, new.day) for c in self.contacts)
        count = plan(numbers=[who], channel=channel, purpose=purpose, at=self.at)
        fresh = not known and who not in self.erased
        assert count == fresh
        self.contacts += [new] if fresh else []

    def claim(self, channel, most):
        self.tick()
        due = [each for each in self.contacts if each.state == "planned" and each.channel == channel][:most]
        for each in due:
            each.reason = self.why_not(each)
            each.state = "suppressed" if each.reason else "claimed"
            each.claimed_at = None if each.reason else self.at
        taken = claim(channel, most, at=self.at)
        expected = [(self.ids[each.who], each.purpose) for each in due if each.state == "claimed"]
        assert sorted((each.member_id, each.purpose) for each in taken) == sorted(expected)

    def settle(self, which, state):
        self.tick()
        if which >= len(self.contacts):
            return
        contact = self.contacts[which]
        ref = Touch.objects.order_by("pk")[which].ref
        ended = [touches.Settlement(ref, state, ENDS[state])]
        open_ = contact.state == "claimed" or (contact.state == "unknown" and state != "unknown")
        try:
            count = touches.settle(results=ended, at=self.at)
        except Refused:
            assert not open_
            assert contact.state != state
            return
        assert count == open_
        if open_:
            contact.state, contact.reason = state, ENDS[state]
        assert contact.state == state

    def wait(self, step):
        self.at += step
        touches.doubt(at=self.at)
        for each in self.contacts:
            if each.state == "claimed" and each.claimed_at <= self.at - touches.LEASE:
                each.state, each.reason = "unknown", "no_answer"

    def merge(self):
        if not self.merge_row and not self.erased:
            one, other = world.member("V2"), world.member("V1")
            self.merge_row = merges.merge(member=one, into=other, reason="一人", at=self.at)

    def part(self):
        if self.merge_row and not self.erased:
            merges.undo(merge=self.merge_row, reason="两人", at=self.at)
            self.merge_row = None

    def erase(self, who):
        self.tick()
        if who in self.erased:
            return
        hers = [each for each in self.contacts if each.who in self.family(who)]
        free = not any(each.state == "claimed" for each in hers)
        try:
            persons.erase(member=world.member(who), reason="request", at=self.at)
        except Refused:
            assert not free
            return
        assert free
        self.erased |= {*self.family(who)}
        for each in hers:
            if each.state == "planned":
                each.state, each.reason = "suppressed", "erased"

    def agree(self):
        assert books.verify() == []
        found = Touch.objects.order_by("pk").values_list("member_id", "channel", "purpose", "day", "state", "reason")
        told = [(self.ids[c.who], c.channel, c.purpose, c.day, c.state, c.reason) for c in self.contacts]
        assert list(found) == told
        for channel in ("sms", "call"):
            asked = {"channel": channel, "purpose": "marketing", "at": self.at}
            open_to = [who for who in PEOPLE if not self.why_not(Contact(who, channel, "marketing", None))]
            assert gate.may_be_touched(list(self.ids.values()), **asked) == sorted(self.ids[who] for who in open_to)


@pytest.fixture(autouse=True)
def three(brand):
    world.chain()
    texts()
    world.people({"member_no": "KID", "birthday": "2020-01-01", "store_code": "SH01"})


@pytest.mark.prove
def test_touches_go_out_as_the_model_says_whatever_is_said_and_planned():
    stories.live(Desk, DEEDS, short=10, long=500)


NOW, LATE = timedelta(0), 90 * SECOND
SMS = ("plan", "V1", "sms", "marketing")
# Short lives that each tell one thing; a gate broken in that thing cannot live all of them.
STORIES = (
    [("tell", "V1", "sms", True, NOW), SMS, ("tell", "V1", "sms", False, NOW), ("claim", "sms", 3)],
    [("tell", "V1", "sms", False, NOW), ("tell", "V1", "sms", True, LATE), SMS, ("claim", "sms", 3)],
    [("tell", "V1", "sms", False, LATE), ("tell", "V1", "sms", False, NOW), ("tell", "V1", "sms", True, 40 * SECOND),
     SMS, ("claim", "sms", 3)],
    [("tell", "KID", "sms", True, NOW), ("plan", "KID", "sms", "marketing"), ("plan", "KID", "call", "service"),
     ("claim", "sms", 3), ("guard", True), ("claim", "call", 3), ("wait", DAY), ("plan", "KID", "sms", "marketing"),
     ("guard", False), ("claim", "sms", 3)],
    [("tell", "V1", "sms", True, NOW), ("plan", "V2", "sms", "marketing"), ("merge",), ("claim", "sms", 3),
     ("tell", "V2", "sms", False, NOW), SMS, ("claim", "sms", 3), ("part",), ("wait", DAY), SMS, ("claim", "sms", 3)],
    [("tell", "V1", "sms", True, NOW), SMS, SMS, ("claim", "sms", 1), ("erase", "V1"), ("wait", touches.LEASE),
     ("settle", 0, "sent"), ("settle", 0, "failed"), ("wait", DAY), SMS, ("erase", "V1"), ("claim", "sms", 1)],
    [SMS, ("plan", "V2", "sms", "marketing"), ("erase", "V1"), ("wait", DAY), SMS],
    [SMS, ("plan", "V2", "call", "service"), ("settle", 0, "sent"), ("claim", "call", 1), ("claim", "sms", 1),
     ("settle", 1, "unknown"), ("settle", 1, "sent"), ("settle", 1, "sent")],
)  # fmt: skip
CLAIMING = (touches, "CLAIM")
MUTANTS = {
    "the first word counts": [(*CLAIMING, "ORDER BY stated_at DESC, given, id DESC", "ORDER BY stated_at, given, id")],
    "the last written word counts": [(*CLAIMING, "ORDER BY stated_at DESC, given, id DESC", "ORDER BY id DESC")],
    "what she said by another row does not count": [(*CLAIMING, f"c.member_id IN ({gate.FAMILY})", "c.member_id = m.id")],
    "a child is touched": [(*CLAIMING, "THEN 'under_14'", "THEN ''")],
    "a guardian's word holds for ever": [(*CLAIMING, "coalesce((SELECT w.given", "coalesce((SELECT true")],
    "a withdrawal is overlooked": [(*CLAIMING, "ELSE 'withdrawn'", "ELSE ''")],
    "an erased person keeps her plans": [(persons, "SUPPRESS", "state IN ('planned', 'held', 'waiting')", "state = 'none'")],
    "an end is taken back": [(touches, "SETTLE", "t.state IN ('claimed', 'waiting', 'unknown')", "t.state <> 'planned'")],
    "what is on its way is never in doubt": [(touches, "DOUBT", "claimed_at <= %(before)s", "false")],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_touches_go_out_as_the_model_says_in_each_story(story):
    stories.lived(Desk, story)


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_gate_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Desk, story) for story in STORIES)
