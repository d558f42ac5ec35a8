"""What came of a batch: counts, and the rows that were refused."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class RowRefusal:
    """A row that was refused: line, column, reason code, its facts."""

    line: int
    column: str
    code: str
    facts: dict[str, object] = field(default_factory=dict)


@dataclass
class Outcome:
    """Counts of a batch: rows == created + updated + skipped + rejected; the line whose id its rows carry.

    `fates` tell of a small batch what became of each good line: created, updated, unchanged, parked.
    """

    created: int = 0
    updated: int = 0
    skipped: int = 0
    enrolled: int = 0
    refusals: list[RowRefusal] = field(default_factory=list)
    entry_id: int | None = None
    fates: dict[int, str] = field(default_factory=dict)

    @property
    def rejected(self) -> int:
        """Count the refused rows."""
        return len(self.refusals)

    @property
    def rows(self) -> int:
        """Count all rows."""
        return self.created + self.updated + self.skipped + self.rejected
