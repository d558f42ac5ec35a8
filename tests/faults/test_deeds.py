"""A process that dies at any step of a deed leaves the books as they were; the retry leaves them as if it had not died."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction

from guides.actions import task_rules
from members.actions import merges
from newretail.kernel import books, sql
from newretail.kernel.verbs import Refused
from tests import coupons as cast
from tests import noticing, serving, world
from tests.api import machines
from tests.faults import deeds
from tests.faults.site import Site
from tests.members import consenting, purse

pytestmark = pytest.mark.django_db(transaction=True)
HOUSE = ("members_", "kernel_", "guides_")
SERVE = ("shell", "--no-imports", "-c", "from tests.faults import deeds; deeds.die()")
# What a row is called inside the house, and what is drawn by lot; when a key came last is told by who dies too.
UNSTEADY = (
    "id", "entry_id", "order_id", "coupon_id", "merge_id", "origin_id", "points_entry_id", "lot_id", "account_id",
    "channel_id", "code", "ref", "last_used_at", "end_entry_id",
)  # fmt: skip
# Numbers of lines and of runs stand in some words too, digests follow from them.
ROWS = """
SELECT regexp_replace((to_jsonb(t) - %(unsteady)s::text[] #- '{{facts,run}}')::text, 'SETTLE:[0-9]+|[0-9a-f]{{64}}', '?',
  'g') FROM {} t ORDER BY 1
"""


@pytest.fixture(scope="module")
def mortals(database_urls, tmp_path_factory):
    """Where processes are born that do a deed and may die of it."""
    with Site(database_urls, tmp_path_factory.mktemp("home")).start(*SERVE) as process:
        yield process
        process.stdin.close()


def killed(mortals, deed, point, word="", bare=""):
    """Let a process do a deed and be killed at a point of it."""
    print(bare, deed, point, word, file=mortals.stdin, flush=True)
    said = []
    for line in mortals.stdout:
        said.append(line)
        if line.startswith(deeds.ENDED):
            break
    assert said[-1:] == [f"{deeds.ENDED} -9\n"], "".join(said)


def state():
    """All that stands in the brand's tables, by table."""
    tables = [name for name in connection.introspection.table_names() if name.startswith(HOUSE)]
    return {table: sql.rows(ROWS.format(table), {"unsteady": list(UNSTEADY)}) for table in sorted(tables)}


def after(deed, word):
    """What stands there when nobody dies."""
    with transaction.atomic():
        deeds.do(deed, word)
        found = state()
        transaction.set_rollback(True)
    return found


def a_key():
    return machines.key("orders:view", "orders:change").text


def a_tender():
    """A key, and what an order is paid with: a coupon and points."""
    a_coupon()
    purse.give(100)
    return machines.key("orders:change", "redemptions:change", "points:change").text


def a_coupon():
    cast.coupon(cast.plan())


def a_merge():
    """Two who are one, of whose points one has spent what the other made."""
    purse.give(30)
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    purse.give(20, "G2", to="V2", at=world.NOW - timedelta(days=1))
    purse.spend(25)


def a_touch():
    """Who allowed something and is to be touched."""
    consenting.texts()
    consenting.say(consenting.row())
    consenting.plan(numbers=["V1"])


def a_shop():
    """Two customers of 小美, for one of whom a task is open."""
    world.staff(*serving.SHOP, {"staff_no": "G3", "name": "小芳", "store_code": "SH01", "role": "guide"})
    for number in ("V1", "V2"):
        serving.bind(number, "G1", at=world.NOW - timedelta(days=7))
    serving.give("V1", "G1")


def a_newcomer():
    """A notice with a task, and a guide who came after it was sent."""
    noticing.send(due_days=2)
    world.staff(*serving.SHOP)


def a_pool():
    """Members whom nobody serves."""
    world.staff(*serving.SHOP)


def a_night():
    """A customer whose birthday comes, and with whom nobody was in touch: a task of each rule."""
    world.people({"member_no": "V1", "birthday": "06-16"})
    serving.bind("V1", "G1", at=world.NOW - timedelta(days=7))
    task_rules.add_examples(at=world.NOW)


READY = {"push": a_key, "pay": a_tender, "redeem": a_coupon, "issue": cast.plan, "merge": purse.rule, "undo": a_merge, "erase": a_touch,
         "consent": consenting.texts, "hand_over": a_shop, "assign": a_shop, "deliver": a_newcomer, "allocate": a_pool,
         "give_daily": a_night}  # fmt: skip
STEPS = {
    "push": ["staging.loaded", "staging.written", "staging.journalled"],
    "pay": ["order.taken", "redemption.judged", "redemption.written", "points.spent"],
    "redeem": ["redemption.judged", "redemption.journalled", "redemption.written"],
    "issue": ["coupons.journalled", "coupons.given", "coupons.counted"],
    "merge": ["merge.pointed", "merge.written"],
    "undo": ["undo.settled", "undo.written"],
    "erase": ["erase.laid", "erase.emptied", "erase.written"],
    "consent": ["staging.loaded", "staging.written", "staging.journalled"],
    "hand_over": ["handover.spread", "handover.bound"],
    "assign": ["tasks.assigned"],
    "deliver": ["notice.received", "notice.delivered", "tasks.assigned"],
    "allocate": ["pool.placed", "bond.judged", "bond.written"],
    "give_daily": ["tasks.assigned", "tasks.assigned:2"],
}


def ready(deed):
    world.chain()
    word = READY[deed]()
    return word if isinstance(word, str) else ""


@pytest.mark.parametrize(("deed", "point"), [(deed, point) for deed, points in STEPS.items() for point in points])
def test_a_deed_killed_at_any_step_leaves_nothing_and_its_retry_everything_once(brand, mortals, deed, point):
    word = ready(deed)
    before, whole = state(), after(deed, word)
    assert state() == before != whole
    killed(mortals, deed, point, word)
    assert state() == before
    deeds.do(deed, word)
    assert state() == whole
    with suppress(Refused):
        deeds.do(deed, word)
    assert state() == whole
    assert books.verify() == []


@pytest.mark.books_may_break
@pytest.mark.parametrize(("deed", "point"), [
    ("redeem", "redemption.journalled"), ("merge", "merge.pointed"), ("deliver", "notice.received"), ("deliver", "notice.delivered"),
])  # fmt: skip
def test_a_verb_that_is_no_transaction_leaves_half_of_it_behind(brand, mortals, deed, point):
    word = ready(deed)
    before, whole = state(), after(deed, word)
    killed(mortals, deed, point, word, bare="bare")
    assert state() not in (before, whole)
