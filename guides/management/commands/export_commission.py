"""manage.py export_commission PATH --brand CODE --month YYYY-MM [--lines]: what a month pays, for payroll, as CSV."""

import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from guides.queries import payroll
from newretail.kernel import clock
from newretail.kernel.actions import exports as takings
from newretail.kernel.files import copying, reasons
from newretail.kernel.inbrand import BrandCommand, day

NOT_COMPUTED = "未核算，月度奖励与封顶尚未计入 / not computed yet: reward steps and the cap are still to come"


def month(text: str) -> date:
    """Read a month from the command line."""
    try:
        return day(f"{text}-01")
    except ArgumentTypeError:
        raise ArgumentTypeError(f"{text}: {reasons.both('not_month')}") from None


class Command(BrandCommand):
    """Export a month of commission; the last line is JSON and says how far the month is."""

    help = f"Write {payroll.GROSS_COLUMNS} as CSV, with --lines the lines that add up to it: {payroll.LINE_COLUMNS}."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the path, the month, and which of the two."""
        super().add_arguments(parser)
        parser.add_argument("path", type=Path)
        parser.add_argument("--month", type=month, required=True, help="a month as 2026-01")
        parser.add_argument("--lines", action="store_true", help="the lines of each person, which add up to her gross")

    def work(self, *, path: Path, month: date, lines: bool, **_: Any) -> None:
        """Write the file whole, or not at all; a month that is not computed is written as the books stand, and said."""
        kept = payroll.kept(month)
        with copying.whole(path) as file:
            written = payroll.write(file, month=kept, lines=lines)
            noun = "commission_lines" if lines else "commission_gross"
            takings.take(noun=noun, filters=["month"], rows=written, at=clock.now(), by=None, most=sys.maxsize)
        if kept.state == kept.State.OPEN:
            self.stderr.write(f"{month:%Y-%m}: {NOT_COMPUTED}")
        self.answer(month=f"{month:%Y-%m}", state=kept.state, rows=written, path=str(path))
