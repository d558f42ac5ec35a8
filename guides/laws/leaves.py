"""Laws of leaves: each has its line, nobody is away twice at once, what is covered for her went by its line."""

from newretail.kernel.books import law, lined

lined("guides_leave")
law(
    "nobody is away twice at once",
    "SELECT a.post_id::text, a.id::text, b.id::text FROM guides_leave a JOIN guides_leave b ON b.post_id = a.post_id"
    " AND b.id > a.id AND b.first_on < a.back_on AND b.back_on > a.first_on",
)
law(
    "a task that is done for another went to who has it by a move",
    "SELECT k.id::text, k.covers_id::text, k.post_id::text FROM guides_task k WHERE k.covers_id IS NOT NULL"
    " AND NOT EXISTS (SELECT FROM guides_taskmove m WHERE m.task_id = k.id AND m.kind = 'covered'"
    " AND m.to_post_id = k.post_id AND m.from_post_id = k.covers_id)",
)
