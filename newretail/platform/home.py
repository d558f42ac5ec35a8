"""Where this installation keeps its state: data of the embedded servers, secrets, files."""

import contextlib
import os
import secrets
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent.parent
ROOT_HOME = Path("/var/lib/newretail")


def state_home() -> Path:
    """Name the state folder: `NEWRETAIL_HOME`, else `var/` of the checkout, as root /var/lib/newretail."""
    given = os.environ.get("NEWRETAIL_HOME")
    if given:
        return Path(given).resolve()
    return ROOT_HOME if os.geteuid() == 0 else CHECKOUT / "var"


def secret(name: str) -> str:
    """Read the secret kept under this name; make and keep one (0600) the first time."""
    folder = state_home() / "secret"
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # two starts at once agree on the first one's secret
        draft.unlink()
    return path.read_text().strip()
