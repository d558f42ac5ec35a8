"""Laws of tags: what a member carries is what its moves left, each move has its line, a place's tag stays there."""

from newretail.kernel.books import law

LAST = """
SELECT DISTINCT ON (member_id, tag_id) member_id, tag_id, kind FROM members_tagmove
ORDER BY member_id, tag_id, id DESC
"""
law(
    "a member carries the tags that their last moves left on her",
    f"SELECT coalesce(l.member_id, t.member_id) || '/' || coalesce(l.tag_id, t.tag_id),"
    f" CASE WHEN t.id IS NULL THEN 'no tag' ELSE 'tag' END, coalesce(l.kind, 'no move') FROM members_membertag t"
    f" FULL JOIN (SELECT * FROM ({LAST}) m WHERE kind = 'added') l"
    " ON l.member_id = t.member_id AND l.tag_id = t.tag_id WHERE t.id IS NULL OR l.kind IS NULL",
)
law(
    "every tagmove row has its journal line",
    "SELECT t.id::text, t.entry_id::text, 'no line' FROM members_tagmove t WHERE NOT EXISTS"
    " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
)
