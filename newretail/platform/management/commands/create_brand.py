"""manage.py create_brand CODE --name … --domain HOST [--admin USER]: a brand, whole or not at all."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import translation

from newretail.kernel import clock
from newretail.kernel.actions import settings
from newretail.kernel.verbs import Refused
from newretail.platform import actions


class Command(BaseCommand):
    """Create a brand with its schema and domains."""

    help = "Create a brand: schema, tables, rights, domains; it either stands whole or leaves nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the code, the name, host names and the first administrator."""
        parser.add_argument("code")
        parser.add_argument("--name", default="")
        parser.add_argument("--domain", action="append", required=True)
        parser.add_argument("--notice", default="", help="a line shown at the foot of every page")
        parser.add_argument("--admin", default="", help="user name of the first administrator")
        parser.add_argument("--password", default="", help="else one is made and printed")
        parser.add_argument(
            "--no-second-factor", action="store_true", help="do not ask HQ and auditors for a second factor"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Create the brand, then its administrator when one was asked for."""
        password = options["password"] or secrets.token_urlsafe(12)
        if options["password"]:
            self._judge(password, options["admin"])
        if "platform_brand" not in connection.introspection.table_names():
            call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
        try:
            self._create(options, password)
        except Refused as refusal:
            raise CommandError(refusal.both(), returncode=2) from None
        if options["admin"] and not options["password"]:
            self.stdout.write(f"{options['admin']}: {password}")
        self.stdout.write(f"brand {options['code']} answers at {', '.join(options['domain'])}")

    @transaction.atomic  # the brand and its administrator, or neither
    def _create(self, options: dict[str, Any], password: str) -> None:
        code, admin = options["code"], options["admin"]
        brand = actions.create(
            code=code, name=options["name"] or code, domains=options["domain"], notice=options["notice"]
        )
        if not admin:
            return
        actions.create_admin(brand=brand, username=admin, password=password)
        if not options["no_second_factor"]:
            with brand:
                settings.put(key="mfa_required", value="on", at=clock.now())

    def _judge(self, password: str, username: str) -> None:
        """Refuse a password that a person could not choose either, in both languages."""
        said: list[str] = []
        for language in ("zh-hans", "en"):
            with translation.override(language):
                try:
                    validate_password(password, get_user_model()(username=username))
                except ValidationError as refusal:
                    said += refusal.messages
        if said:
            raise CommandError(" / ".join(dict.fromkeys(said)), returncode=2)
