"""What commands that work inside one brand share: the --brand option, a machine-readable last line."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_tenants.utils import get_tenant_model

from newretail.kernel.files import reasons
from newretail.kernel.files.sheets import FileRefused
from newretail.kernel.verbs import Refused

FIRST_YEAR, LAST_YEAR = 1900, 2099


def day(text: str) -> date:
    """Read a day from the command line."""
    try:
        found = date.fromisoformat(text) if len(text) == len("2026-01-31") else None
    except ValueError:
        found = None
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR or found.isoformat() != text:
        raise ArgumentTypeError(f"{text}: {reasons.both('not_date')}")
    return found


class BrandCommand(BaseCommand):
    """A command inside one brand; refusals become one sentence and exit code 2."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the brand's code."""
        parser.add_argument("--brand", required=True, help="the brand's code")

    def handle(self, *args: Any, **options: Any) -> None:
        """Enter the brand, work, translate refusals."""
        brand = get_tenant_model().objects.filter(code=options["brand"]).first()
        if brand is None:
            raise CommandError(f"没有这个品牌 / There is no brand with this code: {options['brand']}", returncode=2)
        with brand:
            self._answer(lambda: self.work(**options))

    def _answer(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Refused as refusal:
            raise CommandError(refusal.both(), returncode=2) from None
        except FileRefused as refusal:
            raise CommandError(reasons.both(refusal.code, refusal.facts), returncode=2) from None

    # Each command names the options it takes; the rest goes to **_.
    work: Callable[..., None]

    def answer(self, **facts: object) -> None:
        """Print the last line: JSON, for machines."""
        self.stdout.write(json.dumps(facts, ensure_ascii=False))
