"""`migrate` means all schemas: the plain command would migrate none of the brands."""

from newretail.platform.management.commands.migrate_schemas import Command

__all__ = ["Command"]
