"""What leads to a person, each kind in one spelling: files, requests and forms are read here alike.

Phones become E.164 (`files/phones.py`). Of the others full-width signs and foreign digits become plain ones, blanks and
what cannot be seen go; what people type (card, mall id) counts in any case, what machines give counts as it is.
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
    "payer_id": "payer",
}
ANY_CASE = frozenset({"card", "mall"})
_WRITABLE = re.compile(rf"\A[^\x00-\x1f\x7f]{{1,{LONGEST}}}\Z")


def normalise(kind: str, text: str) -> str | None:
    """Give an identity in its one spelling, None when it is none: card " ｖ１２－３\u200b" → "V12-3"."""
    if kind == "phone":
        return phones.normalise(text)
    plain = "".join(phones.plain(text).split())
    plain = plain.upper() if kind in ANY_CASE else plain
    return plain if _WRITABLE.match(plain) else None
