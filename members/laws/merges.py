"""Laws of merges: every pointer follows from the merges that stand, and leads to a member who is not merged."""

from newretail.kernel.books import law

# From each member up the merges that are not undone, as far as they lead.
UP = """
WITH RECURSIVE edge AS (
  SELECT g.id, g.member_id, g.into_id FROM members_merge g
  WHERE NOT EXISTS (SELECT FROM members_mergeundone u WHERE u.merge_id = g.id)),
up (member_id, at_id) AS (
  SELECT member_id, into_id FROM edge
  UNION SELECT up.member_id, edge.into_id FROM up JOIN edge ON edge.member_id = up.at_id)
"""
law(
    "a merged member points to where her merges lead",
    UP + "SELECT m.member_no, coalesce(m.merged_into_id::text, 'none'), coalesce(r.at_id::text, 'none')"
    " FROM members_member m FULL JOIN (SELECT up.member_id, up.at_id FROM up WHERE NOT EXISTS"
    " (SELECT FROM edge WHERE edge.member_id = up.at_id)) r ON r.member_id = m.id"
    " WHERE m.merged_into_id IS DISTINCT FROM r.at_id",
)
law(
    "one merge of a member stands at a time",
    UP + "SELECT member_id::text, '1', count(*)::text FROM edge GROUP BY member_id HAVING count(*) > 1",
)
law(
    "no open pair of likely duplicates is one person already",
    "SELECT l.member_no || '/' || h.member_no, d.state, 'merged' FROM members_duplicate d"
    " JOIN members_member l ON l.id = d.low_id JOIN members_member h ON h.id = d.high_id"
    " WHERE d.state = 'open' AND coalesce(l.merged_into_id, l.id) = coalesce(h.merged_into_id, h.id)",
)
for table in ("merge", "mergeundone", "claim", "duplicate"):
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM members_{table} t WHERE NOT EXISTS"
        " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )
