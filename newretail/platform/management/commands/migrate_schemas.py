"""Migrate the public schema and every brand's, then divide rights between the two roles."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand
from django_tenants.utils import get_public_schema_name, get_tenant_model

from newretail.platform import grants

TURN = 0x6D6967726174  # one migration of all schemas at a time in a database


class Command(MigrateSchemasCommand):
    """django-tenants' own command, one at a time, followed by the grants."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Wait for whoever migrates now, migrate, then apply the grants schema by schema."""
        asked = options.get("schema_name")  # the library's own attribute says "public" when all were asked for
        with _alone(self) if not asked else _at_once():
            super().handle(*args, **options)
            for schema in [asked] if asked else _schemas(shared=self.sync_public, brands=self.sync_tenant):
                grants.apply(schema)
            connection.set_schema_to_public()  # type: ignore[attr-defined]


def _schemas(*, shared: bool, brands: bool) -> list[str]:
    public = get_public_schema_name()
    found = get_tenant_model().objects.order_by("pk").values_list("schema_name", flat=True)
    return [*([public] if shared else []), *(found if brands else [])]


@contextmanager
def _at_once() -> Iterator[None]:
    """One brand alone is being made: nobody else can see it yet."""
    yield


@contextmanager
def _alone(command: MigrateSchemasCommand) -> Iterator[None]:
    """Hold the turn in this session; a second starter waits, and then finds nothing to do."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [TURN])
        if not cursor.fetchone()[0]:
            command.stdout.write("等待另一个迁移结束 / waiting for another migration to end")
            command.stdout.flush()
            cursor.execute("SELECT pg_advisory_lock(%s)", [TURN])
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [TURN])
