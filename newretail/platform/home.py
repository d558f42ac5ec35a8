"""Where this installation keeps its state: data of the embedded servers, secrets, files."""

import os
from pathlib import Path

from newretail.platform.folder import SECRETS, kept_secret

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
    folder = state_home() / SECRETS
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return kept_secret(folder, name)
