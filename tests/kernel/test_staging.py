"""Temporary tables that a connection keeps from batch to batch change nothing of what becomes of a batch."""

from itertools import pairwise

import pytest
from django.db import connection, transaction

from members.models import Identity, Order
from newretail.kernel import staging
from tests import world

pytestmark = pytest.mark.django_db(transaction=True)
FEW = 3
SIZES = {"few": FEW - 1, "many": FEW + 2}
# Each kind of batch comes after each, after its own too.
KINDS = [(named, size) for named in ("number", "identity") for size in SIZES]
WALK = (0, 0, 1, 1, 2, 2, 3, 3, 0, 2, 1, 3, 2, 0, 3, 1, 0)


def batch(run, turn):
    """Orders of a turn of a run: by number, or by identities that are new, known, or another's; the last one is wrong."""
    named, size = KINDS[WALK[turn]]
    card = lambda i: {"card_no": f"{run}{turn // 2}{i}"}  # noqa: E731 - every second batch knows those of the one before
    by = (lambda _i: {"member_no": "V1"}) if named == "number" else card
    rows = [world.order(f"{run}-{turn}-{i}", 9 + i, "2026-06-01", **by(i)) for i in range(SIZES[size])]
    return [*rows, world.order(f"{run}-{turn}-x", 1, "2026-06-01", store_code="XX")]


def buy(run, turn):
    told = world.buy(*batch(run, turn), enrol=True)
    return told.created, told.updated, told.skipped, told.enrolled, world.reasons(told)


def books(run):
    """What a run left: its orders with what they came to and whose they are, by the identities of these."""
    cards = dict(Identity.objects.filter(kind="card").values_list("member_id", "value"))
    found = Order.objects.filter(order_no__startswith=run).order_by("pk")
    return [
        (order_no.removeprefix(run), cents, cards.get(member, "V1").removeprefix(run))
        for order_no, cents, member in found.values_list("order_no", "amount_cents", "member_id")
    ]


def on_one_connection(run):
    return [buy(run, turn) for turn in range(len(WALK))]


def on_fresh_ones(run):
    told = []
    for turn in range(len(WALK)):
        connection.close()
        told.append(buy(run, turn))
    return told


def after_one_that_failed(run):
    """Each batch after one of the same kind whose transaction failed."""
    told = []
    for turn in range(len(WALK)):
        connection.close()
        with transaction.atomic():
            buy(run, turn)
            transaction.set_rollback(True)
        told.append(buy(run, turn))
    return told


def test_the_walk_takes_every_kind_of_batch_after_every_other():
    assert set(pairwise(WALK)) == {(one, other) for one in range(4) for other in range(4)}


def test_a_batch_on_a_used_connection_becomes_what_it_would_on_a_fresh_one(brand, monkeypatch):
    monkeypatch.setattr(staging, "FEW", FEW)
    world.chain()
    fresh, used, failed = on_fresh_ones("F"), on_one_connection("U"), after_one_that_failed("R")
    assert used == failed == fresh
    assert books("U") == books("R") == books("F") != []
    assert sum(told[3] for told in fresh) == Identity.objects.filter(kind="card", value__startswith="F").count() > 0
    assert sum(told[0] for told in fresh) == sum(SIZES[KINDS[kind][1]] for kind in WALK)
