"""Where this installation keeps its state: data of the embedded servers, secrets, files."""

import os
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from newretail.platform.folder import SECRETS, kept_secret

CHECKOUT = Path(__file__).resolve().parent.parent.parent
# addresses in the environment, and whose password an address without a user takes
ADDRESSES = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": "valkey"}
ROOT_HOME = Path("/var/lib/newretail")


def state_home() -> Path:
    """Name the state folder: `NEWRETAIL_HOME`, else `var/` of the checkout, as root /var/lib/newretail."""
    given = os.environ.get("NEWRETAIL_HOME")
    if given:
        return Path(given).resolve()
    return ROOT_HOME if os.geteuid() == 0 else CHECKOUT / "var"


def secrets_home() -> Path:
    """Name the folder of secrets, a file each: `NEWRETAIL_SECRETS`, else `secret` of the state folder."""
    given = os.environ.get("NEWRETAIL_SECRETS")
    return Path(given).resolve() if given else state_home() / SECRETS


def secret(name: str) -> str:
    """Read the secret kept under this name; make and keep one (0600) the first time."""
    return kept_secret(secrets_home(), name)


def given_secret(name: str) -> str:
    """Read the secret of this name where somebody has laid one down; none is made."""
    try:
        return (secrets_home() / name).read_text().strip()
    except OSError:
        return ""


def complete_addresses() -> None:
    """Give each address in the environment that has no password the one kept under its user's name."""
    for name, usual in ADDRESSES.items():
        parts = urlsplit(os.environ.get(name, ""))
        user = parts.username or usual
        if parts.hostname and not parts.password and user and (password := given_secret(unquote(user))):
            place = parts.netloc.rpartition("@")[2]
            login = f"{parts.username or ''}:{quote(password, safe='')}"
            os.environ[name] = urlunsplit(parts._replace(netloc=f"{login}@{place}"))
