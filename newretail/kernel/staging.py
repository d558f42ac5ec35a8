"""From a batch to the books: COPY into a temporary table, resolve and check there, write in one statement.

Every set-based verb works on two temporary tables: `tmp_<name>_in` holds the batch as it came, `tmp_<name>` the
resolved rows. For a small batch they are those the connection had before, emptied at each commit: a till that sends one
order makes no entry in the catalogue. A resolving SELECT gives, beside the input columns, `existing` (the row's id or
null), `same` (nothing would change), `error`, `error_column`.
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
from newretail.kernel.failpoint import failpoint
from newretail.kernel.files.outcome import Outcome, RowRefusal
from newretail.kernel.files.reader import Batch

# Up to so many rows the tables last and the planner's own guess at their size is near enough.
FEW = 2_000
Facts = dict[str, Any]
Step = Callable[[sql.Params, Outcome], dict[str, object] | None]


@dataclass(frozen=True)
class Recipe:
    """How rows of one kind are resolved and written.

    `types` give SQL types other than text by column. `resolve` is a SELECT over `tmp_<name>_in i`, or writes one once
    the batch is loaded; `write` a statement over `tmp_<name>` returning a boolean `created` per written row, and after
    it whatever `Steps.after` wants to know of the row as it was. `trail` says what an import of them leaves, so that
    it can be undone, `back_name` names the line that tells of it.
    """

    name: str
    line_name: str
    types: dict[str, str]
    resolve: str | Callable[[], str]
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


# A line of the journal is taken, and looked which of both tables the connection has; one that was made in a transaction
# that failed is not there.
BEGIN = """
SELECT {next}, to_regclass('pg_temp.tmp_{name}_in') IS NOT NULL, to_regclass('pg_temp.tmp_{name}') IS NOT NULL
"""
EMPTY = "DELETE FROM pg_temp.{table}"
# Joined in the order in which it is written, from the batch on: to look for a better one costs more than a few rows do.
AS_WRITTEN = "SET LOCAL join_collapse_limit = 1"
AS_USUAL = "SET LOCAL join_collapse_limit TO DEFAULT"
LASTING = "CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DELETE ROWS"
# A chunk is sorted and hashed in memory.
PASSING = """
DROP TABLE IF EXISTS pg_temp.{table}; CREATE TEMPORARY TABLE {table} ({columns}) ON COMMIT DROP;
SET LOCAL work_mem = '64MB'
"""


def load(recipe: Recipe, batch: Batch, *, loaded_before: bool) -> None:
    """COPY a batch into its temporary table; times without an offset are the brand's."""
    few = batch.rows <= FEW
    columns = ", ".join(f"{name} {recipe.types.get(name, 'text')}" for name in batch.columns)
    names = {"table": f"tmp_{recipe.name}_in", "columns": columns}
    begin = PASSING if not few else EMPTY if loaded_before else LASTING
    end = "" if few else f"; ANALYZE pg_temp.{names['table']}"
    with connection.cursor() as cursor:
        zone = clock.brand_zone().key
        cursor.execute(f"{begin.format(**names)}; SELECT set_config('timezone', %s, true)", [zone])
        cursor.copy_expert(f"COPY {names['table']} FROM STDIN (FORMAT csv)", io.BytesIO(batch.data))
        cursor.execute(f"SELECT set_config('timezone', 'UTC', true){end}")
    failpoint("staging.loaded")


def resolve(recipe: Recipe, where: str, params: sql.Params) -> None:
    """Resolve the rows of the batch for which `where` holds."""
    written = recipe.resolve if isinstance(recipe.resolve, str) else recipe.resolve()
    table, select = f"tmp_{recipe.name}", f"{written} WHERE {where}"
    if not params["few"]:
        sql.temporary(table, select, params)
    elif params["resolved_before"]:
        sql.prepared(params, AS_WRITTEN, EMPTY.format(table=table), f"INSERT INTO {table} {select}", AS_USUAL)
    else:
        make = f"CREATE TEMPORARY TABLE {table} ON COMMIT DELETE ROWS AS {select}"
        sql.execute("; ".join((AS_WRITTEN, make, AS_USUAL)), params)
        params["resolved_before"] = True


TOLD = """
SELECT line, error_column, error, dup_of,
  CASE WHEN existing IS NULL THEN 'created' WHEN same THEN 'unchanged' ELSE 'updated' END
FROM tmp_{}
"""


def _refusals(rows: list[tuple[Any, ...]]) -> list[RowRefusal]:
    return [
        RowRefusal(line, column or "", code, {"first_line": dup_of} if dup_of else {})
        for line, column, code, dup_of, _fate in rows
        if code is not None
    ]


def _count_the_rest(recipe: Recipe, params: sql.Params, outcome: Outcome, *, told: bool) -> None:
    """Count what was neither written nor wrong, name what was wrong, and tell of each row where that is asked for."""
    failpoint("staging.written")
    table = f"tmp_{recipe.name}"
    wanted = "" if told else " WHERE error IS NOT NULL"
    found = sql.rows(f"{TOLD.format(recipe.name)}{wanted} ORDER BY line")
    refused = _refusals(found)
    good = (len(found) if told else sql.count(table)) - len(refused)
    outcome.skipped += good - len(params["written"])
    outcome.refusals += refused
    outcome.fates = {row[0]: row[4] for row in found if row[2] is None}


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
    outcome.refusals += _refusals(sql.rows(f"{TOLD.format(recipe.name)} WHERE error IS NOT NULL ORDER BY line"))


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

    Of a batch no larger than `FEW` the outcome tells what became of each row.
    Writes: one line named by the recipe, whose id is on every row written.
    """
    outcome = Outcome(refusals=[RowRefusal(line, column, code) for line, column, code in batch.errors])
    if not batch.data:
        return outcome
    entry_id, loaded_before, resolved_before = sql.rows(BEGIN.format(next=journal.NEXT, name=recipe.name))[0]
    given: sql.Params = {"entry": entry_id, "at": at, "today": clock.business_day(at), **(params or {})}
    given |= {"few": batch.rows <= FEW, "resolved_before": resolved_before}
    facts: dict[str, Any] = {}

    def take(step: Step | None) -> None:
        for name, fact in ((step(given, outcome) if step else None) or {}).items():
            facts[name] = sorted({*facts.get(name, []), *fact}) if isinstance(fact, list) else fact

    outcome.entry_id = entry_id
    reached = images.begin(recipe.trail)
    load(recipe, batch, loaded_before=loaded_before)
    take(steps.prepare)
    resolve(recipe, "i.dup_of = 0", given)
    take(steps.between)
    images.keep_changing(recipe.trail, given)
    written = sql.prepared(given, recipe.write) if given["few"] else sql.rows(recipe.write, given)
    given["written"] = written
    outcome.created = sum(row[0] for row in written)
    outcome.updated = len(written) - outcome.created
    take(steps.after)
    images.settle(recipe.trail, given, reached)
    _count_the_rest(recipe, given, outcome, told=bool(given["few"]))
    if batch.repeats:
        _judge_duplicates(recipe, given, outcome)
    if written or outcome.enrolled or facts:
        journal.write(
            recipe.line_name, at=at, by=by, subject=subject, entry_id=entry_id,
            created=outcome.created, updated=outcome.updated, **facts,
        )  # fmt: skip
    failpoint("staging.journalled")
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
