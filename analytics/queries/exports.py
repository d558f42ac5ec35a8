"""The portrait as a table for other systems."""

from datetime import date
from typing import IO

from django.db import connection

from analytics.queries import scores

COLUMNS = "member_no,last_day,frequency,monetary,r,f,m,group,stage,relationship,super"
# A number that a spreadsheet would take for a formula gets an apostrophe, as in every file we hand out.
SELECT = """
SELECT CASE WHEN member_no ~ '^[ \u3000]*[=+@＝＋－＠-]' THEN chr(39) ELSE '' END || member_no AS member_no,
  last_day, frequency,
  (monetary_cents / 100)::text || '.' || lpad((monetary_cents %% 100)::text, 2, '0') AS monetary,
  r, f, m, nullif("group", '') AS "group", stage, relationship, is_super::int AS super
FROM tmp_portrait ORDER BY member_no
"""


def write_scores(file: IO[str], *, as_of: date) -> int:
    """Write the portrait as of a day as CSV (header first, money in yuan, super 0 or 1); return the rows written.

    Computed aside from orders, so that it is right whatever the live portrait's day. Call inside a transaction.
    """
    scores.build_portrait(as_of)
    file.write(COLUMNS + "\n")
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY ({SELECT.replace('%%', '%')}) TO STDOUT (FORMAT csv)", file)
        return int(cursor.rowcount)
