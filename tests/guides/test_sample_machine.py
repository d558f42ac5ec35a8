"""Samples against a small model: whatever is supplied and given in whatever order, both agree; mutants are found."""

from datetime import date, timedelta

import pytest
from hypothesis import strategies as st

from guides.actions import samples
from guides.models import Bond, Sample, SampleCampaign, SampleStock
from members.actions import merges
from newretail.kernel import books, clock
from newretail.kernel.actions import settings
from tests import sampling, serving, world
from tests.members import stories

STORES = {"G1": "SH01", "G2": "SH01", "G9": "GZ01"}
DAY, FIRST = timedelta(days=1), date(2026, 6, 1)
WHO = st.sampled_from(["V1", "V2", "V3"])
STOCK = st.sampled_from([(), (("SH01", 1),), (("SH01", 2),), (("SH01", 0), ("GZ01", 1))])
GIVEN = st.tuples(st.just("give"), WHO)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.sampled_from([0, 14, 20, 60]), STOCK),
        GIVEN, GIVEN, GIVEN,
        st.tuples(st.just("bind"), WHO, st.sampled_from(list(STORES))),
        st.tuples(st.just("merge")),
        st.tuples(st.just("wait"), st.sampled_from([DAY, 10 * DAY])),
    ),
    min_size=4, max_size=25,
)  # fmt: skip


class Month(stories.Tried):
    """Three guides of two stores, three members who may turn out to be two, a campaign of June."""

    def __init__(self):
        self.at, self.last, self.stock, self.had, self.one = world.NOW, None, {}, {}, set()
        settings.put(key="bond_mode", value="free", at=self.at)
        for who in ("V1", "V2", "V3"):
            serving.bind(who, "G1")

    def keep(self, days, stock):
        """Keep the campaign to so many days from the first of June on, and supply these stores."""
        last, told = FIRST + days * DAY, dict(stock)
        enough = all(count >= self.stock.get(code, (0, 0))[1] for code, count in told.items())
        act = lambda: sampling.campaign(first_on=FIRST, last_on=last, stock=told)  # noqa: E731
        if self.tried(act, enough):
            self.last = last
            self.stock.update({code: (count, self.stock.get(code, (0, 0))[1]) for code, count in told.items()})

    def person(self, who):
        """Name a member by all her rows."""
        return self.one if who in self.one else {who}

    def bond(self, who):
        """Give the bond by which somebody is served: of a row of hers that has none, that of the row she lives in."""
        found = Bond.objects.open().select_related("member", "post__user").order_by("-member__member_no")
        return found.filter(member__member_no__in=[who, "V1" if who in self.one else who]).first()

    def give(self, who):
        bond = self.bond(who)
        by = bond.post.user
        code = STORES[by.staff_no]
        supplied, gone = self.stock.get(code, (0, 0))
        runs = self.last is not None and clock.business_day(self.at) <= self.last
        fresh = not any(each in self.had for each in self.person(who))
        act = lambda: samples.give(bond=bond, campaign="tea", at=self.at, by=by)  # noqa: E731
        if self.tried(act, runs and fresh and (not self.stock or gone < supplied)):
            self.had["V1" if who in self.one else who] = by.staff_no
            if self.stock:
                self.stock[code] = (supplied, gone + 1)

    def bind(self, who, guide):
        serving.bind(who, guide, at=self.at)

    def merge(self):
        """Find that V2 is V1, unless it was found before."""
        if not self.one:
            merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=self.at)
            self.one = {"V1", "V2"}

    def wait(self, step):
        self.at += step

    def agree(self):
        assert books.verify() == []
        assert set(SampleCampaign.objects.values_list("last_on", flat=True)) == {self.last} - {None}
        stocks = SampleStock.objects.values_list("store__code", "supplied", "given")
        assert sorted(stocks) == sorted((code, *counts) for code, counts in self.stock.items())
        found = Sample.objects.values_list("member__member_no", "post__user__staff_no")
        assert sorted(found) == sorted(self.had.items())


@pytest.fixture(autouse=True)
def shops(noon):
    serving.shops()
    world.people({"member_no": "V3", "store_code": "SH01"})


@pytest.mark.prove
def test_samples_stand_as_their_model_whatever_is_done_with_them():
    stories.live(Month, DEEDS, short=12, long=500)


JUNE, SOUTH = ("keep", 20, (("SH01", 1),)), ("keep", 20, (("SH01", 0), ("GZ01", 1)))
# Short months that each tell one thing; samples broken in that thing cannot live all of them.
STORIES = (
    [("give", "V1"), ("keep", 20, ()), ("give", "V1"), ("give", "V1"), ("give", "V2")],
    [JUNE, ("give", "V1"), ("give", "V2"), ("keep", 20, (("SH01", 2),)), ("give", "V2"), ("give", "V3")],
    [("keep", 20, (("SH01", 2),)), ("give", "V1"), ("give", "V2"), JUNE, ("keep", 0, (("SH01", 0), ("GZ01", 1)))],
    [SOUTH, ("give", "V1"), ("bind", "V1", "G9"), ("give", "V1"), ("bind", "V2", "G9"), ("give", "V2")],
    [JUNE, ("bind", "V1", "G9"), ("give", "V1"), ("bind", "V1", "G2"), ("give", "V1")],
    [("keep", 0, ()), ("give", "V1"), ("keep", 14, ()), ("give", "V1"), ("wait", DAY), ("give", "V2"),
     ("keep", 60, ()), ("give", "V2")],
    [("keep", 20, ()), ("give", "V2"), ("merge",), ("give", "V1"), ("give", "V3")],
    [("keep", 20, ()), ("merge",), ("give", "V2"), ("give", "V1")],
    [("keep", 20, ()), ("give", "V1"), JUNE, ("give", "V2"), ("give", "V3")],
)  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_samples_stand_as_their_model_in_each_story(story):
    stories.lived(Month, story)


MUTANTS = {
    "a store gives more than it has": [(samples, "TAKE", "AND given < supplied", "")],
    "what is given is not counted": [(samples, "TAKE", "given = given + 1", "given = given")],
    "each store's stock is taken": [(samples, "TAKE", "store_id = %(store)s", "%(store)s > 0")],
    "a store is supplied once": [(samples, "SUPPLY", "supplied = EXCLUDED.supplied, ", "")],
    "what was given is forgotten": [(samples, "SUPPLY", "supplied = EXCLUDED", "given = 0, supplied = EXCLUDED")],
    "it is supplied on top": [(samples, "SUPPLY", "SET supplied =", "SET supplied = guides_samplestock.supplied +")],
}  # fmt: skip


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_broken_samples_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Month, story) for story in STORIES)
