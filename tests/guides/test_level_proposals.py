"""The level table that ships: the bands of the source without a gap, above them the brand's own guides."""

from guides.queries import level_proposals
from guides.queries.policy_terms import read_levels


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
