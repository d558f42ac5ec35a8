"""Prepare figures for the boards: the portrait in cells, the retention of core customers."""

from datetime import date, datetime, timedelta

from analytics.bands import AOV_BANDS, FREQUENCY_BANDS, band_sql
from analytics.models import CoreRetention
from analytics.queries import cuts as cutting
from analytics.queries import scores
from newretail.kernel import brand, clock, sql
from newretail.kernel.actions import journal
from newretail.kernel.verbs import verb

CORNER = ("r", "f", "m", "stage", "relationship", "is_super", "frequency_band", "aov_band")
SUMMED = ("members", "frequency", "monetary_cents")
CELLS = f"""
SELECT r, f, m, stage, relationship, is_super,
  {band_sql("frequency::bigint", FREQUENCY_BANDS)} AS frequency_band,
  CASE WHEN frequency > 0 THEN {band_sql("monetary_cents / frequency", AOV_BANDS)} ELSE 0 END AS aov_band,
  sum(n) AS members, sum(n * frequency) AS frequency, sum(n * monetary_cents) AS monetary_cents
FROM {{rows}} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""
PORTRAIT = "(SELECT *, 1 AS n FROM members_portrait) p"
SAME = " AND ".join(
    f"coalesce(c.{name}, 0) = coalesce(d.{name}, 0)" if name in ("r", "f", "m") else f"c.{name} = d.{name}"
    for name in CORNER
)
# The cells cannot be brought on: there are none yet, or they never held what goes.
MISFIT = f"""
SELECT NOT EXISTS (SELECT 1 FROM analytics_portraitcell) OR EXISTS (
  SELECT 1 FROM tmp_cells d LEFT JOIN analytics_portraitcell c ON {SAME} WHERE coalesce(c.members, 0) + d.members < 0)
"""
BRING_ON = f"""
MERGE INTO analytics_portraitcell c USING tmp_cells d ON {SAME}
WHEN MATCHED AND c.members + d.members = 0 THEN DELETE
WHEN MATCHED THEN UPDATE SET {", ".join(f"{name} = c.{name} + d.{name}" for name in SUMMED)}
WHEN NOT MATCHED THEN INSERT ({", ".join((*CORNER, *SUMMED))})
  VALUES ({", ".join(f"d.{name}" for name in (*CORNER, *SUMMED))})
"""
KEPT = """
SELECT count(*), count(*) FILTER (WHERE EXISTS (
  SELECT 1 FROM members_order o WHERE o.member_id = s.member_id AND o.paid_at >= %(from)s AND o.paid_at < %(to)s
    AND (o.refunded_cents = 0 OR o.amount_cents > (
      SELECT coalesce(sum(f.amount_cents), 0) FROM members_refund f
      WHERE f.order_id = o.id AND f.refunded_at < %(to)s))))
FROM ({scored}) s WHERE s.is_super
"""
MONTHS_BACK = 11
LEAST_HISTORY = 180  # days of orders before a core can be told


@verb
def refresh_cells(*, at: datetime, written: str = "") -> int:
    """Sum the live portrait up in cells for the boards; return how many cells there are.

    `written` names a temporary table of the portrait's rows that stand no longer (`n` -1) and of those that stand
    instead (`n` 1) since the cells were right: then these alone are summed up.
    Writes: analytics.figure.refreshed.
    """
    sql.execute("SELECT pg_advisory_xact_lock(hashtext('analytics.cells'), hashtext(current_schema()))")
    if not (written and _bring_on(written)):
        with sql.planned({"parallel_tuple_cost": "0"}):  # few cells come of a million rows
            sql.temporary("tmp_cells", CELLS.format(rows=PORTRAIT), analyze=False)
        names = ", ".join((*CORNER, *SUMMED))
        sql.execute("DELETE FROM analytics_portraitcell")
        sql.execute(f"INSERT INTO analytics_portraitcell ({names}) SELECT {names} FROM tmp_cells")
    cells = sql.count("analytics_portraitcell")
    journal.write("analytics.figure.refreshed", at=at, cells=cells)
    return cells


def _bring_on(written: str) -> bool:
    sql.temporary("tmp_cells", CELLS.format(rows=written))
    if sql.rows(MISFIT)[0][0]:
        return False
    sql.execute(BRING_ON)
    return True


def _observe(as_of: date, days: int) -> tuple[int, int]:
    """Count the core customers as of `days` before, and those of them who bought since."""
    chosen_on = as_of - timedelta(days=days)
    scores.build_sums(chosen_on)
    cuts = cutting.find(cutting.count(cutting.BASE))
    span = {"from": clock.day_start(chosen_on), "to": clock.day_start(as_of)}
    select = KEPT.format(scored=scores.scored_select("tmp_base", cuts))
    core, kept = sql.rows(select, {**scores.params_of(chosen_on), **span})[0]
    return int(core), int(kept)


def _first_order_day() -> date | None:
    first = sql.rows("SELECT min(paid_at) FROM members_order")[0][0]
    return clock.business_day(first) if first else None


def _days_to_measure(as_of: date) -> list[date]:
    """List the day itself and the first days of the months before it."""
    days, month = [as_of], as_of.replace(day=1)
    for _ in range(MONTHS_BACK):
        if month != as_of:
            days.append(month)
        month = clock.month_before(month)
    return days


@verb
def measure_retention(*, as_of: date, at: datetime) -> dict[str, int]:
    """Measure how many core customers stayed: chosen `core_days` earlier, kept when they bought since.

    Months measured already stay as they were; the day itself is measured anew. See docs/glossary.md:
    core-customer retention is HQ's first figure. Returns counts: core, kept, measured.
    Writes: analytics.figure.measured.
    """
    days = int(brand.setting("core_days"))
    begun = _first_order_day()
    known = set(CoreRetention.objects.filter(days=days).values_list("as_of", flat=True))
    measured = core = kept = 0
    for day in _days_to_measure(as_of):
        enough = begun is not None and begun <= day - timedelta(days=days + LEAST_HISTORY)
        if not enough or (day in known and day != as_of):
            continue
        found = _observe(day, days)
        CoreRetention.objects.update_or_create(as_of=day, days=days, defaults={"core": found[0], "kept": found[1]})
        measured += 1
        if day == as_of:
            core, kept = found
    journal.write("analytics.figure.measured", at=at, as_of=as_of.isoformat(), measured=measured)
    return {"core": core, "kept": kept, "measured": measured}
