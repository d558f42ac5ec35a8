"""Laws of materials and shares: each has its line, a share is for the member of its task, the newest is published."""

from newretail.kernel.books import law

law(
    "a share upon a task is for the task's member",
    "SELECT s.id::text, s.task_id::text, coalesce(s.member_id::text, 'none') FROM guides_share s"
    " JOIN guides_task k ON k.id = s.task_id WHERE s.member_id IS DISTINCT FROM k.member_id",
)
law(
    "what is published of a material is its newest version but for a draft",
    "SELECT m.code, m.version::text, n.version::text FROM guides_material m JOIN guides_material n ON n.code = m.code"
    " AND n.version > m.version AND n.state <> 'draft' WHERE m.state = 'published'",
)
for table in ("share", "material", "picture"):
    law(
        f"every guides_{table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM guides_{table} t"
        " WHERE NOT EXISTS (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )
