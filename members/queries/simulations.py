"""A draft of the scheme of levels on the members as they are: who would move where, what its gifts would cost.

Nothing is written: everything lies in temporary tables until the transaction ends.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from members.models import Level
from members.queries import growth
from members.queries.schemes import Gift, LevelTerms, Terms
from newretail.kernel import money, sql

PLACED = """
SELECT g.member_id, g.growth, f.id AS from_id, f.rank AS from_rank, t.level_id AS to_id, t.rank AS to_rank
FROM tmp_growth g JOIN members_member m ON m.id = g.member_id LEFT JOIN members_level f ON f.id = m.level_id
CROSS JOIN LATERAL (
  SELECT level_id, rank FROM tmp_reached r WHERE r.growth <= g.growth ORDER BY r.growth DESC LIMIT 1) t
"""
CELLS = "SELECT from_id, to_id, count(*) FROM tmp_placed GROUP BY 1, 2"
SUMS = """
SELECT p.to_id, count(*), count(*) FILTER (WHERE p.from_rank IS NULL OR p.to_rank > p.from_rank),
  count(*) FILTER (WHERE m.birth_month IS NOT NULL), coalesce(sum(r.monetary_cents), 0)::bigint
FROM tmp_placed p JOIN members_member m ON m.id = p.member_id LEFT JOIN members_portrait r ON r.member_id = p.member_id
GROUP BY 1
"""
MOVERS = """
SELECT t.code, coalesce(r.monetary_cents, 0), m.id, m.member_no, m.name, h.name, f.name, t.name, p.growth,
  p.from_rank IS NULL OR p.to_rank > p.from_rank
FROM tmp_placed p JOIN members_member m ON m.id = p.member_id LEFT JOIN stores_store h ON h.id = m.home_store_id
LEFT JOIN members_level f ON f.id = p.from_id JOIN members_level t ON t.id = p.to_id
LEFT JOIN members_portrait r ON r.member_id = p.member_id
WHERE p.from_id IS DISTINCT FROM p.to_id AND m.member_no > %(after)s
  AND (%(to)s = '' OR t.code = %(to)s) ORDER BY m.member_no LIMIT %(most)s
"""


NOTHING = LevelTerms("", 0)


@dataclass(frozen=True)
class Cost:
    """What a level would give its members: in a year, and at once to those who come up.

    `discount_cents` is the discount on what they spent in the last year.
    """

    level: Level
    members: int
    ups: int
    points: int
    coupons: dict[str, int]
    discount_cents: int


@dataclass(frozen=True)
class Simulation:
    """Members by level as it is (None: none yet) and as it would be; what each level would cost."""

    members: int
    up: int
    down: int
    levels: list[Level]
    cells: dict[tuple[int | None, int], int]
    costs: list[Cost] = field(default_factory=list)


def place(terms: Terms, as_of: date) -> None:
    """Leave in `tmp_placed` where each member stands, and where she would by these terms as of the end of a day."""
    reached, params = growth.reached(terms)
    sql.temporary("tmp_reached", reached, params)
    sql.temporary("tmp_everybody", growth.EVERYBODY)
    growth.build("tmp_growth", "tmp_everybody", terms, as_of)
    sql.temporary("tmp_placed", PLACED)


def simulate(terms: Terms, as_of: date) -> Simulation:
    """Place everybody by these terms as of the end of a day; inside a transaction."""
    place(terms, as_of)
    levels = list(Level.objects.order_by("rank"))
    ranks = {level.pk: level.rank for level in levels}
    cells = {(before, after): count for before, after, count in sql.rows(CELLS)}
    up = sum(count for (before, after), count in cells.items() if before is None or ranks[after] > ranks[before])
    down = sum(count for (before, after), count in cells.items() if before and ranks[after] < ranks[before])
    sums = {row[0]: row[1:] for row in sql.rows(SUMS)}
    costs = [
        _cost(level, given, *sums.get(level.pk, (0, 0, 0, 0)))
        for level in levels
        if (given := terms.of(level.code)) is not None
    ]
    return Simulation(sum(cells.values()), up, down, levels, cells, costs)


def _cost(level: Level, given: LevelTerms, members: int, ups: int, birthdays: int, cents: int) -> Cost:
    gifts: Sequence[tuple[Gift, int]] = ((given.level_up_gift, ups), (given.birthday, birthdays))
    coupons: dict[str, int] = {}
    for gift, times in gifts:
        if gift.coupon:
            coupons[gift.coupon] = coupons.get(gift.coupon, 0) + times
    points = sum(gift.points * times for gift, times in gifts)
    return Cost(level, members, ups, points, coupons, money.share(cents, given.discount_bp))


def moving(told: Simulation, to: str = "") -> int:
    """Count who would move, or come to the level with this code alone."""
    codes = {level.pk: level.code for level in told.levels}
    return sum(count for (before, after), count in told.cells.items() if before != after and to in ("", codes[after]))


@dataclass(frozen=True)
class Mover:
    """Who would move, and what that would cost: the gift at once, the discount on what she spent in the last year."""

    id: int
    member_no: str
    name: str
    store: str | None
    from_level: str | None
    to_level: str
    growth: int
    up: bool
    points: int
    coupon: str
    discount_cents: int


def movers(terms: Terms, *, after: str = "", to: str = "", most: int) -> list[Mover]:
    """List who would move, by member no.; after `place`, in the same transaction.

    `after`: the number after which the list goes on; `to`: the code of the level they would come to, empty for all.
    """
    found = sql.rows(MOVERS, {"after": after, "to": to, "most": most})
    return [_mover(terms.of(row[0]) or NOTHING, row) for row in found]


def _mover(given: LevelTerms, row: tuple[Any, ...]) -> Mover:
    _code, cents, pk, number, name, store, before, after, growing, up = row
    gift = given.level_up_gift if up else Gift()
    discount = money.share(cents, given.discount_bp)
    return Mover(pk, number, name, store, before, after, growing, up, gift.points, gift.coupon, discount)
