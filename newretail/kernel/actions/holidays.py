"""Fill the brand's calendar, edit it, take an edit back."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from newretail.kernel import festivals, sql, staging
from newretail.kernel.actions import journal
from newretail.kernel.actions.images import Trail
from newretail.kernel.festivals import FAMILIES, FIRST_YEAR, LAST_YEAR, Festival
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.models import Holiday, User
from newretail.kernel.verbs import Refused, verb

MOST_TOLD = 50  # changes of one file that its journal line tells one by one
COLUMNS = "family, year, kind, name_zh, name_en, day, first_on, last_on, is_off, worked, provisional, yearly, source"
PARTS = [name.strip() for name in COLUMNS.split(",")][2:]
FILL = f"""
INSERT INTO kernel_holiday AS h ({COLUMNS}, entry_id)
SELECT {COLUMNS}, %(entry)s FROM (SELECT *, 'computed' AS source FROM jsonb_to_recordset(%(rows)s::jsonb) AS f(
  family text, year int, kind text, name_zh text, name_en text, day date, first_on date, last_on date, is_off boolean,
  worked date[], provisional boolean, yearly boolean)) t ORDER BY family, year
ON CONFLICT (family, year) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in PARTS)},
  entry_id = excluded.entry_id
WHERE (h.source = 'computed' OR %(also_edited)s)
  AND ({", ".join(f"h.{name}" for name in PARTS)}) IS DISTINCT FROM ({", ".join(f"excluded.{name}" for name in PARTS)})
RETURNING xmax = 0
"""
# An empty cell keeps what is there; a new row that says no more than its day lasts that day.
RESOLVE = """
SELECT n.*, n.existing IS NOT NULL AND (n.kind, n.name_zh, n.name_en, n.day, n.first_on, n.last_on, n.is_off, n.worked,
    n.yearly) IS NOT DISTINCT FROM (h.kind, h.name_zh, h.name_en, h.day, h.first_on, h.last_on, h.is_off, h.worked,
    h.yearly) AS same, h.first_on AS was_first_on, h.last_on AS was_last_on,
  CASE WHEN n.family !~ '^[a-z][a-z0-9_]*$' THEN 'bad_family'
    WHEN n.year NOT BETWEEN %(first_year)s AND %(last_year)s THEN 'day_far_off'
    WHEN extract(year FROM n.day) NOT BETWEEN n.year - 1 AND n.year THEN 'other_year'
    WHEN n.name_zh IS NULL THEN 'missing'
    WHEN n.last_on < n.first_on THEN 'span_reversed'
    WHEN n.day NOT BETWEEN n.first_on AND n.last_on THEN 'outside_span' END AS error,
  CASE WHEN n.family !~ '^[a-z][a-z0-9_]*$' THEN 'family'
    WHEN n.year NOT BETWEEN %(first_year)s AND %(last_year)s THEN 'year'
    WHEN extract(year FROM n.day) NOT BETWEEN n.year - 1 AND n.year THEN 'day'
    WHEN n.name_zh IS NULL THEN 'name_zh'
    WHEN n.last_on < n.first_on THEN 'last_on' ELSE 'day' END AS error_column
FROM (
  SELECT i.line, i.dup_of, i.family, i.year, i.day, k.id AS existing,
    coalesce(i.kind, k.kind, 'brand') AS kind, coalesce(i.name_zh, k.name_zh) AS name_zh,
    coalesce(i.name_en, k.name_en, i.name_zh) AS name_en, coalesce(i.first_on, k.first_on, i.day) AS first_on,
    coalesce(i.last_on, k.last_on, i.day) AS last_on, coalesce(i.is_off, k.is_off, false) AS is_off,
    coalesce(i.worked, k.worked, '{}') AS worked, coalesce(i.yearly, k.yearly, false) AS yearly
  FROM tmp_holidays_in i LEFT JOIN kernel_holiday k ON k.family = i.family AND k.year = i.year) n
LEFT JOIN kernel_holiday h ON h.id = n.existing JOIN tmp_holidays_in i ON i.line = n.line
"""
RECIPE = staging.Recipe(
    name="holidays",
    line_name="kernel.holiday.recorded",
    types={
        "line": "int", "dup_of": "int", "year": "int", "day": "date", "first_on": "date", "last_on": "date",
        "worked": "date[]", "is_off": "boolean", "yearly": "boolean",
    },
    resolve=RESOLVE,
    write=f"""
INSERT INTO kernel_holiday AS h ({COLUMNS}, entry_id)
SELECT family, year, kind, name_zh, name_en, day, first_on, last_on, is_off, worked, false, yearly, 'edited', %(entry)s
FROM tmp_holidays t WHERE t.error IS NULL AND t.same IS NOT TRUE ORDER BY family, year
ON CONFLICT (family, year) DO UPDATE SET {", ".join(f"{name} = excluded.{name}" for name in PARTS)},
  entry_id = excluded.entry_id
RETURNING xmax = 0
""",
    back_name="kernel.holiday.withdrawn",
    trail=Trail(
        creates=("kernel_holiday",),
        counted=(("kernel_holiday", "created"),),
        keeps=(
            ("kernel_holiday", "k.id IN (SELECT existing FROM tmp_holidays WHERE error IS NULL AND same IS NOT TRUE)"),
        ),
    ),
)  # fmt: skip
GOING = "SELECT DISTINCT family FROM kernel_holiday WHERE id IN (SELECT id FROM tmp_gone_kernel_holiday)"
# Repetitions of the brand's own days that no edited yearly day stands behind any more.
FORLORN = """
DELETE FROM kernel_holiday h WHERE h.source = 'computed' AND h.family = ANY(%(families)s) AND NOT EXISTS (
  SELECT FROM kernel_holiday b WHERE b.family = h.family AND b.year < h.year AND b.yearly AND b.source = 'edited')
"""
TOLD = """
SELECT family || ' ' || year || ': ' || CASE WHEN existing IS NULL THEN '' ELSE was_first_on || '…' || was_last_on
  || ' → ' END || first_on || '…' || last_on
FROM tmp_holidays WHERE error IS NULL AND same IS NOT TRUE ORDER BY family, year LIMIT %(most)s
"""


class YearFarOff(Refused):
    """The years are beyond the tables of the lunar calendar."""

    code = "year_far_off"
    sentence = gettext_noop("The calendar reaches from %(first)s to %(last)s.")


class NoSuchHoliday(Refused):
    """There is no such holiday to take back."""

    code = "no_such_holiday"
    sentence = gettext_noop("There is no holiday %(family)s in %(year)s.")


class NothingEdited(Refused):
    """The holiday stands as it was computed."""

    code = "nothing_edited"
    sentence = gettext_noop("%(family)s of %(year)s stands as it was computed; there is nothing to take back.")


def _own_again(years: Iterable[int]) -> list[Festival]:
    """Give the brand's own yearly days, moved to these years from the last time somebody wrote them."""
    bases = Holiday.objects.filter(yearly=True, source=Holiday.Source.EDITED)
    newest: dict[str, Holiday] = {row.family: row for row in bases.order_by("year")}
    return [
        Festival(
            row.family, row.year, row.kind, row.name_zh, row.name_en, row.day, row.first_on, row.last_on, yearly=True
        ).moved_to(year)
        for row in newest.values()
        if row.family not in FAMILIES
        for year in years
        if year > row.year
    ]


def _write(rows: Iterable[Festival], entry_id: int, *, also_edited: bool = False) -> list[bool]:
    given = json.dumps([asdict(row) for row in rows], default=str)
    return [created for (created,) in sql.rows(FILL, {"rows": given, "entry": entry_id, "also_edited": also_edited})]


@verb
def fill(*, first_year: int, last_year: int, at: datetime, by: User | None = None) -> dict[str, int]:
    """Fill these years, both included, from the calendars' rules and the brand's own yearly days; return counts.

    Edited rows are left alone; computed ones follow the rules, so that a provisional year becomes the decreed one.
    Refuses: YearFarOff.
    Writes: kernel.holiday.filled, when anything changed.
    """
    if not FIRST_YEAR <= first_year <= last_year <= LAST_YEAR:
        raise YearFarOff(first=FIRST_YEAR, last=LAST_YEAR)
    years = range(first_year, last_year + 1)
    entry_id = journal.reserve()
    written = _write([*(each for year in years for each in festivals.of_year(year)), *_own_again(years)], entry_id)
    counts: dict[str, Any] = {"created": sum(written), "updated": len(written) - sum(written)}
    if written:
        journal.write("kernel.holiday.filled", at=at, by=by, entry_id=entry_id, **counts)
    return counts


def _tell(_params: sql.Params, _outcome: Outcome) -> dict[str, object]:
    changed = [told for (told,) in sql.rows(TOLD, {"most": MOST_TOLD})]
    return {"changed": changed} if changed else {}


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, subject: str = "") -> Outcome:
    """Record festivals by family and year as somebody states them; the nightly filling leaves them alone from now on.

    Batch columns: those of `newretail.kernel.importers.HOLIDAYS`. An empty cell keeps what is there. `subject` names
    the one festival that a page edits.
    Row refusals: bad_family, day_far_off, other_year, missing, span_reversed, outside_span.
    Writes: kernel.holiday.recorded.
    """
    params: sql.Params = {"first_year": FIRST_YEAR, "last_year": LAST_YEAR}
    steps = staging.Steps(after=_tell)
    return staging.record(RECIPE, batch, at=at, by=by, params=params, steps=steps, subject=subject)


@verb
def take_back(*, family: str, year: int, at: datetime, by: User | None = None) -> None:
    """Take back what was edited: a festival of the calendars is computed again, a day of the brand's own goes.

    With a day of the brand's own its later repetitions go too, unless somebody edited them.
    Refuses: NoSuchHoliday, NothingEdited.
    Writes: kernel.holiday.taken_back.
    """
    row = Holiday.objects.select_for_update().filter(family=family, year=year).first()
    if row is None:
        raise NoSuchHoliday(family=family, year=year)
    ruled = [each for each in festivals.of_year(year) if each.family == family]
    if ruled and row.source == Holiday.Source.COMPUTED:
        raise NothingEdited(family=family, year=year)
    entry_id = journal.reserve()
    _write(ruled, entry_id, also_edited=True)
    if not ruled:
        Holiday.objects.filter(family=family, year__gt=year, source=Holiday.Source.COMPUTED).delete()
        row.delete()
    was = f"{row.first_on}…{row.last_on}"
    journal.write(
        "kernel.holiday.taken_back", at=at, by=by, subject=f"{family}:{year}", entry_id=entry_id, was=was,
    )  # fmt: skip


@verb
def withdraw(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Take back the festivals that a line recorded, with the repetitions of days that go.

    Refuses: ChangedSince, StillNeeded.
    Writes: kernel.holiday.withdrawn.
    """
    gone: set[str] = set()

    def left(params: sql.Params) -> staging.Facts:
        gone.update(family for (family,) in sql.rows(GOING, params))
        return {}

    staging.withdraw(RECIPE, entry_id=entry_id, at=at, by=by, left=left)
    sql.execute(FORLORN, {"families": sorted(gone - set(FAMILIES))})
