"""Laws of bonds: one at a time, one after another, each with its line."""

from newretail.kernel.books import law

law(
    "a member's bonds follow one another",
    "SELECT a.member_id::text, a.id::text, b.id::text FROM guides_bond a JOIN guides_bond b"
    " ON b.member_id = a.member_id AND b.id > a.id AND b.began_at < coalesce(a.ended_at, 'infinity')",
)
law(
    "every guides_bond row has its journal line",
    "SELECT t.id::text, x.line::text, 'no line' FROM guides_bond t, unnest(ARRAY[t.entry_id, t.end_entry_id]) x(line)"
    " WHERE x.line IS NOT NULL AND NOT EXISTS (SELECT 1 FROM kernel_journalentry j WHERE j.id = x.line)",
)
law(
    "who was handed over has her new guide from the instant on in which she left the former",
    "SELECT a.member_id::text, a.end_entry_id::text, 'no bond follows' FROM guides_bond a"
    " WHERE a.\"end\" = 'handed_over' AND NOT EXISTS (SELECT FROM guides_bond b WHERE b.member_id = a.member_id"
    " AND b.entry_id = a.end_entry_id AND b.began_at = a.ended_at AND b.post_id <> a.post_id)",
)
