"""How a store's members stand, as of last night: by stage and relationship, their moves, its repeat buyers."""

from dataclasses import dataclass
from datetime import date

from analytics.queries import freshness
from analytics.queries.freshness import Freshness, of_row
from members.models.portraits import Relationship, Stage
from newretail.kernel import sql
from stores.models import Store

# In one question: what was counted by night (corners of the standing, moves since a day, repeat buyers), how fresh
# the day's facts are.
COUNTED = f"""
SELECT 'standing', stage, relationship, members, supers, lapsing FROM analytics_storestanding WHERE store_id = %(store)s
UNION ALL
SELECT 'move', from_stage, to_stage, sum(members), 0, 0 FROM analytics_storemove
WHERE store_id = %(store)s AND day >= %(monday)s GROUP BY 2, 3
UNION ALL
SELECT 'repeat', '', '', buyers, repeaters, 0 FROM analytics_storerepeat WHERE store_id = %(store)s
UNION ALL {freshness.FRESH}
"""
# From bright to dim: a move to the right is a step towards being lost.
ORDER = [Stage.ONBOARDING, Stage.ACTIVE, Stage.WAKE, Stage.WIN_BACK, Stage.DORMANT, Stage.LOST]


@dataclass(frozen=True)
class Move:
    """How many members moved from one stage to another."""

    from_stage: Stage
    to_stage: Stage
    members: int

    @property
    def is_return(self) -> bool:
        """Tell whether they came nearer."""
        return ORDER.index(self.to_stage) < ORDER.index(self.from_stage)


@dataclass(frozen=True)
class Membership:
    """Members at home in a store; `buyers` and `repeaters` are of the store's buyers of the last 365 days."""

    stages: dict[Stage, int]
    relationships: dict[Relationship, int]
    supers: int
    lapsing: int
    moves: list[Move]
    buyers: int
    repeaters: int

    @property
    def members(self) -> int:
        """Count all members."""
        return sum(self.stages.values())

    @property
    def repeat_rate(self) -> float | None:
        """Give the share of the year's buyers who bought twice or more, None without buyers."""
        return self.repeaters / self.buyers if self.buyers else None

    @property
    def slipping(self) -> int:
        """Count those who moved towards being lost this week."""
        return sum(move.members for move in self.moves if not move.is_return)

    @property
    def returning(self) -> int:
        """Count those who came back this week."""
        return sum(move.members for move in self.moves if move.is_return)


def counted(store: Store, *, monday: date) -> tuple[Membership, Freshness]:
    """Read how a store's members stand, their moves since a Monday, and how fresh the facts are; one query."""
    rows = sql.rows(COUNTED, {"store": store.pk, "monday": monday})
    standing = [row for row in rows if row[0] == "standing"]
    moves = [Move(Stage(row[1]), Stage(row[2]), int(row[3])) for row in rows if row[0] == "move" and row[1]]
    repeat = next((row for row in rows if row[0] == "repeat"), (None, None, None, 0, 0, 0))
    found = Membership(
        stages={stage: sum(row[3] for row in standing if row[1] == stage) for stage in Stage},
        relationships={each: sum(row[3] for row in standing if row[2] == each) for each in Relationship},
        supers=sum(row[4] for row in standing),
        lapsing=sum(row[5] for row in standing),
        moves=sorted(moves, key=lambda move: (-move.members, move.from_stage, move.to_stage)),
        buyers=int(repeat[3]),
        repeaters=int(repeat[4]),
    )
    return found, of_row(next(row for row in rows if row[0] == "fresh"))
