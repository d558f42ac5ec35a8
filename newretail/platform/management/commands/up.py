"""manage.py up: the whole site on one machine, until Ctrl-C."""

from argparse import ArgumentParser
from typing import Any, TextIO, cast

from django.core.management.base import BaseCommand

from newretail.platform.home import state_home
from newretail.platform.ports import require_free
from newretail.platform.stack import Stack


class Command(BaseCommand):
    """Start database, queue, web, worker and beat; print READY when the site answers."""

    help = "Start the whole site on this machine; Ctrl-C stops it."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address to listen on."""
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse a taken port before anything starts, then start all and stay."""
        host, port = options["host"], options["port"]
        with Stack(state_home(), cast(TextIO, self.stdout)) as stack:
            require_free(port, host=host, use="web")
            stack.data()
            stack.migrate()
            stack.serve(host, port)
            stack.wait()
