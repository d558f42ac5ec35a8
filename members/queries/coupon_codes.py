"""Codes of coupons: made by chance, read as people type them."""

import secrets
import unicodedata

# Crockford's base 32: no I, L, O, U, so that what is read aloud or typed means one thing.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = ALPHABET[10:]
VALUES = {sign: value for value, sign in enumerate(ALPHABET)}
MEANT = str.maketrans({"O": "0", "I": "1", "L": "1"})
BASE = len(ALPHABET)
RANDOM = 17  # signs by chance: a letter first, so that no code is all digits, and 16 × 5 = 80 bits
LENGTH = RANDOM + 1
BYTES = 12
PART = 6


def _check(signs: str) -> str:
    """Give the check sign (Luhn's, to base 32): it finds each wrong sign and nearly each pair that changed places."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = VALUES[sign] * (2 - place % 2)
        total += value // BASE + value % BASE
    return ALPHABET[-total % BASE]


def _signs(number: int) -> str:
    number, first = divmod(number, len(LETTERS))
    signs = [LETTERS[first]]
    for _ in range(RANDOM - 1):
        number, value = divmod(number, BASE)
        signs.append(ALPHABET[value])
    return "".join(signs)


def make(count: int) -> list[str]:
    """Make codes by chance: more than 84 random bits each, a check sign at the end."""
    drawn = secrets.token_bytes(BYTES * count)
    numbers = (int.from_bytes(drawn[at : at + BYTES]) for at in range(0, len(drawn), BYTES))
    return [signs + _check(signs) for signs in map(_signs, numbers)]


def read(text: str) -> str:
    """Read a code as typed or scanned; empty when it cannot be one.

    Full width, small letters, blanks and dashes, and the letters O, I, L for 0, 1, 1 are meant well.
    """
    plain = unicodedata.normalize("NFKC", text[:80]).upper()
    plain = "".join(sign for sign in plain if not (sign.isspace() or sign in "-‐–—·")).translate(MEANT)
    can_be = len(plain) == LENGTH and plain[0] in LETTERS and all(sign in VALUES for sign in plain)
    return plain if can_be and _check(plain[:-1]) == plain[-1] else ""


def shown(code: str) -> str:
    """Write a code in parts of six."""
    return "-".join(code[at : at + PART] for at in range(0, len(code), PART))


def hidden(code: str) -> str:
    """Write a code so that it is recognised and cannot be used."""
    return f"{code[:2]}…{code[-4:]}"
