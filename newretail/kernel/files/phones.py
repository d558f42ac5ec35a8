"""Phone numbers: one person writes hers in many ways, it stays one number (E.164)."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

INVISIBLE = re.compile("[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]")
_MOBILE = re.compile(r"\A1[3-9][0-9]{9}\Z", re.ASCII)
# Dots part groups of digits; one before a single group of zeros is a spreadsheet's decimal point.
_ALLOWED = re.compile(r"\A(?!\+?[0-9]+\.0+\Z)\+?[0-9 ().-]{5,24}\Z", re.ASCII)


def plain(text: str) -> str:
    """Write full-width signs and the digits of any script as plain ones, without what cannot be seen."""
    folded = INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).strip()
    if folded.isascii():
        return folded
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in folded)


@lru_cache(maxsize=50_000)
def normalise(text: str) -> str | None:
    """Give a phone number in E.164, None when it is none: "138 0000-0001" → "+8613800000001"."""
    written = plain(text)
    if _MOBILE.match(written):
        return f"+86{written}"
    if not _ALLOWED.match(written):
        return None
    try:
        number = phonenumbers.parse(written, "CN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(phone: str) -> str:
    """Show a number with its middle hidden: 138****1234."""
    digits = phone.removeprefix("+86")
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else "****" if digits else ""
