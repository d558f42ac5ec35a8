"""Bonds against a small model: whoever is added, handed over, merged and pooled, books and model agree; mutants are found."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from hypothesis import strategies as st

from guides.actions import bonds, handovers, pool
from guides.actions.handovers import Spread
from guides.models import Bond, Task
from guides.queries import pooling, serving, spreading
from members.actions import merges, orders
from members.importers import ORDERS
from newretail.kernel import books
from newretail.kernel.actions import settings
from newretail.kernel.files.rows import batch_of
from stores.models import Post
from tests import serving as cast
from tests import world
from tests.members import stories

PEOPLE = {"V1": "SH01", "V2": "GZ01", "V3": "SH01", "V4": None}
POSTS = {"G1": "SH01", "M1": "SH01", "G2": "SH01", "G9": "GZ01", "G3": "SH01", "G3 moved": "GZ01"}  # by their ids
HOUR, DAY, QUIET, LOCK = timedelta(hours=1), timedelta(days=1), timedelta(days=180), timedelta(days=90)
STEPS = (HOUR, 10 * DAY, LOCK, QUIET)
WHO, POST, AGO = st.sampled_from(list(PEOPLE)), st.sampled_from(list(POSTS)), st.sampled_from([0 * DAY, HOUR, 10 * DAY])
ADDED = st.tuples(WHO, POST, AGO)
BOUND = st.tuples(st.just("bind"), WHO, POST)
DEEDS = st.lists(
    st.one_of(
        BOUND, BOUND, BOUND,
        st.tuples(st.just("push"), st.lists(ADDED, min_size=1, max_size=3)),
        st.tuples(st.just("hand_over"), POST, st.sets(POST, max_size=3), st.sampled_from(spreading.RULES)),
        st.tuples(st.just("part"), WHO),
        st.tuples(st.just("merge"), WHO, WHO),
        st.tuples(st.just("merge"), WHO, WHO),
        st.tuples(st.just("undo"), WHO),
        st.tuples(st.just("allocate")),
        st.tuples(st.just("recycle")),
        st.tuples(st.just("buy"), WHO),
        st.tuples(st.just("give"), WHO),
        st.tuples(st.just("move")),
        st.tuples(st.just("mode"), st.sampled_from(["first", "locked", "free"])),
        st.tuples(st.just("rule"), st.sampled_from(spreading.RULES)),
        st.tuples(st.just("wait"), st.sampled_from(STEPS)),
    ),
    min_size=4, max_size=24,
)  # fmt: skip


@dataclass
class Tie:
    """A bond as anybody would keep it on paper: by her row and the guide's post."""

    who: str
    post: str
    source: str
    began: datetime
    locked: datetime | None = None
    ended: datetime | None = None
    end: str = ""


class Floor(stories.Tried):
    """Four members, a manager and four guides of two stores, one of whom moves; a clock that goes on."""

    def __init__(self):
        self.at, self.how, self.spread, self.moved = world.NOW, "first", "load", False
        self.ties, self.parent, self.merges, self.bought, self.tasks = [], {}, {}, {}, []
        self.number = 0

    def row(self, post):
        """Give the post as it stands in the books."""
        return Post.objects.get(user__staff_no=self.staff_no(post), store__code=POSTS[post])

    def staff_no(self, post):
        return post.removesuffix(" moved")

    def here(self, post):
        """Tell whether somebody stands there now."""
        return post != ("G3" if self.moved else "G3 moved")

    def root(self, who):
        while who in self.parent:
            who = self.parent[who]
        return who

    def open(self, who=None, post=None):
        """List the ties that hold, of a person or of a post."""
        return [
            tie for tie in self.ties
            if not tie.ended and (who is None or self.root(tie.who) == self.root(who)) and post in (None, tie.post)
        ]  # fmt: skip

    def held(self, who):
        """Give the tie that counts: her root's, else the oldest of the rows merged into her."""
        return min(self.open(who), key=lambda tie: (tie.who != self.root(who), tie.began), default=None)

    def finish(self, tie, end):
        tie.ended, tie.end = max(tie.began, self.at), end

    def begin(self, who, post, source, began, locked=None):
        past = [tie.ended for tie in self.ties if tie.who == who and tie.ended]
        began = max([began, *past])
        self.ties.append(Tie(who, post, source, began, began + LOCK if locked else None))

    def wishes(self, rows):
        """Of several wishes for a person the earliest counts."""
        wished = {}
        for who, post, began in sorted(rows, key=lambda row: (row[2], list(POSTS).index(row[1]))):
            wished.setdefault(self.root(who), (post, began))
        return wished

    def take(self, rows, source, how):
        """Bind as the brand's mode says; gives how many went to another guide."""
        made = 0
        for who, (post, began) in sorted(self.wishes(rows).items()):
            held = self.held(who)
            free = how == "free" or (how == "locked" and (not held or not held.locked or held.locked <= began))
            if held and (held.post == post or not free):
                continue
            for tie in self.open(who):
                self.finish(tie, "taken_over")
            self.begin(who, post, source, max(held.began, self.at, began) if held else began, how == "locked")
            made += 1
        return made

    def bind(self, who, post):
        if not self.here(post):
            return
        told = bonds.bind_one(member=world.member(who), post=self.row(post), source="scan", at=self.at)
        assert told.made == self.take([(who, post, self.at)], "scan", self.how)

    def push(self, added):
        """Let another system tell who was added; a guide is there by her number, wherever she stands."""
        known = [(who, "G3 moved" if post == "G3" and self.moved else post, self.at - ago) for who, post, ago in added]
        if not all(self.here(post) for _who, post, _at in known):
            return
        if len({(who, post) for who, post, _at in known}) < len(known):
            return
        rows = [{"member_no": who, "staff_no": self.staff_no(post), "added_at": at.isoformat()}
                for who, post, at in known]  # fmt: skip
        assert bonds.record(batch=batch_of(bonds.ADDED, rows), at=self.at).refusals == []
        served = {(tie.who, tie.post) for tie in self.open()}
        new = [(who, post, at) for who, post, at in known if (self.root(who), post) not in served]
        self.take(new, "api", self.how)

    def hand_over(self, post, heirs, rule):
        right = heirs and all(each != post and POSTS[each] == POSTS[post] and self.here(each) for each in heirs)
        if not (self.exists(post) and all(self.exists(each) for each in heirs)):
            return
        spread = Spread([self.row(each).pk for each in heirs], rule)
        given = {"post": self.row(post), "spread": spread, "at": self.at, "by": cast.guide("M1")}
        told = self.tried(lambda: handovers.hand_over(**given), bool(right and self.open(post=post)))
        if told is None:
            return
        gone = self.open(post=post)
        to = self.places({self.root(tie.who) for tie in gone}, heirs, rule)
        moved = [task for task in self.tasks if task[1] == post]
        for task in moved:
            task[1] = to.get(self.root(task[0]), post)
        assert (told.bonds, told.tasks) == (len(gone), sum(task[1] != post for task in moved))
        for tie in gone:
            self.finish(tie, "handed_over")
            self.ties.append(Tie(tie.who, to[self.root(tie.who)], "handover", tie.ended, tie.locked))

    def exists(self, post):
        return post != "G3 moved" or self.moved

    def places(self, people, guides, rule):
        """Give each person a guide: who has fewest first, or all as many."""
        load = {each: len(self.open(post=each)) if rule == "load" else 0 for each in guides}
        to = {}
        for who in sorted(people):
            to[who] = min(guides, key=lambda each: (load[each], list(POSTS).index(each)))
            load[to[who]] += 1
        return to

    def part(self, who):
        gone = self.open(who)
        assert handovers.part(member=world.member(who), at=self.at) == len(gone)
        for tie in gone:
            self.finish(tie, "deleted")

    def merge(self, one, other):
        allowed = one != other and one not in self.parent and other not in self.parent
        given = {"member": world.member(one), "into": world.member(other), "reason": "一人", "at": self.at}
        if told := self.tried(lambda: merges.merge(**given), allowed):
            self.merges[one], self.parent[one] = told, other

    def undo(self, one):
        if one in self.parent:
            merges.undo(merge=self.merges[one], reason="两人", at=self.at)
            del self.parent[one]

    def waits(self, who):
        peace = [t for t in self.ties if self.root(t.who) == who and t.end == "deleted" and t.ended > self.at - QUIET]
        return who not in self.parent and not self.open(who) and not peace

    def allocate(self):
        rows = []
        for store in ("SH01", "GZ01"):
            people = [who for who, home in PEOPLE.items() if home == store and self.waits(who)]
            guides = [post for post in POSTS if POSTS[post] == store and post != "M1" and self.here(post)]
            rows += [(who, post, self.at) for who, post in self.places(people, guides, self.spread).items()]
        assert pool.allocate(at=self.at) == len(rows) == self.take(rows, "pool", "first")

    def quiet(self, tie):
        before, family = self.at - QUIET, self.root(tie.who)
        bought = any(at > before for who, at in self.bought.values() if self.root(who) == family)
        open_task = any(self.root(who) == family and post == tie.post for who, post in self.tasks)
        return tie.began <= before and (not tie.locked or tie.locked <= self.at) and not bought and not open_task

    def recycle(self):
        gone = [tie for tie in self.open() if self.quiet(tie)]
        assert pool.recycle(at=self.at) == len(gone)
        for tie in gone:
            self.finish(tie, "recycled")

    def buy(self, who):
        self.number += 1
        row = {**world.order(f"N{self.number}", 9, self.at.isoformat(), member_no=who), "source": "pos"}
        assert orders.record(batch=batch_of(ORDERS, [row]), at=self.at).created == 1
        self.bought[self.number] = (who, self.at)

    def give(self, who):
        """Give the guide who serves her a task that stays open, if she is still there."""
        held = self.held(who)
        if held and self.here(held.post):
            self.number += 1
            row = {"member_no": who, "staff_no": self.staff_no(held.post), "source": f"N{self.number}", "facts": {}}
            cast.assign(brief=cast.brief(), rows=[row], at=self.at, kept=2000 * DAY)
            self.tasks.append([who, held.post])

    def move(self):
        """Let 小芳 move to the other store: who she served is there to be handed over."""
        if not self.moved:
            world.staff({"staff_no": "G3", "name": "小芳", "store_code": "GZ01", "role": "guide"})
            self.moved = True

    def mode(self, how):
        settings.put(key="bond_mode", value=how, at=self.at)
        self.how = how

    def rule(self, rule):
        settings.put(key="pool_rule", value=rule, at=self.at)
        self.spread = rule

    def wait(self, step):
        self.at += step

    def named(self, post):
        return next(name for name in POSTS if self.exists(name) and self.row(name) == post)

    def agree(self):
        assert books.verify() == []
        found = Bond.objects.select_related("member", "post")
        rows = [(b.member.member_no, self.named(b.post), b.source, b.began_at, b.locked_until, b.ended_at, b.end)
                for b in found]  # fmt: skip
        assert sorted(rows, key=str) == sorted((tuple(vars(tie).values()) for tie in self.ties), key=str)
        tasks = Task.objects.filter(member__isnull=False).select_related("member", "post")
        assert sorted([t.member.member_no, self.named(t.post)] for t in tasks) == sorted(self.tasks)
        self.agree_on_sight()

    def agree_on_sight(self):
        """Each person is the customer of one guide, and of nobody else."""
        counts = {who: self.held(who) for who in PEOPLE}
        for who, tie in counts.items():
            assert serving.guide_of(world.member(who)) == (self.row(tie.post) if tie else None)
        for post in POSTS:
            if self.here(post):
                hers = serving.customers_of(cast.guide(self.staff_no(post)))
                expected = {self.root(who) for who, tie in counts.items() if tie and tie.post == post}
                assert {member.member_no for member in hers} == expected


@pytest.fixture(autouse=True)
def floor(noon):
    world.chain()
    world.staff(*cast.SHOP, {"staff_no": "G3", "name": "小芳", "store_code": "SH01", "role": "guide"})
    world.people({"member_no": "V3", "store_code": "SH01"}, {"member_no": "V4"})


@pytest.mark.prove
def test_bonds_stand_as_their_model_whatever_is_done_with_them():
    stories.live(Floor, DEEDS, short=12, long=500)


ALL = {"G2", "G3"}
# Short lives that each tell one thing; bonds broken in that thing cannot live all of them.
STORIES = (
    [("bind", "V1", "G1"), ("bind", "V1", "G2"), ("bind", "V1", "G1"), ("part", "V1"), ("part", "V1"), ("bind", "V1", "G2")],
    [("mode", "free"), ("bind", "V1", "G1"), ("wait", HOUR), ("bind", "V1", "G2"), ("bind", "V1", "G2")],
    [("mode", "locked"), ("bind", "V1", "G1"), ("wait", 10 * DAY), ("bind", "V1", "G2"), ("wait", LOCK),
     ("push", [("V1", "G2", 10 * DAY)]), ("push", [("V1", "G9", 0 * DAY)])],
    [("push", [("V1", "G1", HOUR), ("V1", "G2", 10 * DAY), ("V2", "G9", 0 * DAY)]), ("push", [("V2", "G1", HOUR)])],
    [("bind", "V2", "G2"), ("bind", "V3", "G1"), ("merge", "V2", "V4"), ("merge", "V3", "V4"), ("bind", "V4", "G3")],
    [("bind", "V2", "G2"), ("bind", "V3", "G1"), ("merge", "V2", "V3"), ("undo", "V2"), ("bind", "V2", "G1")],
    [("mode", "free"), ("bind", "V2", "G2"), ("bind", "V3", "G1"), ("merge", "V2", "V3"), ("wait", HOUR),
     ("bind", "V2", "G3"), ("undo", "V2"), ("bind", "V2", "G9")],
    [("mode", "locked"), *(("bind", who, "G1") for who in PEOPLE), ("give", "V1"), ("wait", HOUR),
     ("hand_over", "G1", ALL, "evenly"), ("hand_over", "G1", ALL, "evenly"), ("bind", "V1", "G1"), ("give", "V2")],
    [("bind", "V1", "G2"), ("bind", "V2", "G1"), ("bind", "V3", "G1"), ("hand_over", "G1", ALL, "load"),
     ("hand_over", "G2", {"G9"}, "load"), ("hand_over", "G2", {"G2"}, "load"), ("hand_over", "G2", set(), "load")],
    [("bind", "V1", "G3"), ("bind", "V2", "G1"), ("give", "V1"), ("move",), ("hand_over", "G1", {"G3"}, "evenly"),
     ("hand_over", "G3", {"G3 moved"}, "evenly"), ("hand_over", "G3", {"G1", "M1"}, "evenly")],
    [("bind", "V1", "G1"), ("bind", "V2", "G1"), ("merge", "V2", "V1"), ("wait", HOUR),
     ("hand_over", "G1", ALL, "evenly"), ("undo", "V2")],
    [("bind", "V1", "G1"), ("allocate",), ("part", "V3"), ("allocate",), ("wait", QUIET), ("allocate",), ("merge", "V3", "V1"),
     ("part", "V1"), ("wait", HOUR), ("allocate",)],
    [("rule", "evenly"), ("bind", "V4", "G1"), ("allocate",), ("mode", "free"), ("allocate",)],
    [("mode", "locked"), ("bind", "V1", "G1"), ("mode", "first"), ("bind", "V2", "G9"), ("bind", "V3", "G1"), ("give", "V3"),
     ("wait", LOCK), ("recycle",), ("buy", "V2"), ("wait", LOCK), ("recycle",), ("recycle",), ("wait", LOCK), ("recycle",)],
    [("bind", "V1", "G1"), ("wait", LOCK), ("merge", "V2", "V1"), ("buy", "V2"), ("wait", LOCK), ("recycle",),
     ("wait", LOCK), ("recycle",), ("undo", "V2"), ("allocate",)],
)  # fmt: skip
MUTANTS = {
    "the guide of a merged row is not seen": [(bonds, "HELD", "coalesce(m.merged_into_id, m.id) IN", "m.id IN")],
    "a lock holds for ever": [(bonds, "TAKES", "<= w.began_at)", "< '-infinity')")],
    "the first guide loses her": [(bonds, "TAKES", "%(mode)s = 'free' OR", "%(mode)s <> 'locked' OR")],
    "the former bond goes on": [(bonds, "END", "AND b.ended_at IS NULL", "AND b.ended_at IS NOT NULL")],
    "of two wishes the last counts": [(bonds, "WISHED", "ORDER BY root, t.began_at,", "ORDER BY root, t.began_at DESC,")],
    "who is added begins when she is recorded": [(bonds, "ROWS", "least(added_at, %(at)s)", "%(at)s::timestamptz")],
    "what protected her is lost in a hand-over": [(handovers, "BEGUN", "b.locked_until, %(by)s", "NULL, %(by)s")],
    "an heir may serve elsewhere": [(handovers, "HEIRS", "p.store_id = f.store_id AND ", "")],
    "an heir may have left": [(handovers, "HEIRS", "p.until IS NULL AND ", "")],
    "open tasks stay behind": [(handovers, "TASKS", "'open', 'checking'", "'checking'")],
    "who deleted her guide is given another at once": [(pooling, "WAITING", "b.ended_at > %(before)s", "false")],
    "a merged row is given a guide of its own": [(pooling, "WAITING", "AND m.merged_into_id IS NULL ", "")],
    "who bought goes back": [(pooling, "QUIET", "o.paid_at > %(before)s", "false")],
    "for whom a task is open goes back": [(pooling, "QUIET", "k.state = 'open'", "false")],
    "the pool looks at nobody's load": [(pooling, "PLACED", "= 'load' THEN", "= 'none' THEN")],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_bonds_stand_as_their_model_in_each_story(story):
    stories.lived(Floor, story)


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_bonds_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Floor, story) for story in STORIES)
