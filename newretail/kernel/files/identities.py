"""What leads to a person, each kind in one spelling: files, requests and forms are read here alike.

Phones become E.164 (`files/phones.py`). Of the others full-width signs and foreign digits become plain ones, blanks and
what cannot be seen go; what people type (card, mall id, e-mail) counts in any case, what machines give counts as it is.
"""

import re

from newretail.kernel.files import phones

LONGEST = 120
# The column in which each kind stands, what names a person best first; who pays says least of who buys.
KINDS = {
    "card_no": "card",
    "phone": "phone",
    "unionid": "unionid",
    "external_userid": "external_userid",
    "openid": "openid",
    "mall_id": "mall",
    "email": "email",
    "payer_id": "payer",
}
ANY_CASE = frozenset({"card", "mall"})
_MAIL = re.compile(r"\A[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+\Z")
_WRITABLE = re.compile(rf"\A[^\x00-\x1f\x7f]{{1,{LONGEST}}}\Z")


def normalise(kind: str, text: str) -> str | None:
    """Give an identity in its one spelling, None when it is none: card " ｖ１２－３\u200b" → "V12-3"."""
    if kind == "phone":
        return phones.normalise(text)
    plain = "".join(phones.plain(text).split())
    plain = plain.upper() if kind in ANY_CASE else plain
    if kind == "email":
        return plain.lower() if _MAIL.match(plain) and _WRITABLE.match(plain) else None
    return plain if _WRITABLE.match(plain) else None
