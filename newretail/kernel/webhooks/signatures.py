"""How messages are signed and known: Standard Webhooks (standardwebhooks.com), and hexadecimal for simple tills."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

PREFIX = "whsec_"
SECRET_BYTES = 32
TOLERANCE = timedelta(minutes=5)  # the specification's
LONGEST_ID = 200
# The headers of the specification, and of the plain variant: its signature is hexadecimal, its key the text itself.
STANDARD = ("webhook-id", "webhook-timestamp", "webhook-signature")
PLAIN = ("x-hook-id", "x-hook-timestamp", "x-hook-signature")


def new_secret() -> str:
    """Make a secret as it is shown once."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def _digest(key: bytes, ref: str, second: str, body: bytes) -> bytes:
    return hmac.new(key, f"{ref}.{second}.".encode() + body, hashlib.sha256).digest()


def _standard(secret: str, ref: str, second: str, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return "v1," + base64.b64encode(_digest(key, ref, second, body)).decode()


def _plain(secret: str, ref: str, second: str, body: bytes) -> str:
    return _digest(secret.encode(), ref, second, body).hex()


def headers(secrets: Sequence[str], ref: str, at: datetime, body: bytes) -> dict[str, str]:
    """Give the headers of a message; at a rotation it is signed with each secret."""
    second = str(int(at.timestamp()))
    signed = " ".join(_standard(secret, ref, second, body) for secret in secrets)
    return dict(zip(STANDARD, (ref, second, signed), strict=True))


def known(secrets: Sequence[str], given: Mapping[str, str], body: bytes, at: datetime) -> str | None:
    """Give the id of a message that one of these secrets has signed within the tolerance; None for any other."""
    for names, sign in ((STANDARD, _standard), (PLAIN, _plain)):
        ref, second, signatures = (given.get(name, "") for name in names)
        if not (ref and second and signatures):
            continue
        if not (len(ref) <= LONGEST_ID and ref.isascii() and ref.isprintable() and _is_fresh(second, at)):
            return None
        wanted = [sign(secret, ref, second, body).encode() for secret in secrets]
        offered = [each.encode() for each in signatures.split(" ")]
        return ref if any(hmac.compare_digest(one, other) for one in wanted for other in offered) else None
    return None


def _is_fresh(second: str, at: datetime) -> bool:
    if not (second.isascii() and second.isdigit() and len(second) <= 12):
        return False
    return abs(int(second) - at.timestamp()) <= TOLERANCE.total_seconds()


def is_secret(text: str) -> bool:
    """Tell whether a text is a secret: 24 to 64 bytes, as the specification has them."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (ValueError, binascii.Error):
        return False
    return text.startswith(PREFIX) and 24 <= len(key) <= 64


__all__ = ["LONGEST_ID", "PLAIN", "STANDARD", "headers", "is_secret", "known", "new_secret"]
