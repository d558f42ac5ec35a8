"""Laws of Moments: a week has no gap, a post is of its slot's store and week, what was undone stands by a line."""

from newretail.kernel.books import law, lined

law(
    "the slots of a store's week in Moments are counted without a gap and lie in their week",
    "SELECT store_id::text || ' ' || week_on, count(*)::text, max(nth)::text FROM guides_momentslot"
    " GROUP BY store_id, week_on HAVING count(*) <> max(nth) OR max(day) >= week_on + 7",
)
law(
    "a post in Moments is of a guide of its slot's store, in its slot's week",
    "SELECT m.id::text, m.week_on::text, s.week_on::text FROM guides_momentpost m"
    " JOIN guides_momentslot s ON s.id = m.slot_id JOIN stores_post p ON p.id = m.post_id"
    " WHERE p.store_id <> s.store_id OR p.user_id <> m.by_id OR m.week_on <> s.week_on",
)
law(
    "a post in Moments that was taken back stands by the line that took it back",
    "SELECT m.id::text, m.undo_entry_id::text, coalesce(j.name, 'no line') FROM guides_momentpost m"
    " LEFT JOIN kernel_journalentry j ON j.id = m.undo_entry_id"
    " WHERE m.undone_at IS NOT NULL AND j.name IS DISTINCT FROM 'guides.moment_post.undone'",
)
law(
    "a post in Moments that the platform confirmed stands by the line of its receipt",
    "SELECT m.id::text, m.confirm_entry_id::text, coalesce(j.name, 'no line') FROM guides_momentpost m"
    " LEFT JOIN kernel_journalentry j ON j.id = m.confirm_entry_id"
    " WHERE m.evidence = 'platform' AND j.name IS DISTINCT FROM 'guides.moment_post.confirmed'",
)
for table in ("momentslot", "momentpost"):
    lined(f"guides_{table}")
