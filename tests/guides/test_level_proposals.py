"""The level table that ships: the bands of the source without a gap, above them the brand's own guides."""

from datetime import date

from guides.queries import level_proposals
from guides.queries.policy_terms import read_levels
from tests import levelling, sights


def test_the_shipped_table_is_the_source_s_with_its_gap_closed():
    table = read_levels(level_proposals.table())
    assert [band.low_cents // 100 for band in table.bands[:5]] == [0, 8_000, 20_000, 50_000, 70_000]
    assert (table.basis, table.grace_months, len(table.bands)) == ("private", 1, 12)
    assert [table.reached(cents * 100) for cents in (7_999, 8_000, 30_000, 50_000, 69_999)] == [1, 2, 3, 4, 4]
    assert table.bands[0].theme == "操作流程"


def test_cuts_are_rounded_to_what_people_say_and_rise():
    assert level_proposals.rising([71_000, 71_500, 88_123, 204_000, 207_000, 512_000, 1_240_000]) == [
        75_000, 80_000, 90_000, 200_000, 210_000, 500_000, 1_200_000,
    ]  # fmt: skip


def test_levels_above_the_source_are_the_brand_s_own_quantiles_where_enough_sell_that_much(noon, monkeypatch):
    levelling.shops()
    sold = [("G1", 3, 80), ("G1", 4, 100), ("G1", 5, 200), ("G2", 5, 300), ("G9", 5, 50), ("G9", 6, 900)]
    for staff_no, month, thousands in sold:
        levelling.sell(date(2026, month, 1), thousands * 1_000, staff_no)
    assert level_proposals.table(as_of=sights.TODAY) == level_proposals.table()
    monkeypatch.setattr(level_proposals, "FEWEST", 4)
    found = read_levels(level_proposals.table(as_of=sights.TODAY)).bands[4:]
    assert [band.low_cents // 100_000 for band in found] == [70, 90, 95, 115, 150, 190, 230, 260]
