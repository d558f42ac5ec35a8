"""Identities that rows of a batch carry: who they lead to, found by one join for the whole batch."""

from newretail.kernel import sql
from newretail.kernel.files import identities

PAYER = "payer_id"
COLUMNS = [column for column in identities.KINDS if column != "phone"]


def named(row: str) -> str:
    """Write the first thing by which a row of this name names its member, null where it names nobody."""
    return f"coalesce({row}.member_no, {', '.join(f'{row}.{column}' for column in identities.KINDS)})"


def named_in(row: str) -> str:
    """Write the name of the column in which that stands."""
    columns = ["member_no", *identities.KINDS]
    cases = [f"WHEN {row}.{column} IS NOT NULL THEN '{column}'" for column in columns]
    return f"CASE {' '.join(cases)} END"


def values_of(row: str) -> str:
    """Write a row's identities as rows v (kind, value, place, col, names).

    Who pays is not always who buys: a payer id names somebody (`names`) only where nothing else does.
    """
    others = ", ".join(f"{row}.{column}" for column in ("member_no", *identities.KINDS) if column != PAYER)
    cells = [
        f"('{kind}', {row}.{column}, {place}, '{column}', "
        + (f"num_nonnulls({others}) = 0)" if column == PAYER else "true)")
        for place, (column, kind) in enumerate(identities.KINDS.items(), 1)
    ]
    return f"(VALUES {', '.join(cells)}) v(kind, value, place, col, names)"


def filled(table: str) -> bool:
    """Tell whether any row of a table carries an identity besides number and phone."""
    carries = " OR ".join(f"{column} IS NOT NULL" for column in COLUMNS)
    return bool(sql.rows(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE {carries})")[0][0])


def known(table: str) -> str:
    """Write the SELECT of whom each line of a table names: line, member_id, persons, odd.

    `persons` counts them (a family is one), `odd` names the first column that leads to another than the first.
    """
    return f"""
SELECT line, (array_agg(member_id ORDER BY place))[1] AS member_id, count(DISTINCT root) AS persons,
  (array_agg(col ORDER BY place) FILTER (WHERE root <> first))[1] AS odd
FROM (
  SELECT f.*, coalesce(m.merged_into_id, m.id) AS root,
    first_value(coalesce(m.merged_into_id, m.id)) OVER (PARTITION BY f.line ORDER BY f.place) AS first
  FROM (
    SELECT i.line, v.place, v.col, d.member_id FROM {table} i CROSS JOIN LATERAL {values_of("i")}
    JOIN members_identity d ON d.kind = v.kind AND d.value = v.value WHERE v.names
    UNION ALL
    SELECT i.line, 0, 'member_no', n.id FROM {table} i JOIN members_member n ON n.member_no = i.member_no) f
  JOIN members_member m ON m.id = f.member_id) w
GROUP BY line
"""


NOBODY = "SELECT NULL::int AS line, NULL::bigint AS member_id, 0 AS persons, NULL AS odd WHERE false"
