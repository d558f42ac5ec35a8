"""Migrate the public schema and every brand's, then divide rights between the two roles."""

from typing import Any

from django.db import connection
from django_tenants.management.commands.migrate_schemas import MigrateSchemasCommand
from django_tenants.utils import get_public_schema_name, get_tenant_model

from newretail.platform import grants


class Command(MigrateSchemasCommand):
    """django-tenants' own command, followed by the grants."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, then apply the grants schema by schema."""
        super().handle(*args, **options)
        schemas = [self.schema_name] if self.schema_name else []
        if not schemas:
            schemas = [get_public_schema_name()]
            schemas += list(get_tenant_model().objects.values_list("schema_name", flat=True))
        for schema in schemas:
            grants.apply(schema)
        connection.set_schema_to_public()  # type: ignore[attr-defined]
