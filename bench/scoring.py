"""Scoring: in full and day by day, beside a scan of the orders' amounts."""

from dataclasses import dataclass, field
from datetime import date
from statistics import median

from django.db import connection

from analytics.actions import scores
from bench.days import Days
from bench.figures import Figure, at_most, holds
from bench.filling import schema_of
from bench.ground import BIG, Ground, brand
from bench.meter import Meter, Took, middle
from newretail.kernel import clock, sql

SCANS = 5
CHECKSUM = (
    "SELECT md5(string_agg(p.member_id || ':' || concat_ws(',', p.first_day, p.last_day, p.purchases, p.frequency,"
    ' p.monetary_cents, coalesce(p.r, 0), coalesce(p.f, 0), coalesce(p.m, 0), p."group", p.is_super, p.relationship),'
    " ';' ORDER BY p.member_id)) FROM members_portrait p"
)
TIES = (
    "SELECT (SELECT count(*) FROM (SELECT 1 FROM members_portrait WHERE r > 0 GROUP BY {value}"
    " HAVING min({score}) <> max({score})) t)"
)


@dataclass
class Runs:
    """What was measured, run by run."""

    floor: list[Took] = field(default_factory=list)
    first: list[Took] = field(default_factory=list)
    full: list[Took] = field(default_factory=list)
    incremental: list[Took] = field(default_factory=list)
    unchanged: list[Took] = field(default_factory=list)
    equal: list[bool] = field(default_factory=list)
    counts: list[dict[str, object]] = field(default_factory=list)


def scan(meter: Meter, code: str) -> list[Took]:
    """Scan the narrow copy of the orders, one process, warm."""
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        try:
            select = f"SELECT sum(cents) FROM {schema_of(code)}.floor"
            return [meter.take(lambda: sql.rows(select))[1] for _ in range(SCANS + 1)][1:]
        finally:
            cursor.execute("RESET max_parallel_workers_per_gather")


def checksum() -> str:
    """Give one number for the whole live portrait."""
    return str(sql.rows(CHECKSUM)[0][0])


def torn_ties() -> int:
    """Count equal values that stand in two scores."""
    pairs = (("last_day", "r"), ("frequency", "f"), ("monetary_cents", "m"))
    return sum(int(sql.rows(TIES.format(value=value, score=score))[0][0]) for value, score in pairs)


def _settle() -> None:
    """Do now what autovacuum does between two nights."""
    sql.vacuum("members_portrait", "members_order", "members_refund", "analytics_stalemember")


def _full(meter: Meter, as_of: date) -> Took:
    return meter.take(lambda: scores.score(as_of=as_of, at=clock.now()))[1]


def _round(meter: Meter, days: Days, runs: Runs) -> None:
    """Two nights: the first scored in full, the second day by day, each a day after the one before."""
    days.next()
    _settle()
    runs.full.append(_full(meter, days.as_of))
    came = days.next()
    _settle()
    counts, took = meter.take(lambda: scores.rescore(as_of=days.as_of, at=clock.now()))
    runs.incremental.append(took)
    told = checksum()
    _settle()
    runs.unchanged.append(meter.take(lambda: scores.rescore(as_of=days.as_of, at=clock.now()))[1])
    again = scores.score(as_of=days.as_of, at=clock.now())
    runs.equal.append(again["changed"] == 0 and checksum() == told)
    runs.counts.append({**counts, "orders": came.orders, "late": came.late, "refunds": came.refunds})
    runs.floor += scan(meter, BIG)


def measure(ground: Ground) -> list[Figure]:
    """Score the big brand night after night."""
    meter, runs, days = Meter(), Runs(), Days(ground)
    with brand(BIG):
        runs.floor += scan(meter, BIG)
        runs.first.append(_full(meter, days.as_of))
        for number in range(ground.scale.rounds):
            ground.say(f"scoring, round {number + 1}")
            _round(meter, days, runs)
        torn = torn_ties()
    return _figures(runs, torn)


def _against(item: str, ours: Took, other: Took, words: str) -> Figure:
    ratio = ours.wall / other.wall
    cpu = ours.cpu / other.cpu if other.cpu else None
    detail = {"ours": vars(ours), "reference": vars(other)}
    return Figure(item, ours.words, f"{words} {other.words}", ratio, cpu_ratio=cpu, detail=detail)


def _figures(runs: Runs, torn: int) -> list[Figure]:
    floor, full = middle(runs.floor), middle(runs.full)
    daily, idle = middle(runs.incremental), middle(runs.unchanged)
    looked_at = median(int(str(c["looked_at"])) for c in runs.counts)
    first = _against("RFM in full, portrait empty", middle(runs.first), floor, "floor")
    night = _against("RFM in full, the next day", full, floor, "floor")
    night.detail["runs"] = [vars(t) for t in runs.full]
    day = _against(f"RFM day by day, {looked_at:,.0f} members looked at", daily, floor, "floor")
    day.detail.update(runs=[vars(t) for t in runs.incremental], counts=runs.counts)
    return [
        first,
        at_most(night, 4),
        at_most(day, 1.3),
        at_most(_against("RFM day by day", daily, full, "in full"), 0.3),
        at_most(_against("RFM day by day, nothing changed", idle, full, "in full"), 0.1),
        holds(
            "RFM day by day equals in full", f"{sum(runs.equal)} of {len(runs.equal)} rounds", "all", ok=all(runs.equal)
        ),
        holds("equal values, equal scores", f"{torn} torn", "0", ok=torn == 0),
    ]
