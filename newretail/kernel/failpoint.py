"""Named places where a test may make the process fail; nothing happens unless one is named in the environment."""

import os
import signal

_hits: dict[str, int] = {}


class Failed(RuntimeError):
    """A failpoint was told to raise."""


def failpoint(name: str) -> None:
    """Fail here when NEWRETAIL_FAILPOINT says `name=kill9[:nth]` or `name=raise[:nth]`."""
    told = os.environ.get("NEWRETAIL_FAILPOINT", "")
    if not told.startswith(f"{name}="):
        return
    what, _, nth = told.partition("=")[2].partition(":")
    _hits[name] = _hits.get(name, 0) + 1
    if _hits[name] != int(nth or 1):
        return
    if what == "kill9":
        os.kill(os.getpid(), signal.SIGKILL)
    raise Failed(name)
