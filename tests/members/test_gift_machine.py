"""Gifts against a small model: whatever is done with them in whatever order, books and model agree; mutants are found."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import strategies as st

from members.actions import gift_endings, gift_orders, gift_returns, gifts, merges, points
from members.actions.gift_returns import Handing
from members.actions.points import Name
from members.models import GiftOrder, GiftReturn, GiftStock
from newretail.kernel import books, clock
from stores.models import Store
from tests import gifts as cast
from tests import world
from tests.members import purse, stories

PRICE, LIMIT, PURSE, DAYS = 100, 3, 400, 14
MEMBERS, STORES = ("V1", "V2"), ("SH01", "GZ01")
WHO, WHERE = st.sampled_from(MEMBERS), st.sampled_from(STORES)
NUMBER = st.sampled_from(["O1", "O2", "O3", "O4", "O5"])
AT_TILL = st.sampled_from(["H1", "H2"])
STEP = st.sampled_from([timedelta(hours=3), timedelta(days=1), timedelta(days=15)])
PLACED = st.tuples(st.just("place"), NUMBER, WHO, WHERE)
HANDED = st.tuples(st.just("hand_over"), NUMBER, AT_TILL, WHERE)
DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("supply"), WHERE, st.integers(0, 3)),
        PLACED, PLACED, HANDED, HANDED,
        st.tuples(st.just("take_back"), NUMBER, AT_TILL),
        st.tuples(st.just("cancel"), NUMBER),
        st.tuples(st.just("lapse")),
        st.tuples(st.just("reverse"), NUMBER),
        st.tuples(st.just("pause")),
        st.tuples(st.just("resume")),
        st.tuples(st.just("wait"), STEP),
        st.tuples(st.just("merge")),
    ),
    min_size=4, max_size=30,
)  # fmt: skip


@dataclass
class Slip:
    """A gift order as anybody would keep it on paper."""

    code: str
    who: str
    store: str
    until: object
    state: str = "open"
    pickup: str = ""
    handed_at: object = None
    undone: set[str] = field(default_factory=set)


class Hands(stories.Tried):
    """One gift of a hundred points in two stores, two members with four hundred each, a clock that goes on."""

    def __init__(self):
        self.gift = cast.gift(stock=0, per_member=LIMIT)
        for who in MEMBERS:
            cast.purse(PURSE, who)
        self.at, self.active, self.one_person = world.NOW, True, False
        self.slips, self.lies = {}, dict.fromkeys(STORES, 0)

    def one(self, who):
        """Name the person a number stands for."""
        return "V1" if self.one_person else who

    def hers(self, who):
        return [slip for slip in self.slips.values() if self.one(slip.who) == self.one(who)]

    def balance(self, who):
        spent = sum(slip.state in ("open", "handed") for slip in self.hers(who)) * PRICE
        return PURSE * (len(MEMBERS) if self.one_person else 1) - spent

    def reserved(self, store):
        return sum(slip.store == store and slip.state == "open" for slip in self.slips.values())

    def supply(self, store, pieces):
        counts = {Store.objects.get(code=store).pk: gifts.Count(pieces)}
        act = lambda: gifts.supply(gift=self.gift, counts=counts, at=self.at)  # noqa: E731
        if self.tried(act, pieces >= self.reserved(store)) is not None:
            self.lies[store] = pieces

    def place(self, number, who, store):
        slip = self.slips.get(number)
        again = bool(slip) and self.one(slip.who) == self.one(who) and slip.store == store
        had = sum(each.state in ("open", "handed") for each in self.hers(who))
        free = self.active and had < LIMIT and self.lies[store] > self.reserved(store) and self.balance(who) >= PRICE
        told = self.tried(lambda: cast.place(number, who, store, self.at), again or (not slip and free))
        if told and not slip:
            until = clock.day_start(clock.business_day(self.at) + timedelta(days=DAYS + 1))
            self.slips[number] = Slip(told.order.code, self.one(who), store, until)

    def hand_over(self, number, pickup, store):
        if not (slip := self.slips.get(number)):
            return
        again = slip.state == "handed" and slip.pickup == pickup
        waits = slip.state == "open" and slip.store == store and self.at < slip.until and pickup not in slip.undone
        told = self.tried(lambda: cast.hand_over(slip.code, pickup, store, self.at), again or waits)
        if told and waits:
            slip.state, slip.pickup, slip.handed_at = "handed", pickup, self.at
            self.lies[store] -= 1

    def take_back(self, number, pickup):
        handing = Handing("app", number, "pos", pickup)
        act = lambda: gift_returns.take_back(handing=handing, reason="拿错了", at=self.at)  # noqa: E731
        slip = self.slips.get(number)
        again = bool(slip) and pickup in slip.undone
        mine = bool(slip) and slip.state == "handed" and slip.pickup == pickup and not again
        today = mine and clock.business_day(slip.handed_at) == clock.business_day(self.at)
        if self.tried(act, again or today) and today:
            slip.state, slip.pickup = "open", ""
            slip.undone.add(pickup)
            self.lies[slip.store] += 1

    def cancel(self, number):
        slip = self.slips.get(number)
        act = lambda: gift_orders.cancel(source="app", order_no=number, reason="不要了", at=self.at)  # noqa: E731
        if self.tried(act, bool(slip) and slip.state in ("open", "cancelled")):
            slip.state = "cancelled"

    def lapse(self):
        over = [slip for slip in self.slips.values() if slip.state == "open" and slip.until <= self.at]
        assert gift_endings.lapse(at=self.at) == len(over)
        for slip in over:
            slip.state = "lapsed"

    def reverse(self, number):
        """Put the points of an order back once more, as its own end did: what came back does not come back again."""
        name = Name("gifts", f"app:{number}")
        if (slip := self.slips.get(number)) and slip.state in ("cancelled", "lapsed"):
            self.tried(lambda: points.reverse(spending=name, name=name, at=self.at), allowed=True)

    def pause(self):
        if self.tried(lambda: gifts.pause(gift=self.gift, at=self.at), self.active):
            self.active = False

    def resume(self):
        if self.tried(lambda: gifts.resume(gift=self.gift, at=self.at), not self.active):
            self.active = True

    def wait(self, step):
        self.at += step

    def merge(self):
        given = {"member": world.member("V2"), "into": world.member("V1"), "reason": "一人", "at": self.at}
        if self.tried(lambda: merges.merge(**given), not self.one_person):
            self.one_person = True

    def agree(self):
        assert books.verify() == []
        found = GiftOrder.objects.values_list("order_no", "store__code", "state", "pickup_no")
        told = [(number, slip.store, slip.state, slip.pickup) for number, slip in self.slips.items()]
        assert sorted(found) == sorted(told)
        assert GiftReturn.objects.count() == sum(len(slip.undone) for slip in self.slips.values())
        for row in GiftStock.objects.select_related("store"):
            assert (row.stock, row.reserved) == (self.lies[row.store.code], self.reserved(row.store.code))
        held = sum(purse.held(who)[0] for who in MEMBERS)
        assert held == sum(self.balance(who) for who in ({"V1"} if self.one_person else MEMBERS))


@pytest.fixture(autouse=True)
def chain(brand):
    world.chain()


@pytest.mark.prove
def test_gifts_stand_as_their_model_whatever_is_done_with_them():
    stories.live(Hands, DEEDS, short=10, long=500)


DAY = timedelta(days=1)
ORDERED = [("supply", "SH01", 3), ("place", "O1", "V1", "SH01")]
# Short lives that each tell one thing; a ledger broken in that thing cannot live all of them.
STORIES = (
    [*ORDERED, ("hand_over", "O1", "H1", "SH01"), ("hand_over", "O1", "H1", "SH01"), ("cancel", "O1"),
     ("take_back", "O1", "H2"), ("take_back", "O1", "H1"), ("hand_over", "O1", "H1", "SH01"),
     ("hand_over", "O1", "H2", "SH01"), ("take_back", "O1", "H1")],
    [*ORDERED, ("hand_over", "O1", "H1", "SH01"), ("wait", DAY), ("take_back", "O1", "H1")],
    [*ORDERED, ("cancel", "O1"), ("cancel", "O1"), ("reverse", "O1"), ("hand_over", "O1", "H1", "SH01"),
     ("place", "O1", "V1", "SH01")],
    [*ORDERED, ("wait", 15 * DAY), ("hand_over", "O1", "H1", "SH01"), ("lapse",), ("lapse",), ("reverse", "O1"),
     ("cancel", "O1")],
    [("supply", "SH01", 1), ("place", "O1", "V1", "SH01"), ("place", "O2", "V2", "SH01"), ("supply", "SH01", 0),
     ("cancel", "O1"), ("place", "O2", "V2", "SH01"), ("supply", "SH01", 0)],
    [("supply", "SH01", 3), ("supply", "GZ01", 3), *(("place", f"O{n}", "V1", "SH01") for n in (1, 2, 3)),
     ("place", "O4", "V1", "GZ01"), ("cancel", "O1"), ("place", "O4", "V1", "GZ01")],
    [*ORDERED, ("place", "O2", "V2", "SH01"), ("place", "O3", "V2", "SH01"), ("merge",), ("cancel", "O2"),
     ("place", "O4", "V2", "SH01"), ("place", "O5", "V1", "SH01")],
    [*ORDERED, ("pause",), ("place", "O2", "V1", "SH01"), ("hand_over", "O1", "H1", "GZ01"),
     ("hand_over", "O1", "H1", "SH01"), ("resume",), ("place", "O2", "V1", "SH01")],
)  # fmt: skip
MUTANTS = {
    "the stock is not judged": [(gift_orders, "RESERVE", "AND k.reserved < k.stock", "")],
    "a piece that is handed over stays in the stock": [(gift_orders, "HAND_OVER", "stock = k.stock - 1, ", "")],
    "a handing over leaves the piece reserved": [(gift_orders, "HAND_OVER", "reserved = k.reserved - 1, ", "")],
    "an end leaves the piece reserved": [(gift_endings, "END", "k.reserved - n.pieces", "k.reserved")],
    "what was taken back lies nowhere": [(gift_returns, "TAKE_BACK", "stock = k.stock + 1, ", "")],
    "what was taken back waits for nobody": [(gift_returns, "TAKE_BACK", "reserved = k.reserved + 1, ", "")],
    "what was taken back counts as handed over": [(gift_returns, "TAKE_BACK", ", handed = k.handed - 1", "")],
    "nothing lapses": [(gift_endings, "LAPSED", "until <= %(at)s", "until <= %(at)s - INTERVAL '1 year'")],
}  # fmt: skip


@pytest.mark.parametrize("story", STORIES)
def test_gifts_stand_as_their_model_in_each_story(story):
    stories.lived(Hands, story)


@pytest.mark.books_may_break
@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_ledger_cannot_live_all_stories(monkeypatch, mutant):
    stories.mutate(monkeypatch, MUTANTS[mutant])
    assert not all(stories.survives(Hands, story) for story in STORIES)
