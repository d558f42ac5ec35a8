"""Drawing lots: which arm a member falls into, the same for ever and the same in Python and in SQL."""

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from newretail.kernel import sql

WHOLE = 10_000  # basis points
BITS = 32
Shares = Sequence[tuple[str, int]]  # arms in their order with their basis points; the order is part of the draw


def point_of(member_no: str, salt: str) -> int:
    """Draw a number from 0 to 9999: the first 32 bits of md5(salt:member_no) as a fraction of 2³², in basis points."""
    _checked(salt)
    digest = hashlib.md5(f"{salt}:{member_no}".encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[: BITS // 8]) * WHOLE >> BITS


def arm_of(member_no: str, salt: str, shares: Shares) -> str:
    """Name the arm of a member: the one in whose basis points her number falls, arms laid end to end.

    The salt names what is drawn for (a plan's code); other salts draw independently. A share that grows at the expense
    of the next arm moves only members of that arm. Shares sum to 10 000.
    """
    return shares[bisect_right(_bounds(shares), point_of(member_no, salt))][0]


def point_sql(member_no: str, salt: str) -> str:
    """Write `point_of` in SQL; both are expressions of text, a column and a bound value (`%(salt)s`)."""
    return f"((('x' || left(md5({salt} || ':' || {member_no}), 8))::bit({BITS})::bigint * {WHOLE}) >> {BITS})::int"


def arm_sql(member_no: str, *, salt: str, shares: Shares) -> tuple[str, sql.Params]:
    """Write `arm_of` in SQL of the column of numbers, with the parameters it needs (`draw_…`)."""
    _checked(salt)
    params = {"draw_salt": salt, "draw_arms": [name for name, _ in shares], "draw_bounds": _bounds(shares)}
    point = point_sql(member_no, "%(draw_salt)s")
    return f"(%(draw_arms)s::text[])[width_bucket({point}, %(draw_bounds)s::int[]) + 1]", params


def bucket_sql(member_no: str, *, salt: str, buckets: int) -> str:
    """Write in SQL into which of so many buckets (at most 10 000) a member falls, from 0; the salt is an expression."""
    return f"({point_sql(member_no, salt)} * {buckets:d} / {WHOLE})"


def _bounds(shares: Shares) -> list[int]:
    """Give where each arm but the last ends."""
    ends = list(accumulate(share for _, share in shares))
    if not ends or ends[-1] != WHOLE or min(share for _, share in shares) < 0:
        raise ValueError("the shares of the arms sum to 10 000 basis points")
    return ends[:-1]


def _checked(salt: str) -> None:
    """Refuse a salt that could borrow from the number: a:b drawn for c would be a drawn for b:c."""
    if not salt or ":" in salt:
        raise ValueError("a salt is text without a colon")
