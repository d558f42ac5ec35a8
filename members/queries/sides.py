"""What a side of a family holds by itself: a digest of its books, and what it would lack if it stood alone.

Each noun enters its own rows here, and, where an account may not fall below zero, how much of it a side would lack.
"""

import hashlib
from collections.abc import Callable, Sequence

from members.queries import points
from newretail.kernel import sql

Short = Callable[[Sequence[int]], int]
ROWS: dict[str, str] = {}
SHORT: dict[str, Short] = {}


def enter(noun: str, rows: str, *, short: Short | None = None) -> None:
    """Enter a noun of a member's books.

    `rows` is a SELECT of one text column over the members `ANY(%(ids)s)`; `short` tells what members, by their ids,
    would lack of it (0: nothing) if their own entries were all they had.
    """
    ROWS[noun] = rows
    if short:
        SHORT[noun] = short


def digest(ids: Sequence[int]) -> str:
    """Give the SHA-256 of all that stands in the books under these ids; two equal digests are equal books."""
    whole = hashlib.sha256()
    for noun in sorted(ROWS):
        select = f"SELECT coalesce(string_agg(t.row, chr(10) ORDER BY t.row), '') FROM ({ROWS[noun]}) t(row)"
        whole.update(f"{noun}\n{sql.rows(select, {'ids': list(ids)})[0][0]}\n".encode())
    return whole.hexdigest()


def lacking(ids: Sequence[int]) -> dict[str, int]:
    """Name what these members would lack if they stood alone, by noun."""
    return {noun: lacks for noun, short in sorted(SHORT.items()) if (lacks := short(ids)) > 0}


WHOSE = {
    "tags": "membertag",
    "identities": "identity",
    "claims": "claim",
    "orders": "order",
    "consents": "consent",
    "coupons": "coupon",
    "gift orders": "giftorder",
}
# Where she lives on and which line wrote a row last are no part of what she holds.
enter("member", "SELECT (to_jsonb(m) - 'merged_into_id' - 'entry_id')::text FROM members_member m"
      " WHERE m.id = ANY(%(ids)s)")  # fmt: skip
for noun, table in WHOSE.items():
    enter(noun, f"SELECT to_jsonb(t)::text FROM members_{table} t WHERE t.member_id = ANY(%(ids)s)")
for noun in ("orderline", "refund"):
    enter(noun, f"SELECT to_jsonb(t)::text FROM members_{noun} t JOIN members_order o ON o.id = t.order_id"
          " WHERE o.member_id = ANY(%(ids)s)")  # fmt: skip
enter("points", "SELECT to_jsonb(t)::text FROM members_pointsaccount t WHERE t.member_id = ANY(%(ids)s)"
      " AND (t.balance, t.pending, t.debt) <> (0, 0, 0)", short=points.short)  # fmt: skip
for noun in ("pointsentry", "pointslot"):
    enter(noun, f"SELECT to_jsonb(t)::text FROM members_{noun} t JOIN members_pointsaccount a ON a.id = t.account_id"
          " WHERE a.member_id = ANY(%(ids)s)")  # fmt: skip
