"""manage.py brand_setting KEY [VALUE] --brand CODE: read or set one of a brand's settings (VALUE is JSON)."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import CommandError

from newretail.kernel import brand, clock
from newretail.kernel.actions import settings
from newretail.kernel.declared import DECLARED
from newretail.kernel.inbrand import BrandCommand


class Command(BrandCommand):
    """Read a setting, or set it; the last line is JSON."""

    help = "Read or set: " + ", ".join(DECLARED)

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the key and perhaps a value."""
        super().add_arguments(parser)
        parser.add_argument("key")
        parser.add_argument("value", nargs="?", help="JSON, such as 90, null or [3, 6, 9, 12]")

    def work(self, *, key: str, value: str | None, **_: Any) -> None:
        """Set when a value was given, then tell what is in force."""
        if value is not None:
            try:
                parsed = json.loads(value)
            except (ValueError, RecursionError):
                raise CommandError(f"{value}: 不是 JSON / is no JSON", returncode=2) from None
            settings.put(key=key, value=parsed, at=clock.now())
        elif key not in DECLARED:
            raise settings.UnknownSetting(key=key, known=", ".join(DECLARED))
        self.answer(key=key, value=brand.setting(key))
