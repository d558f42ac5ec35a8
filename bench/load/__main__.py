"""python -m bench.load: serve a loaded brand, let tills at it, tell how long calls took, verify the books after."""

import argparse
import csv
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

from bench.__main__ import say
from bench.ground import ROOT, Ground
from bench.load.site import Site
from bench.scale import SCALES

SHOWN = {
    "Name": "call", "Request Count": "calls", "Failure Count": "failed", "Requests/s": "per s", "50%": "p50 ms",
    "95%": "p95 ms", "99%": "p99 ms", "Max Response Time": "max ms",
}  # fmt: skip


def options(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    read = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    read.add_argument("--seconds", type=int, default=60)
    read.add_argument("--tills", type=int, default=8)
    read.add_argument("--scale", choices=list(SCALES), default="small")
    read.add_argument("--home", type=Path, help="keep the server and what was loaded in this folder")
    return read.parse_args(words)


def _locust(site: Site, set_up: Path, chosen: argparse.Namespace) -> Path:
    """Let the tills at it; give the file of what they saw."""
    folder = set_up.parent
    command = [
        sys.executable, "-m", "locust", "-f", "bench/load/tills.py", "--headless", "--host", site.address,
        "-u", str(chosen.tills), "-r", str(chosen.tills), "-t", f"{chosen.seconds}s", "--csv", str(folder / "load"),
        "--only-summary", "--exit-code-on-error", "0",
    ]  # fmt: skip
    environment = {**os.environ, "LOAD_SET_UP": str(set_up)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    failed = (folder / "load_failures.csv").read_text().splitlines()[1:]
    print("\n".join(failed), file=sys.stderr)
    return folder / "load_stats.csv"


def _table(rows: list[dict[str, str]]) -> str:
    cells = [list(SHOWN.values()), *([_cell(row[name]) for name in SHOWN] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in cells)


def _cell(text: str) -> str:
    try:
        return f"{float(text):.0f}" if float(text) >= 10 or float(text).is_integer() else f"{float(text):.1f}"
    except ValueError:
        return text


def main(words: list[str]) -> int:
    """Run it; the exit code says whether every call was answered and the books agree."""
    chosen = options(words)

    def build(ground: Ground) -> None:
        import_module("bench.filling").build(ground)

    home = chosen.home and chosen.home.resolve()
    with Ground(SCALES[chosen.scale], home=home, build=build, say=say) as ground:
        say("points, coupons, a key")
        furnishing = import_module("bench.load.furnishing")
        set_up = furnishing.furnish(ground.files)
        before = furnishing.found()
        with Site(ground) as site:
            say(f"{chosen.tills} tills for {chosen.seconds} s")
            stats = _locust(site, set_up, chosen)
        with stats.open(newline="") as file:
            rows = list(csv.DictReader(file))
        say("what was written is heard, the books are verified")
        after = furnishing.found()
    worse = {law: count - before.get(law, 0) for law, count in after.items() if count > before.get(law, 0)}
    found = sum(worse.values())
    print(_table(rows))
    total = rows[-1]
    failed, calls = int(total["Failure Count"]), int(total["Request Count"])
    print("\n".join(f"{law}: {count} more" for law, count in worse.items()), file=sys.stderr)
    print(f"\nerror rate {failed / max(calls, 1):.4f} · unexplained={found} · load {os.getloadavg()[0]:.1f}")
    return 1 if failed or found or not calls else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
