#!/usr/bin/env python3
"""The command line: finds the database first, then hands over to Django."""

import os
import sys

OWNER_COMMANDS = frozenset(
    (
        *("migrate", "migrate_schemas", "makemigrations", "showmigrations", "sqlmigrate"),
        *("create_brand", "grant_app", "backup", "restore"),
    )
)
OLDEST_PYTHON = (3, 11)


def main(argv: list[str]) -> int:
    """Run one command; what a person can mend is said in one sentence, without a traceback."""
    if sys.version_info < OLDEST_PYTHON:
        return say("需要 Python 3.11 或更新版本", "Python 3.11 or newer is needed")
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newretail.settings.base")
    if argv[1:2] and argv[1] in OWNER_COMMANDS:
        os.environ.setdefault("DB_ROLE", "owner")
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415

        from newretail.platform.attach import attach  # noqa: PLC0415
        from newretail.platform.trouble import PlatformError  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("newretail"):
            raise
        return say(
            f"缺少 {error.name}。请先运行 make setup，再用 .venv/bin/python manage.py",
            f"{error.name} is not installed: run make setup, then use .venv/bin/python manage.py",
        )
    try:
        attach(argv)
        execute_from_command_line(argv)
    except PlatformError as error:
        return say(str(error))
    except KeyboardInterrupt:
        return 130
    return 0


def say(*sentences: str) -> int:
    """Write the sentence to the standard error and give the exit code for failure."""
    sys.stderr.write(" / ".join(sentences) + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
