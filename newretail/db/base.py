"""PostgreSQL with foreign keys that are NOT deferrable, so that a brand's schema can move to another node."""

from django.db.backends.postgresql.base import DatabaseWrapper as PostgresWrapper
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations


class DatabaseOperations(PostgresOperations):
    """Postgres operations that never ask for deferred constraints."""

    def deferrable_sql(self) -> str:
        """Say nothing: Postgres then makes the constraint immediate."""
        return ""


class DatabaseWrapper(PostgresWrapper):
    """The connection django-tenants builds upon (`ORIGINAL_BACKEND`)."""

    ops_class = DatabaseOperations
