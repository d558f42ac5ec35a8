"""manage.py backup FOLDER [--brand CODE]: the database as of one instant, the files, a manifest."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from newretail.kernel import clock
from newretail.platform import backup
from newretail.platform.models import Brand


class Command(BaseCommand):
    """Back up the installation or one brand."""

    help = "Back up the whole installation, or one brand, into a new folder; the site may go on meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the new folder, and the brand's code for one brand alone."""
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet; it will hold personal data")
        parser.add_argument("--brand", default="", help="the code of one brand; all of them otherwise")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the backup and tell what it holds."""
        brand = Brand.objects.filter(code=options["brand"]).first() if options["brand"] else None
        if options["brand"] and brand is None:
            raise CommandError(f"没有这个品牌 / There is no brand with this code: {options['brand']}", returncode=2)
        folder = options["folder"].resolve()
        found = backup.take(folder, at=clock.now(), brand=brand)
        rows = sum(sum(tables.values()) for tables in found.counts.values())
        size = sum(told["bytes"] for told in found.files.values())
        self.stdout.write(f"{folder}: {', '.join(found.counts)}; rows={rows} bytes={size}")
        self.stdout.write(
            "密钥（secret/ 目录）不在备份内，请另行保管；备份含个人信息，请加密存放"
            " / secrets (the folder secret/) are not in it: keep them apart;"
            " it holds personal data: keep it encrypted"
        )
