"""Laws of materials and shares: each has its line, a share is for the member of its task, the newest is published."""

from newretail.kernel.books import law, lined

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
    lined(f"guides_{table}")
