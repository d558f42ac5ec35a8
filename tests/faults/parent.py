"""A process in which the product is loaded: each command it is given runs in a child born of it, that may be killed."""

import json
import os
import signal
import sys
import traceback
from typing import NoReturn

from django.core.management import execute_from_command_line

ENDED = "ended"
PATIENCE = 120  # seconds


def serve() -> None:
    """Run the commands that come in, one a line as (words, environment); tell how the child of each ended."""
    for line in sys.stdin:
        words, environment = json.loads(line)
        if not (child := os.fork()):
            run(words, environment)
        sys.stdout.write(f"\n{ENDED} {os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def run(words: list[str], environment: dict[str, str]) -> NoReturn:
    """Run a command as a process of its own would: with nothing but its environment, until it ends or dies."""
    signal.alarm(PATIENCE)
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.environ.clear()
    os.environ.update(environment)
    code = 0
    try:
        execute_from_command_line(["manage.py", *words])
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it dies of is told, as Python does
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    os._exit(code)
