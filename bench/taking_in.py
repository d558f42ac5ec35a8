"""Imports: a file of orders into the loaded table, beside raw COPY, bulk_create and django-import-export."""

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bench import rivals
from bench.days import write
from bench.figures import Figure, at_least, at_most, holds
from bench.ground import BIG, ROOT, Ground, brand
from bench.meter import Meter, Took, middle
from newretail.kernel import clock, sql
from newretail.kernel.actions import relay
from newretail.kernel.files import importing

BAD_OF = 1000  # one row in so many is wrong: its amount, its store or its member
# Rows like the newest of the table, under numbers of their own; one in ten is recognised by phone.
SOURCE = """
SELECT x.n, %(prefix)s || lpad(x.n::text, 9, '0') AS order_no, x.member_id, x.store_id, x.channel_id, x.sold_by_id,
  x.paid_at, x.amount_cents, s.code AS store_code, m.member_no, m.phone, u.staff_no, x.n %% %(bad_of)s = 0 AS bad,
  x.n / %(bad_of)s %% 3 AS fault
FROM (SELECT row_number() OVER (ORDER BY id) AS n, o.*
      FROM (SELECT * FROM members_order WHERE source = 'pos' ORDER BY id DESC LIMIT %(rows)s) o) x
JOIN stores_store s ON s.id = x.store_id JOIN members_member m ON m.id = x.member_id
LEFT JOIN stores_post p ON p.id = x.sold_by_id LEFT JOIN kernel_user u ON u.id = p.user_id
"""
# One row in a thousand is wrong in one of three ways; one buyer in ten is named by her phone.
FILE = f"""
SELECT order_no, 'pos' AS source, CASE WHEN bad AND fault = 1 THEN 'NOWHERE' ELSE store_code END AS store_code,
  'store' AS channel,
  CASE WHEN bad AND fault = 2 THEN 'NOBODY' WHEN n %% 10 > 0 OR bad THEN member_no END AS member_no,
  CASE WHEN n %% 10 = 0 AND NOT bad THEN phone END AS phone,
  to_char(paid_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS') AS paid_at,
  CASE WHEN bad AND fault = 0 THEN '-1.00' ELSE (amount_cents / 100.0)::numeric(12, 2)::text END AS amount,
  staff_no, NOT bad AS clean
FROM ({SOURCE}) q ORDER BY n
"""
RESOLVED = f"""
SELECT 'pos' AS source, order_no, member_id, store_id, channel_id, sold_by_id, paid_at, amount_cents,
  0 AS refunded_cents, 0 AS entry_id
FROM ({SOURCE}) q WHERE NOT bad ORDER BY n
"""


@dataclass
class Runs:
    """What was measured, run by run; rows beside seconds."""

    ours: list[Took] = field(default_factory=list)
    vacuum: list[Took] = field(default_factory=list)
    copy: list[Took] = field(default_factory=list)
    bulk: list[Took] = field(default_factory=list)
    usual: list[Took] = field(default_factory=list)
    results: list[importing.Result] = field(default_factory=list)


@dataclass
class Speed:
    """Rows a second: on the wall, and for each second of a processor."""

    rows: int
    took: Took

    @property
    def wall(self) -> float:
        """Divide by the seconds on the wall."""
        return self.rows / self.took.wall

    @property
    def cpu(self) -> float:
        """Divide by the processor seconds; a tick where the clock saw none."""
        return self.rows / max(self.took.cpu, 0.01)

    @property
    def words(self) -> str:
        """Say both: "22,094 rows/s (cpu 23,175)"."""
        return f"{self.wall:,.0f} rows/s (cpu {self.cpu:,.0f})"


class Files:
    """Writes files of orders that the table does not hold yet."""

    def __init__(self, ground: Ground, letter: str = "F") -> None:
        self.ground, self.letter, self.number = ground, letter, 0

    def write(self, rows: int, select: str = FILE) -> Path:
        """Write one file; each begins its numbers differently."""
        self.number += 1
        params = {"prefix": f"{self.letter}{self.number:02d}-", "rows": rows, "bad_of": BAD_OF}
        session = self.ground.admin(BIG)
        path = write(session, select, params, self.ground.files / f"orders-{self.letter}{self.number}.csv")
        session.close()
        return path


def _take(path: Path) -> importing.Result:
    return importing.take_file("orders", path, at=clock.now())


def _round(meter: Meter, files: Files, ground: Ground, runs: Runs) -> Path:
    """Take one file of each kind, one after the other."""
    scale = ground.scale
    path = files.write(scale.import_rows)
    result, took = meter.take(lambda: _take(path))
    runs.ours.append(took)
    runs.results.append(result)
    runs.vacuum.append(meter.take(lambda: sql.vacuum("members_order", "members_member"))[1])
    raw = files.write(scale.import_rows, RESOLVED)
    runs.copy.append(meter.take(lambda: rivals.copy_raw(raw))[1])
    rows = rivals.resolved_rows(files.write(scale.bulk_rows, RESOLVED), scale.bulk_rows)
    runs.bulk.append(meter.take(lambda: rivals.bulk_create(rows))[1])
    usual = files.write(scale.bulk_rows)
    runs.usual.append(meter.take(lambda: rivals.bulk_create(rivals.looked_up(usual)))[1])
    sql.vacuum("members_order")
    return path


def _foreign(meter: Meter, files: Files, rows: int) -> dict[bool, tuple[Took, int]]:
    """Let django-import-export take files: new rows only with all look-ups cached, and as an upsert."""
    found = {}
    for upsert, size in ((False, rows), (True, rows // 10)):
        data = next(rivals.datasets(files.write(size * 2), size, 1))
        count, took = meter.take(lambda data=data, upsert=upsert: rivals.import_export(data, upsert=upsert))
        assert count == len(data), (count, len(data))
        found[upsert] = took, count
    return found


def watched(path: Path) -> dict[str, int]:
    """Take a file in a process of its own; give counts and peaks of memory in KiB."""
    command = [sys.executable, "-m", "bench.taking", "orders", str(path), BIG]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answer: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _memory(files: Files, sizes: tuple[int, int]) -> Figure:
    small, large = (watched(files.write(rows)) for rows in sizes)
    peaks = [(told["here"] + told["reader"]) / 1024 for told in (small, large)]
    words = [f"{rows // 1000} k rows: {peak:.0f} MiB" for rows, peak in zip(sizes, peaks, strict=True)]
    detail = {"small": small, "large": large}
    return at_most(
        Figure("memory of an import, both processes", words[1], words[0], peaks[1] / peaks[0], detail=detail), 1.15
    )


def measure(ground: Ground) -> list[Figure]:
    """Take files into the big brand's orders."""
    meter, runs, files, scale = Meter(), Runs(), Files(ground), ground.scale
    with brand(BIG):
        sql.vacuum("members_order")
        for number in range(scale.rounds):
            ground.say(f"imports, round {number + 1}")
            path = _round(meter, files, ground, runs)
        again, again_took = meter.take(lambda: _take(path))
        ground.say("imports, django-import-export")
        foreign = _foreign(meter, files, scale.foreign_rows)
        _lines, carried = meter.take(lambda: relay.drain(at=clock.now()))
    ground.say("imports, memory")
    return [
        *_speeds(runs, foreign, ground),
        holds(
            "import again: rows changed", f"{again.created + again.updated}", "0", ok=not again.created + again.updated
        ),
        Figure("import again", again_took.words, detail=vars(again_took)),
        Figure("relay carries all these lines", carried.words, detail=vars(carried)),
        _memory(files, scale.memory_rows),
    ]


def _speeds(runs: Runs, foreign: dict[bool, tuple[Took, int]], ground: Ground) -> list[Figure]:
    rows, bulk_rows = ground.scale.import_rows, ground.scale.bulk_rows
    bad = rows // BAD_OF
    right = all((r.created, r.rejected) == (r.rows - bad, bad) for r in runs.results)
    ours, copied, bulk = middle(runs.ours), middle(runs.copy), middle(runs.bulk)

    def against(words: str, took: Took, count: int) -> Figure:
        fast, other = Speed(rows, ours), Speed(count, took)
        detail = {"ours": vars(ours), "reference": vars(took), "rows": [rows, count]}
        figure = Figure(f"import of orders, beside {words}", fast.words, other.words, fast.wall / other.wall)
        figure.cpu_ratio, figure.detail = fast.cpu / other.cpu, detail
        return figure

    new, upsert = foreign[False], foreign[True]
    return [
        at_least(against("raw COPY", copied, rows - bad), 0.5),
        at_least(against("bulk_create", bulk, bulk_rows), 2),
        against("bulk_create from the file", middle(runs.usual), bulk_rows),
        at_least(against("import-export bulk, new rows only", *new), 8),
        against("import-export bulk, upsert", *upsert),
        holds("import: rows refused as they should be", f"{runs.results[0].rejected}", f"{bad}", ok=right),
        Figure("import: a vacuum again", middle(runs.vacuum).words, detail=vars(middle(runs.vacuum))),
    ]
