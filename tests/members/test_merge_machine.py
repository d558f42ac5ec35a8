"""Identities, merges and their undoing against a small model: who is whom, whose is what, and each side whole again."""

import pytest
from hypothesis import strategies as st

from members.actions import claims, merges, points
from members.actions.points import Name
from members.models import Claim, Identity, Order, PointsAccount
from members.queries import families, sides
from newretail.kernel import books
from newretail.kernel.files import identities
from tests import world
from tests.members import stories

PEOPLE = ("V1", "V2", "V3", "V4")
PHONES = tuple(f"+861390000000{n}" for n in range(len(PEOPLE)))
WHO, PHONE, SOME = st.sampled_from(PEOPLE), st.sampled_from(PHONES), st.integers(1, 60)
WHAT = st.sampled_from([*(("phone", phone) for phone in PHONES), ("card", "K1"), ("card", "K2")])
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), WHO, WHO),
        st.tuples(st.just("merge"), WHO, WHO),
        st.tuples(st.just("part"), WHO),
        st.tuples(st.just("part"), WHO),
        st.tuples(st.just("buy"), WHO),
        st.tuples(st.just("buy_by"), WHAT),
        st.tuples(st.just("buy_by_two_names"), WHO, WHAT),
        st.tuples(st.just("state"), WHO, WHAT),
        st.tuples(st.just("state"), WHO, WHAT),
        st.tuples(st.just("settle"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("earn"), WHO, SOME),
        st.tuples(st.just("spend"), WHO, SOME),
    ),
    min_size=4, max_size=24,
)  # fmt: skip


def column(kind, value):
    """An identity as an order carries it."""
    return {next(name for name, word in identities.KINDS.items() if word == kind): value}


class Persons(stories.Tried):
    """Four rows: who was merged into whom, what leads to whom, who brought which order and which points."""

    def __init__(self):
        self.parent, self.merges, self.orders, self.count = {}, {}, {}, 0
        self.leads = {("phone", phone): who for who, phone in zip(PEOPLE, PHONES, strict=True)}
        self.claims = {}
        self.points = dict.fromkeys(PEOPLE, 0)
        self.digests = {who: self.digest(who) for who in PEOPLE}

    def digest(self, who):
        return sides.digest([world.member(who).pk])

    def changed(self, *whose):
        """Take down what these hold by themselves from now on; the others hold what they held."""
        for who in whose:
            self.digests[who] = self.digest(who)

    def root(self, who):
        while who in self.parent:
            who = self.parent[who]
        return who

    def family(self, who):
        return [one for one in PEOPLE if self.root(one) == self.root(who)]

    def side(self, who):
        """Who stands below a row, herself first."""
        return [who, *(one for child, parent in self.parent.items() if parent == who for one in self.side(child))]

    def number(self):
        self.count += 1
        return f"N{self.count}"

    def merge(self, one, other):
        given = {"member": world.member(one), "into": world.member(other), "reason": "一人", "at": world.NOW}
        allowed = one != other and one not in self.parent and other not in self.parent
        if told := self.tried(lambda: merges.merge(**given), allowed):
            self.merges[one], self.parent[one] = (told, self.holdings(one)), other

    def holdings(self, who):
        """All that a family holds, and nothing of what others do."""
        return [(one, self.digests[one]) for one in self.family(who)]

    def part(self, one):
        if one not in self.parent:
            return
        merge, before = self.merges[one]
        side, into = self.side(one), self.parent[one]
        rest = [each for each in self.family(one) if each not in side]
        whole = all(sum(self.points[each] for each in half) >= 0 for half in (side, rest))
        undone = self.tried(lambda: merges.undo(merge=merge, reason="两人", at=world.NOW), whole)
        if not undone:
            return
        del self.parent[one]
        if any(self.points[each] for each in [*side, *rest]):
            self.changed(*side, *rest)
        elif self.holdings(one) == before:
            assert undone.member_digest == merge.member_digest
        assert self.root(into) == self.root(rest[0])

    def bought(self, who, **by):
        number = self.number()
        assert world.buy(world.order(number, 9, "2026-06-01", **by)).created == 1
        self.orders[number] = who
        self.changed(who)

    def buy(self, who):
        self.bought(who, member_no=who)

    def buy_by(self, what):
        if what in self.leads:
            self.bought(self.leads[what], **column(*what))

    def buy_by_two_names(self, who, what):
        """Both lead to one person, or the row is refused."""
        if what not in self.leads:
            return
        by = {"member_no": who, **column(*what)}
        if self.root(who) == self.root(self.leads[what]):
            self.bought(who, **by)
        else:
            assert world.buy(world.order(self.number(), 9, "2026-06-01", **by)).created == 0

    def give(self, who, what):
        """Let an identity lead to a row; whoever gets a phone gives up her former one."""
        former = [each for each, hers in self.leads.items() if hers == who and each[0] == what[0] == "phone"]
        for each in former:
            del self.leads[each]
        loser, self.leads[what] = self.leads.get(what, who), who
        self.changed(who, loser)

    def state(self, who, what):
        holder, claim = self.leads.get(what), (who, *what)
        told = claims.state(member=world.member(who), kind=what[0], value=what[1], source="crm", at=world.NOW)
        if holder is None:
            self.give(who, what)
        elif self.root(holder) != self.root(who) and self.claims.get(claim) != "rejected":
            self.claims[claim] = "pending"
        family = holder and self.root(holder) == self.root(who)
        assert told == ("accepted" if holder is None else "known" if family else self.claims[claim])
        self.changed(who)

    def settle(self, which, accept):
        pending = [claim for claim, state in sorted(self.claims.items()) if state == "pending"]
        if which >= len(pending):
            return
        who, kind, value = pending[which]
        row = Claim.objects.get(member__member_no=who, kind=kind, value=value)
        claims.settle(claim=row, accept=accept, at=world.NOW)
        self.claims[pending[which]] = "accepted" if accept else "rejected"
        if accept:
            self.give(who, (kind, value))
        self.changed(who)

    def earn(self, who, n):
        points.earn(member=world.member(who), points=n, name=Name("mall", self.number()), at=world.NOW)
        self.points[who] += n
        self.changed(*self.family(who))

    def spend(self, who, n):
        enough = sum(self.points[one] for one in self.family(who)) >= n
        given = {"member": world.member(who), "points": n, "name": Name("pos", self.number()), "at": world.NOW}
        if self.tried(lambda: points.spend(**given), enough):
            self.points[who] -= n
            self.changed(*self.family(who))

    def agree(self):
        assert books.verify() == []
        assert {who: self.digest(who) for who in PEOPLE} == self.digests
        found = Identity.objects.values_list("kind", "value", "member__member_no")
        assert {(kind, value): who for kind, value, who in found} == self.leads
        claimed = Claim.objects.values_list("member__member_no", "kind", "value", "state")
        assert {tuple(claim): state for *claim, state in claimed} == self.claims
        assert dict(Order.objects.values_list("order_no", "member__member_no")) == self.orders
        for who in PEOPLE:
            self.agree_on(who, families.ids_of(world.member(who)))

    def agree_on(self, who, rows):
        """Each number leads to the row in which she lives on; what her family holds of points is what it made."""
        assert families.numbered(who).member_no == self.root(who)
        assert len(rows) == len(self.family(who))
        held = sum(PointsAccount.objects.filter(member__in=rows).values_list("balance", flat=True))
        assert held == sum(self.points[one] for one in self.family(who))


@pytest.fixture(autouse=True)
def four(brand):
    world.people(*({"member_no": who, "phone": phone, "joined_at": "2026-01-01"}
                   for who, phone in zip(PEOPLE, PHONES, strict=True)))  # fmt: skip


@pytest.mark.prove
def test_members_are_who_the_model_says_however_they_are_merged_and_parted():
    stories.live(Persons, DEEDS, short=10, long=500)


FIRST, SECOND = ("phone", PHONES[0]), ("phone", PHONES[1])
# Short lives that each tell one thing; books broken in that thing cannot live all of them.
STORIES = (
    [("merge", "V2", "V1"), ("part", "V2")],
    [("merge", "V2", "V1"), ("buy", "V2"), ("buy_by", FIRST), ("buy_by_two_names", "V1", SECOND), ("part", "V2"),
     ("buy_by_two_names", "V1", SECOND)],
    [("merge", "V3", "V2"), ("merge", "V2", "V1"), ("merge", "V4", "V2"), ("part", "V2"), ("merge", "V1", "V4"),
     ("part", "V3")],
    [("state", "V2", FIRST), ("merge", "V2", "V1"), ("settle", 0, True), ("part", "V2"), ("buy_by", FIRST)],
    [("state", "V3", ("card", "K1")), ("state", "V4", ("card", "K1")), ("settle", 0, False),
     ("state", "V4", ("card", "K1")), ("buy_by", ("card", "K1")), ("buy_by_two_names", "V4", ("card", "K1")),
     ("merge", "V4", "V3"), ("state", "V4", ("card", "K1")), ("buy_by_two_names", "V4", ("card", "K1")), ("part", "V4")],
    [("earn", "V1", 30), ("earn", "V2", 20), ("merge", "V2", "V1"), ("spend", "V2", 45), ("part", "V2"),
     ("earn", "V2", 30), ("part", "V2"), ("spend", "V1", 30)],
)  # fmt: skip
MUTANTS = {
    "who was merged into her stays behind": [(merges, "_below", None)],
    "points spent of the other side are not given back": [(merges.partings, "settle_points", lambda **_: None)],
    "a side that lacks points parts all the same": [(merges, "_must_stand", lambda *_: None)],
    "a phone leads to her beside her former one": [(claims, "_lose", lambda *_: None)],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_members_are_who_the_model_says_in_each_story(story):
    stories.lived(Persons, story)


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_merge_cannot_live_all_stories(monkeypatch, mutant):
    for module, name, broken in MUTANTS[mutant]:
        monkeypatch.setattr(module, name, broken or (lambda start, _edges: [start]))
    assert not all(stories.survives(Persons, story) for story in STORIES)
