"""What must add up: each floor enters its laws here; `verify_books` proves them by independent SQL."""

from collections.abc import Callable
from dataclasses import dataclass

from newretail.kernel import sql

MOST = 20  # differences named per law


@dataclass(frozen=True)
class Law:
    """A law holds when its SELECT finds nothing; each row found is (key, stored, recomputed)."""

    name: str
    differences: str
    params: Callable[[], sql.Params] | None = None


@dataclass(frozen=True)
class Finding:
    """A law that does not hold: how often, and the first keys."""

    law: str
    count: int
    examples: list[str]


LAWS: dict[str, Law] = {}
WAITING: dict[str, str] = {}


def law(name: str, differences: str, params: Callable[[], sql.Params] | None = None) -> None:
    """Enter a law by the SELECT that finds its breaches."""
    LAWS[name] = Law(name, differences, params)


def lined(table: str) -> None:
    """Enter the law that every row of a table stands by a line of the journal."""
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM {table} t"
        " WHERE NOT EXISTS (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )


def waiting(name: str, count: str) -> None:
    """Enter a SELECT that counts what is known to wait for a job (explained, not wrong)."""
    WAITING[name] = count


def verify() -> list[Finding]:
    """Prove every law in the brand at work; return those that do not hold."""
    findings = []
    for each in LAWS.values():
        found = sql.rows(
            f"SELECT count(*) OVER (), d.* FROM ({each.differences}) d(key, stored, recomputed) LIMIT {MOST}",
            each.params() if each.params else None,
        )
        if found:
            examples = [f"{key}: {stored} ≠ {recomputed}" for _, key, stored, recomputed in found]
            findings.append(Finding(each.name, int(found[0][0]), examples))
    return findings


def explained() -> dict[str, int]:
    """Count what is known to wait."""
    return {name: int(sql.rows(count)[0][0]) for name, count in WAITING.items()}
