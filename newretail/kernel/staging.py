"""From a batch to the books: COPY into a temporary table, resolve and check there, write in one statement.

Every set-based verb works on two temporary tables: `tmp_<name>_in` holds the batch as it came, `tmp_<name>` the
resolved rows. A resolving SELECT gives, beside the input columns, `existing` (the row's id or null), `same` (nothing
would change), `error`, `error_column`.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from newretail.kernel import clock, sql
from newretail.kernel.actions import images, journal
from newretail.kernel.actions.images import NO_TRAIL, Trail
from newretail.kernel.files.outcome import Outcome, RowRefusal
from newretail.kernel.files.reader import Batch

TOLD_ROWS = 1_000
Facts = dict[str, Any]
Step = Callable[[sql.Params, Outcome], dict[str, object] | None]


@dataclass(frozen=True)
class Recipe:
    """How rows of one kind are resolved and written.

    `types` give SQL types other than text by column. `resolve` is a SELECT over `tmp_<name>_in i`; `write` a statement
    over `tmp_<name>` returning a boolean `created` per written row, and after it whatever `Steps.after` wants to know
    of the row as it was. `trail` says what an import of them leaves, so that it can be undone,
    `back_name` names the line that tells of it.
    """

    name: str
    line_name: str
    types: dict[str, str]
    resolve: str
    write: str
    trail: Trail = NO_TRAIL
    back_name: str = ""


@dataclass(frozen=True)
class Steps:
    """What a kind does of its own: before rows are resolved, before they are written, after they are written.

    Each takes (params, outcome); what it returns goes into the journal line's facts, lists of one name joined. The last
    one finds what `Recipe.write` returned as the parameter `written`.
    """

    prepare: "Step | None" = None
    between: "Step | None" = None
    after: "Step | None" = None


NO_STEPS = Steps()


def load(recipe: Recipe, batch: Batch) -> None:
    """COPY a batch into its temporary table; times without an offset are the brand's."""
    table = f"tmp_{recipe.name}_in"
    columns = ", ".join(f"{name} {recipe.types.get(name, 'text')}" for name in batch.columns)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
        cursor.execute(f"CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP")
        cursor.execute("SET LOCAL work_mem = '64MB'")  # a chunk is sorted and hashed in memory
        cursor.execute("SELECT set_config('timezone', %s, true)", [clock.brand_zone().key])
        cursor.copy_expert(f"COPY {table} FROM STDIN (FORMAT csv)", io.BytesIO(batch.data))
        cursor.execute("SELECT set_config('timezone', 'UTC', true)")
        cursor.execute(f"ANALYZE pg_temp.{table}")


def resolve(recipe: Recipe, where: str, params: sql.Params) -> None:
    """Resolve the rows of the batch for which `where` holds."""
    sql.temporary(f"tmp_{recipe.name}", f"{recipe.resolve} WHERE {where}", params)


def _refusals(recipe: Recipe) -> list[RowRefusal]:
    found = sql.rows(
        f"SELECT line, error_column, error, dup_of FROM tmp_{recipe.name} WHERE error IS NOT NULL ORDER BY line"
    )
    return [
        RowRefusal(line, column or "", code, {"first_line": dup_of} if dup_of else {})
        for line, column, code, dup_of in found
    ]


def _count_the_rest(recipe: Recipe, params: sql.Params, outcome: Outcome) -> None:
    """Count what was neither written nor wrong, and name what was wrong."""
    refused = _refusals(recipe)
    good = sql.count(f"tmp_{recipe.name}") - len(refused)
    outcome.skipped += good - len(params["written"])
    outcome.refusals += refused


FATES = """
SELECT line, CASE WHEN existing IS NULL THEN 'created' WHEN same THEN 'unchanged' ELSE 'updated' END
FROM tmp_{} WHERE error IS NULL
"""


def _judge_duplicates(recipe: Recipe, params: sql.Params, outcome: Outcome) -> None:
    """Compare each repeated key with what its first line left: equal is skipped, anything else refused."""
    if not sql.rows(f"SELECT EXISTS (SELECT 1 FROM tmp_{recipe.name}_in WHERE dup_of > 0)")[0][0]:
        return
    resolve(recipe, "i.dup_of > 0", params)
    table = f"tmp_{recipe.name}"
    sql.execute(
        f"UPDATE {table} SET error_column = NULL, error = CASE WHEN existing IS NULL THEN 'first_refused'"
        f" ELSE 'duplicate_differs' END WHERE existing IS NULL OR same IS NOT TRUE"
    )
    outcome.skipped += sql.execute(f"SELECT 1 FROM {table} WHERE error IS NULL")
    outcome.refusals += _refusals(recipe)


def record(
    recipe: Recipe,
    batch: Batch,
    *,
    at: datetime,
    by: Any = None,
    params: sql.Params | None = None,
    steps: Steps = NO_STEPS,
    subject: str = "",
) -> Outcome:
    """Take a batch into the books: load, resolve, check, write, journal; bad rows never stop the good ones.

    Of a batch no larger than `TOLD_ROWS` the outcome tells what became of each row.
    Writes: one line named by the recipe, whose id is on every row written.
    """
    outcome = Outcome(refusals=[RowRefusal(line, column, code) for line, column, code in batch.errors])
    if not batch.data:
        return outcome
    entry_id = journal.reserve()
    given: sql.Params = {"entry": entry_id, "at": at, "today": clock.business_day(at), **(params or {})}
    facts: dict[str, Any] = {}

    def take(step: Step | None) -> None:
        for name, fact in ((step(given, outcome) if step else None) or {}).items():
            facts[name] = sorted({*facts.get(name, []), *fact}) if isinstance(fact, list) else fact

    outcome.entry_id = entry_id
    reached = images.begin(recipe.trail)
    load(recipe, batch)
    take(steps.prepare)
    resolve(recipe, "i.dup_of = 0", given)
    take(steps.between)
    images.keep_changing(recipe.trail, given)
    written = sql.rows(recipe.write, given)
    given["written"] = written
    outcome.created = sum(row[0] for row in written)
    outcome.updated = len(written) - outcome.created
    take(steps.after)
    images.settle(recipe.trail, given, reached)
    _count_the_rest(recipe, given, outcome)
    outcome.fates = dict(sql.rows(FATES.format(recipe.name))) if batch.rows <= TOLD_ROWS else {}
    _judge_duplicates(recipe, given, outcome)
    if written or outcome.enrolled or facts:
        journal.write(
            recipe.line_name, at=at, by=by, subject=subject, entry_id=entry_id,
            created=outcome.created, updated=outcome.updated, **facts,
        )  # fmt: skip
    return outcome


def _nothing_left(_params: sql.Params) -> Facts:
    return {}


def withdraw(
    recipe: Recipe, *, entry_id: int, at: datetime, by: Any, left: Callable[[sql.Params], Facts] = _nothing_left
) -> None:
    """Take back what a line of this kind brought, exactly, and write the line that tells it; what withdrawing verbs do.

    `left` is asked while everything is still there: it may refuse, and names for the line what is left to be counted
    anew.
    Refuses: ChangedSince, StillNeeded.
    """
    given = images.prepare(recipe.trail, entry_id)
    facts = left(given)
    counts = images.take_back(recipe.trail, given)
    journal.write(recipe.back_name, at=at, by=by, subject=f"entry:{entry_id}", **counts, **facts)
