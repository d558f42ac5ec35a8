"""Brings the demo's files into its brand, by the same import and the same jobs as anybody's."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any, TextIO, cast

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db.models import Max, Min, QuerySet

from members.models import Member, Order, OrderLine, Portrait, ScoreCut
from newretail.demo.labels import DERIVED, KINDS, REAL, REPLAYED_LINES, REPLAYED_ORDERS, STAMP
from newretail.kernel import clock
from newretail.kernel.models import ImportFile, JobRun
from newretail.platform.home import CHECKOUT
from newretail.platform.models import Brand
from stores.models import Store

BRAND = "demo"
REPLAY = "replay_day"
POOL = "work_pool"
QUIET_SECONDS = 2.0
Say = Callable[[str, str], None]


def brand() -> Brand | None:
    """Find the demo brand, if it was created."""
    return Brand.objects.filter(code=BRAND).first()


def today() -> date:
    """Tell the demo brand's business day; called inside the brand."""
    return clock.business_day(clock.now())


def hour() -> time:
    """Tell how late it is in the demo brand; called inside the brand."""
    return clock.now().astimezone(clock.brand_zone()).time().replace(microsecond=0)


def data(folder: Path, say: Say) -> bool:
    """Shape the files and import those not yet in; False when all were in already."""
    missing = [kind for kind in KINDS if not _imported(kind)]
    if not missing:
        return False
    if len(missing) == len(KINDS) and not ImportFile.objects.filter(kind=KINDS[0]).exists():
        for stale in (STAMP, REPLAYED_ORDERS):
            (folder / stale).unlink(missing_ok=True)
    if not (folder / STAMP).exists():
        say("shape", "reading the real year, deriving the year before")
        counts = apart(folder, today())
        told = "{orders:,} orders, {order_lines:,} lines, to {last_day}"
        say("shape", told.format_map(counts))
    for kind in missing:
        take(kind, folder / f"{kind}.csv", say)
    return True


def apart(folder: Path, *days: date | time) -> dict[str, Any]:
    """Shape the files (today), or write further days (since, until, last real day, hour of the last day), apart.

    Data frames take 700 MB; a process of their own keeps web and worker free of them.
    """
    command = [sys.executable, "-m", "newretail.demo", str(folder), *map(str, days)]
    done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise CommandError(done.stderr.strip())
    counts: dict[str, Any] = json.loads(done.stdout)
    return counts


def first_real_day() -> date | None:
    """Tell on which day the real year begins; what lies before it is derived."""
    first = Order.objects.filter(source=REAL).aggregate(at=Min("paid_at"))["at"]
    return clock.business_day(first) if first else None


def _imported(kind: str) -> bool:
    done = ImportFile.State.DONE
    return ImportFile.objects.filter(kind=kind, file_name=f"{kind}.csv", state=done).exists()


def take(kind: str, path: Path, say: Say) -> dict[str, Any]:
    """Import one file and tell its counts."""
    counts = _answer("import_file", kind, str(path), stderr=cast(TextIO, _Progress(kind, say)))
    facts = ", ".join(f"{counts[name]:,} {name}" for name in ("created", "updated", "skipped"))
    refused = f", {counts['rejected']:,} rejected: {counts['errors_file']}"
    say(kind, facts + (refused if counts["rejected"] else ""))
    return counts


def jobs(say: Say, *, again: bool) -> None:
    """Run the night's jobs for today, those that have run already only where asked again.

    The replay has its tick, and the pool is worked by night only where a brand wants it.
    """
    if again and not ScoreCut.objects.exists():
        # A year of weeks first: stages then have a history, as they would in a brand that has run so long.
        counts = _answer("run_job", "move_lifecycle", "--from", str(today() - timedelta(weeks=52)))
        say("job", f"move_lifecycle {json.dumps(counts, ensure_ascii=False)}")
    for name in (name for name, _due in settings.NIGHT_JOBS if name not in (REPLAY, POOL)):
        ran = JobRun.objects.filter(name=name, as_of=today(), state=JobRun.State.DONE)
        if again or not ran.exists():
            counts = _answer("run_job", name)
            say("job", f"{name} {json.dumps(counts, ensure_ascii=False)}")


def _answer(command: str, *arguments: str, stderr: TextIO | None = None) -> dict[str, Any]:
    """Run a command in the demo brand and read its last line."""
    out = io.StringIO()
    call_command(command, *arguments, "--brand", BRAND, stdout=out, stderr=stderr)
    answer: dict[str, Any] = json.loads(out.getvalue().splitlines()[-1])
    return answer


def tick(folder: Path, *, until: date, say: Say, so_far: time | None = None) -> int:
    """Add the orders of the days between the last one and `until` (exclusive); how many.

    With `so_far` those of the day `until` up to that hour too; a day that was begun so is made whole by the next tick.
    Files that a run left when it was cut off come in first; each order counts once.
    """
    added = _take_replayed(folder, say)
    paid = Order.objects.filter(source__in=(REAL, DERIVED))
    last, last_real = _last_day(paid), _last_day(paid.filter(source=REAL))
    if last is None or last_real is None:
        return added
    since = last if last > last_real else last + timedelta(days=1)
    if since > until or (since == until and so_far is None):
        return added
    if not (folder / STAMP).exists():
        apart(folder, last_real + timedelta(days=1))
    apart(folder, since, until, last_real, *([so_far] if so_far else []))
    return added + _take_replayed(folder, say)


def _take_replayed(folder: Path, say: Say) -> int:
    """Import the written days, orders before lines; the orders' file goes when both are in."""
    orders, lines = folder / REPLAYED_ORDERS, folder / REPLAYED_LINES
    if not orders.exists():
        return 0
    added = take("orders", orders, say)["created"]
    take("order_lines", lines, say)
    orders.unlink()
    lines.unlink()
    return int(added)


def _last_day(orders: QuerySet[Order]) -> date | None:
    at = orders.aggregate(at=Max("paid_at"))["at"]
    return clock.business_day(at) if at else None


def summary() -> dict[str, object]:
    """Count what the brand holds."""
    return {
        "brand": BRAND,
        "members": Member.objects.count(),
        "orders": Order.objects.count(),
        "order_lines": OrderLine.objects.count(),
        "stores": Store.objects.count(),
        "scored": Portrait.objects.filter(r__isnull=False).count(),
    }


class _Progress(io.TextIOBase):
    """Passes on what an import tells on its way, at most once in two seconds."""

    def __init__(self, kind: str, say: Say) -> None:
        self.kind, self.say, self.told = kind, say, monotonic()

    def write(self, text: str) -> int:
        """Say one line."""
        if text.strip() and monotonic() - self.told > QUIET_SECONDS:
            self.told = monotonic()
            self.say(self.kind, text.strip().removeprefix(f"{self.kind}: "))
        return len(text)
