"""Cuts found from counts are those of sorted values; counts kept and brought on are those of the portrait."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from analytics.actions import scores
from analytics.queries import cuts
from members.actions import portraits
from members.models import Member, ScoreCut
from newretail.kernel import sql
from newretail.kernel.actions import relay
from newretail.kernel.verbs import verb
from tests import world
from tests.analytics import test_cells
from tests.analytics.oracle import percentile_disc
from tests.analytics.test_scores import TODAY, busy_year

AMOUNTS = st.lists(st.integers(0, 10**4) | st.integers(0, 10**6) | st.integers(0, 10**18), min_size=1, max_size=40)


@given(AMOUNTS)
def test_fifths_are_percentiles_of_the_sorted_values(amounts):
    assert cuts.fifths(Counter(amounts)) == [percentile_disc(amounts, p) for p in (0.2, 0.4, 0.6, 0.8)]


def test_where_nothing_was_counted_there_are_no_fifths():
    assert cuts.fifths(Counter()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("most", [9, 999, 1000, 54_321, 10**9, 10**18])
def test_amounts_counted_in_steps_are_cut_to_the_cent(brand, most):
    with transaction.atomic(), connection.cursor() as cursor:
        sql.temporary(
            "tmp_base",
            "SELECT '2026-06-01'::date AS last_day, 1 AS frequency,"
            f" abs(hashint8extended(n, 7) % {most + 1}) AS monetary_cents FROM generate_series(1, 997) AS n",
        )
        counts = cuts.count(cuts.BASE)
        cursor.execute("SELECT monetary_cents FROM tmp_base")
        amounts = [row[0] for row in cursor.fetchall()]
        assert counts.exact() == [percentile_disc(amounts, p) for p in (0.2, 0.4, 0.6, 0.8)]
        assert len(counts.tallies["monetary"]) <= 1 + min(most, 900 * len(str(most)))


@pytest.mark.parametrize("seed", range(2))
def test_counts_brought_on_day_by_day_are_those_of_a_full_scoring(brand, seed):
    busy_year(seed, orders=200)
    for ago in (9, 4, 0):
        relay.drain(at=world.NOW)
        scores.rescore(as_of=TODAY - timedelta(days=ago), at=world.NOW)
    kept = ScoreCut.objects.latest("id")
    scores.score(as_of=TODAY, at=world.NOW)
    again = ScoreCut.objects.latest("id")
    assert again.id > kept.id
    assert (again.counts, again.cuts, again.scored) == (kept.counts, kept.cuts, kept.scored)


@pytest.mark.books_may_break
def test_cuts_kept_without_their_counts_are_counted_anew(brand):
    busy_year(1, orders=100)
    scores.score(as_of=TODAY - timedelta(days=1), at=world.NOW)
    was = ScoreCut.objects.values("as_of", "cuts", "super_cents", "scored").get()
    portraits.keep_cuts(**was, changed=0, at=world.NOW)
    scores.rescore(as_of=TODAY, at=world.NOW)
    told = ScoreCut.objects.latest("id").counts
    scores.score(as_of=TODAY, at=world.NOW)
    assert told == ScoreCut.objects.latest("id").counts != {}


@verb
def join_later(*members):
    Member.objects.filter(member_no__in=members).update(joined_at="2026-06-20T00:00:00Z")


@pytest.mark.books_may_break  # the day's recruits are not counted anew
def test_who_joins_later_than_was_known_leaves_portrait_counts_and_cells(brand):
    busy_year(2, orders=100)
    relay.drain(at=world.NOW)
    before = scores.score(as_of=TODAY, at=world.NOW)
    join_later("P2", "P3")
    after = scores.rescore(as_of=TODAY + timedelta(days=1), at=world.NOW)
    assert after["changed"] >= 2
    assert after["scored"] == before["scored"] - 2
    assert test_cells.cells() == test_cells.summed()
    assert scores.score(as_of=TODAY + timedelta(days=1), at=world.NOW)["changed"] == 0
