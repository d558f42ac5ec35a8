"""Plan who works when: rows of a roster, by the page, a file or another system."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_noop

from guides.models.shifts import LONGEST_NAME
from guides.queries import rosters
from newretail.kernel import clock, staging
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.reader import Batch
from newretail.kernel.files.rows import batch_of
from newretail.kernel.files.sheets import Column, Sheet
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

DAYS_AHEAD = 366
# Which day of whom is which shift: a name of the brand's shifts, 休 (off), or - where nothing is planned any more.
SHIFTS = Sheet(
    kind="shifts",
    columns=(
        Column("staff_no", "工号", required=True, limit=40),
        Column("day", "日期", type="date", required=True),
        Column("shift", "班次", type="text", required=True, limit=LONGEST_NAME),
    ),
    key=("staff_no", "day"),
)
RECIPE = staging.Recipe(
    name="shifts",
    line_name="guides.shift.planned",
    types={"line": "int", "dup_of": "int", "day": "date"},
    resolve="""
SELECT *, existing IS NOT NULL AND name = was AND starts_at IS NOT DISTINCT FROM began
    AND ends_at IS NOT DISTINCT FROM ended OR cleared AND was IS NULL AS same,
  CASE WHEN post_id IS NULL THEN 'not_serving' WHEN word IS NULL THEN 'unknown_shift'
    WHEN day < %(today)s::date THEN 'day_over' WHEN day > %(today)s::date + %(ahead)s::int THEN 'far_day' END AS error,
  CASE WHEN post_id IS NULL THEN 'staff_no' WHEN word IS NULL THEN 'shift' ELSE 'day' END AS error_column
FROM (
  SELECT i.line, i.dup_of, i.day, p.id AS post_id, k.word, k.name, coalesce(k.cleared, false) AS cleared,
    CASE WHEN k.cleared THEN coalesce(h.id, 0) ELSE h.id END AS existing, h.name AS was, h.starts_at AS began,
    h.ends_at AS ended, (i.day + k.starts) AT TIME ZONE %(zone)s::text AS starts_at,
    (i.day + k.ends + CASE WHEN k.ends <= k.starts THEN interval '1 day' ELSE interval '0' END)
      AT TIME ZONE %(zone)s::text AS ends_at
  FROM tmp_shifts_in i
  LEFT JOIN LATERAL (
    SELECT x.id FROM stores_post x JOIN kernel_user u ON u.id = x.user_id
    WHERE u.staff_no = i.staff_no AND u.is_active AND x.until IS NULL AND x.role IN ('guide', 'manager')
      AND (%(within)s::bigint[] IS NULL OR x.store_id = ANY(%(within)s::bigint[]))
    ORDER BY x.role, x.id LIMIT 1) p ON true
  LEFT JOIN jsonb_to_recordset(%(kinds)s::jsonb) k(word text, name text, starts time, ends time, cleared boolean)
    ON k.word = i.shift
  LEFT JOIN guides_shift h ON h.post_id = p.id AND h.day = i.day) i
""",
    write="""
WITH gone AS (
  DELETE FROM guides_shift s USING tmp_shifts t
  WHERE t.error IS NULL AND t.same IS NOT TRUE AND t.cleared AND s.id = t.existing RETURNING false AS created),
put AS (
  INSERT INTO guides_shift (post_id, day, name, starts_at, ends_at, entry_id)
  SELECT post_id, day, name, starts_at, ends_at, %(entry)s FROM tmp_shifts
  WHERE error IS NULL AND same IS NOT TRUE AND NOT cleared ORDER BY post_id, day
  ON CONFLICT (post_id, day) DO UPDATE SET name = excluded.name, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, entry_id = excluded.entry_id
  RETURNING xmax = 0)
SELECT created FROM gone UNION ALL SELECT * FROM put
""",
)


class BadRoster(Refused):
    """A row of the roster cannot stand."""

    code = "bad_roster"
    sentence = gettext_noop("The roster was not saved, %(rows)s days of it cannot stand: look at the page again.")


class ShiftsStay(Refused):
    """What was planned is not unplanned by undoing the file."""

    code = "shifts_stay"
    sentence = gettext_noop(
        "An import of shifts cannot be undone: import the roster as it is to be; - takes a day away."
    )


@verb
def record(*, batch: Batch, at: datetime, by: User | None = None, within: list[int] | None = None) -> Outcome:
    """Plan the days of a roster, row by row: what was planned for a day is replaced, or taken away.

    Batch columns: those of `SHIFTS`. `within`: stores (ids) beyond which no guide is there. What is over stays; tasks
    that were given keep their day.
    Row refusals: not_serving, unknown_shift, day_over, far_day.
    Writes: guides.shift.planned.
    """
    params = {
        "within": within, "kinds": rosters.written_kinds(), "zone": clock.brand_zone().key, "ahead": DAYS_AHEAD,
    }  # fmt: skip
    return staging.record(RECIPE, batch, at=at, by=by, params=params)


@verb
def plan(*, rows: Sequence[Mapping[str, Any]], within: list[int], at: datetime, by: User) -> Outcome:
    """Plan a roster whole, as a page shows it, or nothing of it.

    Refuses: BadRoster.
    Writes: guides.shift.planned.
    """
    outcome = record(batch=batch_of(SHIFTS, rows), at=at, by=by, within=within)
    if outcome.refusals:
        raise BadRoster(rows=len(outcome.refusals))
    return outcome


@verb
def take_back(*, entry_id: int, at: datetime, by: User | None = None) -> None:
    """Refuse to take back an import of shifts: tasks were given by it, and some of its days are over.

    Refuses: ShiftsStay.
    Writes no line: nothing happens.
    """
    raise ShiftsStay
