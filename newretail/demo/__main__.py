"""python -m newretail.demo: the work with data frames, in a process that gives its memory back."""

import json
import sys
from dataclasses import asdict
from datetime import date, time
from pathlib import Path

from newretail.demo import replay
from newretail.demo.shape import shape
from newretail.demo.source import PackageMissing


def main(arguments: list[str]) -> int:
    """Shape the files (FOLDER TODAY), or add days (FOLDER SINCE UNTIL LAST_REAL [SO_FAR]); print counts."""
    folder, days = Path(arguments[0]), [date.fromisoformat(text) for text in arguments[1:4]]
    so_far = time.fromisoformat(arguments[4]) if len(arguments) > 4 else None
    try:
        if len(days) == 1:
            counts = asdict(shape(folder, today=days[0]))
        else:
            since, until, last_real = days
            orders = replay.write_days(folder, since=since, until=until, last_real=last_real, so_far=so_far)
            counts = {"orders": orders}
    except PackageMissing as missing:
        sys.stderr.write(f"{missing}\n")
        return 2
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(json.dumps(counts))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
