"""python -m bench: load, measure, print one table; `--scale` full, medium, small or tiny."""

import argparse
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from bench import figures
from bench.figures import Figure
from bench.ground import Ground
from bench.scale import SCALES
from newretail.platform.trouble import PlatformError

# What is measured, in this order: scoring moves the calendar on, imports make the table grow, for pages the night is
# done.
ITEMS = {
    "scores": "bench.scoring", "imports": "bench.taking_in", "browser": "bench.browsing",
    "boards": "bench.boards", "tills": "bench.tills", "inbox": "bench.inbox", "wallets": "bench.wallets",
    "tasks": "bench.tasking", "phones": "bench.phones",
    "commissions": "bench.commissions", "segments": "bench.segments", "touches": "bench.touching", "lift": "bench.lift",
    "lives": "bench.lives", "pages": "bench.pages",
}  # fmt: skip
BEGAN = time.monotonic()


def say(text: str) -> None:
    """Tell on the side what is going on."""
    print(f"[{time.monotonic() - BEGAN:6.1f} s] {text}", file=sys.stderr, flush=True)


def options(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    read = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    read.add_argument("--scale", choices=list(SCALES), default=os.environ.get("SCALE") or "full")
    read.add_argument("--items", default=",".join(ITEMS), help="some of: " + ", ".join(ITEMS))
    read.add_argument("--home", type=Path, help="keep the server and what was loaded in this folder")
    return read.parse_args(words)


def run(chosen: argparse.Namespace) -> list[Figure]:
    """Load, then measure what was asked for."""
    scale = SCALES[chosen.scale]

    def build(ground: Ground) -> None:
        import_module("bench.filling").build(ground)

    found: list[Figure] = []
    with Ground(scale, home=chosen.home and chosen.home.resolve(), build=build, say=say) as ground:
        for name in chosen.items.split(","):
            found += import_module(ITEMS[name]).measure(ground)
    return found if scale.judged else figures.unjudged(found)


def main(words: list[str]) -> int:
    """Measure and tell; the exit code says whether every bar was met."""
    chosen = options(words)
    load = os.getloadavg()
    try:
        found = run(chosen)
    except PlatformError as error:
        print(error, file=sys.stderr)
        return 2
    facts = {
        "scale": chosen.scale,
        "items": chosen.items,
        "load_before": load,
        "seconds": round(time.monotonic() - BEGAN),
    }
    path = figures.write(found, facts)
    print(figures.table(found))
    print(f"\nload {load[0]:.1f} before, {os.getloadavg()[0]:.1f} after · {path}")
    return 1 if any(figure.ok is False for figure in found) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
