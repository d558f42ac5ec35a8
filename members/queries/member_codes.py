"""The member's code at the till (会员码): 18 digits told from a member and the half minute alone.

Ten digits are a keyed digest of her seat and the span of time; the other eight are her seat, hidden behind a pad drawn
from those ten. Whoever does not hold the site's secret can neither make a code nor tell whose one is.
"""

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection
from django.utils.crypto import salted_hmac

from members.models import Member

SECONDS = 30
SPANS_BACK, SPANS_AHEAD = 2, 1  # a code is good for a minute after its span; a phone's clock may be ahead by one
SEAT_DIGITS, DIGEST_DIGITS = 8, 10
LENGTH = SEAT_DIGITS + DIGEST_DIGITS
SALT = "members.member_codes"


@dataclass(frozen=True)
class Shown:
    """A code to be shown, and until when the next one is due."""

    code: str
    until: datetime


def _digest(said: str, digits: int) -> str:
    whole = salted_hmac(SALT, f"{connection.schema_name}:{said}", algorithm="sha256").digest()  # type: ignore[attr-defined]
    return str(int.from_bytes(whole) % 10**digits).zfill(digits)


def _code(seat: int, step: int) -> str:
    digest = _digest(f"{seat}:{step}", DIGEST_DIGITS)
    hidden = (seat + int(_digest(f"pad:{digest}", SEAT_DIGITS))) % 10**SEAT_DIGITS
    return f"{hidden:0{SEAT_DIGITS}}{digest}"


def step_at(at: datetime) -> int:
    """Give the span of time an instant lies in."""
    return int(at.timestamp()) // SECONDS


def of(member: Member, at: datetime) -> Shown:
    """Make the code of a member for this half minute."""
    step = step_at(at)
    return Shown(_code(member.seat, step), datetime.fromtimestamp((step + 1) * SECONDS, tz=UTC))


def read(text: str) -> str:
    """Read a code as typed or scanned; empty when it cannot be one."""
    plain = "".join(unicodedata.normalize("NFKC", text[:80]).split()).replace("-", "")
    return plain if len(plain) == LENGTH and plain.isascii() and plain.isdigit() else ""


def whose(text: str, at: datetime) -> tuple[Member, int] | None:
    """Tell whose code this is and of which span of time; None for whatever is no code that counts now."""
    code = read(text)
    if not code:
        return None
    digest = code[SEAT_DIGITS:]
    seat = (int(code[:SEAT_DIGITS]) - int(_digest(f"pad:{digest}", SEAT_DIGITS))) % 10**SEAT_DIGITS
    now = step_at(at)
    for step in range(now - SPANS_BACK, now + SPANS_AHEAD + 1):
        if _code(seat, step) == code:
            member = Member.objects.select_related("level").filter(seat=seat).first()
            return (member, step) if member else None
    return None
