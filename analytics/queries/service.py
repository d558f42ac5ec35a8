"""How guides serve: tasks, customers contacted and added, sales, Moments, shares; by guide, store or region."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from analytics.queries import openings
from analytics.queries.seasons import Span
from guides.queries.moments import SLOTS, Kept
from newretail.kernel import clock, masking, sql
from stores.models import Region, Store

FIGURES = (
    "open, overdue, judged, on_time, done, touches, added, cents, orders, "
    "planned, posted, posted_in_time, shares, opens"
)
OF = {"opens": "coalesce(of_facts, 0) + coalesce(since, 0)"}
# Of tasks due today only those that are done are judged: for the others there is still time.
LINES = f"""
WITH those AS (SELECT p.id, p.store_id, p.user_id, p.role, p.until FROM stores_post p
  WHERE p.store_id = ANY (%(stores)s) AND p.role IN ('guide', 'manager')),
served AS (
  SELECT g.post_id, sum(CASE WHEN g.day < %(today)s THEN g.tasks_due ELSE g.tasks_done END) AS judged,
    sum(g.tasks_on_time) AS on_time, sum(g.tasks_done) AS done, sum(g.touches) AS touches, sum(g.added) AS added,
    sum(g.sales_cents - g.refunded_cents) AS cents, sum(g.orders) AS orders, sum(g.shares) AS shares,
    sum({openings.of_facts("g")}) AS of_facts
  FROM analytics_guideday g
  WHERE g.post_id = ANY (ARRAY(SELECT id FROM those)) AND g.day >= %(since)s AND g.day < %(until)s GROUP BY 1),
waiting AS (
  SELECT k.post_id, count(*) AS open, count(*) FILTER (WHERE k.due_at <= %(at)s) AS overdue
  FROM guides_task k WHERE k.post_id = ANY (ARRAY(SELECT id FROM those)) AND k.state = 'open' GROUP BY 1),
opened AS (
  SELECT post_id, sum(opens) AS since FROM ({openings.SINCE.format(posts="ARRAY(SELECT id FROM those)")}) l GROUP BY 1),
moments AS (
  SELECT post_id, count(*) FILTER (WHERE due) AS planned, count(*) FILTER (WHERE made) AS posted,
    count(*) FILTER (WHERE in_time) AS posted_in_time
  FROM ({SLOTS.format(where="p.role = 'guide' AND p.store_id = ANY (%(stores)s)")}) x GROUP BY 1)
SELECT {{key}} AS code, {{name}} AS name,
  {", ".join(f"coalesce(sum({OF.get(name, name)}), 0)::bigint AS {name}" for name in FIGURES.split(", "))}
FROM those p LEFT JOIN served ON served.post_id = p.id LEFT JOIN waiting ON waiting.post_id = p.id
LEFT JOIN moments ON moments.post_id = p.id LEFT JOIN opened ON opened.post_id = p.id
JOIN kernel_user u ON u.id = p.user_id JOIN stores_store s ON s.id = p.store_id
LEFT JOIN stores_region r ON r.id = s.region_id
WHERE p.until IS NULL AND p.role = 'guide' OR served.post_id IS NOT NULL OR waiting.post_id IS NOT NULL
GROUP BY 1, 2 ORDER BY 1
"""
SHOWN = 50
GUIDE, STORE, REGION = "guide", "store", "region"
NAMED = {
    GUIDE: {"key": "coalesce(u.staff_no, '')", "name": "u.name"},
    STORE: {"key": "s.code", "name": "s.name"},
    REGION: {"key": "coalesce(r.name, '')", "name": "coalesce(r.name, '')"},
}


@dataclass(frozen=True)
class Line:
    """How a guide, or the guides of a place, served: what waits for them now, what they did in a span."""

    code: str
    name: str
    open: int = 0
    overdue: int = 0
    judged: int = 0
    on_time: int = 0
    done: int = 0
    touches: int = 0
    added: int = 0
    cents: int = 0
    orders: int = 0
    planned: int = 0
    posted: int = 0
    posted_in_time: int = 0
    shares: int = 0
    opens: int = 0

    @property
    def key(self) -> str:
        """Tell it from the others: who has no number stands by her name."""
        return self.code or self.name

    @property
    def moments(self) -> float | None:
        """Give how far the plan of Moments was kept; None where nothing was due."""
        return Kept(self.planned, self.posted, self.posted_in_time).score

    @property
    def share(self) -> float | None:
        """Give the share done on time of the tasks that were due; None where none was."""
        return self.on_time / self.judged if self.judged else None


SORTS: dict[str, Callable[[Line], Any]] = {
    "name": lambda line: line.code,
    "open": lambda line: line.open,
    "overdue": lambda line: line.overdue,
    "done": lambda line: line.done,
    "share": lambda line: line.share,
    "touches": lambda line: line.touches,
    "added": lambda line: line.added,
    "sales": lambda line: line.cents,
    "orders": lambda line: line.orders,
    "moments": lambda line: line.moments,
    "shares": lambda line: line.shares,
    "opens": lambda line: line.opens,
}


def statement(by: str) -> str:
    """Write the question of `lines`, to be asked beside others."""
    return LINES.format(**NAMED[by])


def asking(stores: Sequence[int], span: Span, at: datetime) -> sql.Params:
    """Give what the statement is asked with."""
    return {
        "stores": list(stores), "since": span.first, "until": span.until, "at": at, "today": clock.business_day(at),
        **openings.asking(span),
    }  # fmt: skip


def named(rows: Iterable[Mapping[str, Any]]) -> list[Line]:
    """Read the lines of guides, each called as the reader may call her."""
    eyes = masking.eyes()
    return [Line(**{**row, "name": eyes.staff(row["name"], row["code"])}) for row in rows]


def lines(stores: Sequence[int], by: str, span: Span, *, at: datetime) -> list[Line]:
    """Count the service of the guides of these stores within a span, by guide, store or region; one query."""
    rows = sql.together({"lines": statement(by)}, asking(stores, span, at))["lines"]
    return named(rows) if by == GUIDE else [Line(**row) for row in rows]


def total(found: Sequence[Line]) -> Line:
    """Sum lines up."""
    return Line("", "", *(sum(getattr(line, name) for line in found) for name in FIGURES.split(", ")))


def in_order(found: Sequence[Line], sort: str, *, falling: bool) -> list[Line]:
    """Order lines by a figure; those without it come last."""
    key = SORTS[sort]
    known = [line for line in found if key(line) is not None]
    return sorted(known, key=key, reverse=falling) + [line for line in found if key(line) is None]


@dataclass(frozen=True)
class Page:
    """Some of the lines, in their order; the next page begins behind the line of the key `after`, if there is one."""

    lines: list[Line]
    after: str | None


def paged(ordered: Sequence[Line], after: str | None) -> Page:
    """Give the lines behind that of a key, from the first where there is none such."""
    begins = next((n for n, line in enumerate(ordered, 1) if line.key == after), 0)
    shown = list(ordered[begins : begins + SHOWN])
    return Page(shown, shown[-1].key if begins + SHOWN < len(ordered) else None)


def week(at: datetime) -> Span:
    """Give the running week, from Monday up to today, today included."""
    today = clock.business_day(at)
    return Span(today - timedelta(days=today.weekday()), today + timedelta(days=1))


def month(at: datetime) -> Span:
    """Give the running calendar month up to today, today included."""
    today = clock.business_day(at)
    return Span(today.replace(day=1), today + timedelta(days=1))


def last_month(at: datetime) -> Span:
    """Give the calendar month before this one."""
    first = month(at).first
    return Span((first - timedelta(days=1)).replace(day=1), first)


def of_region(region: Region | None) -> list[int]:
    """List the stores of a region, of none where None."""
    return list(Store.objects.filter(region=region).values_list("pk", flat=True))
