"""Figures and how they are told: one table for people, one JSON file for machines."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).resolve().parent / "results"
HEADER = ("item", "ours", "reference", "ratio", "by cpu", "target", "")


@dataclass
class Figure:
    """One line of the table; `ok` is None for what is told but not judged.

    `ratio` compares seconds on the wall and is what is judged; `cpu_ratio` compares processor seconds, which a busy
    machine moves less.
    """

    item: str
    ours: str
    reference: str = ""
    ratio: float | None = None
    target: str = ""
    ok: bool | None = None
    cpu_ratio: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)


def at_most(figure: Figure, bar: float) -> Figure:
    """Judge that the ratio is at most the bar."""
    figure.target, figure.ok = f"≤ {bar:g}", figure.ratio is not None and figure.ratio <= bar
    return figure


def at_least(figure: Figure, bar: float) -> Figure:
    """Judge that the ratio is at least the bar."""
    figure.target, figure.ok = f"≥ {bar:g}", figure.ratio is not None and figure.ratio >= bar
    return figure


def holds(item: str, said: str, target: str, *, ok: bool) -> Figure:
    """Judge something that is so or is not."""
    return Figure(item, said, target=target, ok=ok)


def unjudged(figures: Sequence[Figure]) -> list[Figure]:
    """Take the judgement away: at this size figures say nothing about speed."""
    for figure in figures:
        if figure.ratio is not None:
            figure.ok = None
    return list(figures)


def _cells(figure: Figure) -> tuple[str, ...]:
    ratio, cpu = ("" if number is None else f"{number:.2f}" for number in (figure.ratio, figure.cpu_ratio))
    verdict = {True: "ok", False: "NO", None: ""}[figure.ok]
    return figure.item, figure.ours, figure.reference, ratio, cpu, figure.target, verdict


def table(figures: Sequence[Figure]) -> str:
    """Write the table."""
    rows = [HEADER, *map(_cells, figures)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEADER))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def write(figures: Sequence[Figure], facts: dict[str, Any]) -> Path:
    """Keep the run as JSON and name the file."""
    RESULTS.mkdir(exist_ok=True)
    at = datetime.now(tz=UTC)
    path = RESULTS / f"{at:%Y-%m-%d-%H%M%S}-{facts['scale']}.json"
    machine = {"processors": os.cpu_count(), "python": platform.python_version(), "load": os.getloadavg()}
    body = {"at": at.isoformat(), **facts, **machine, "figures": [asdict(figure) for figure in figures]}
    path.write_text(json.dumps(body, ensure_ascii=False, indent=1, default=str))
    return path
