"""The portrait as a table for other systems."""

from datetime import date
from typing import IO

from analytics.queries import scores
from newretail.kernel.files import copying

COLUMNS = "member_no,last_day,frequency,monetary,r,f,m,group,stage,relationship,super"
SELECT = f"""
SELECT {copying.safe("member_no")} AS member_no, last_day, frequency, {copying.yuan("monetary_cents")} AS monetary,
  r, f, m, nullif("group", '') AS "group", stage, relationship, is_super::int AS super
FROM tmp_portrait ORDER BY member_no
"""


def write_scores(file: IO[str], *, as_of: date) -> int:
    """Write the portrait as of a day as CSV (header first, money in yuan, super 0 or 1); return the rows written.

    Computed aside from orders, so that it is right whatever the live portrait's day. Call inside a transaction.
    """
    scores.build_portrait(as_of)
    return copying.write(file, COLUMNS, SELECT)
