"""The database backend: PostgreSQL whose foreign keys are checked at once."""
