"""Laws of notices: each receipt stands by the line that delivered it, each reading by the line that kept it."""

from newretail.kernel.books import law, lined

law(
    "each line that delivered notices tells how many receipts it wrote",
    "SELECT j.id::text, j.facts->>'receipts', count(r.id)::text FROM kernel_journalentry j"
    " LEFT JOIN guides_noticereceipt r ON r.entry_id = j.id"
    " WHERE j.name IN ('guides.notice.sent', 'guides.notice.delivered')"
    " GROUP BY j.id HAVING count(r.id) <> (j.facts->>'receipts')::int",
)
law(
    "each line of a reading tells how many receipts it closed",
    "SELECT j.id::text, j.facts->>'receipts', count(r.id)::text FROM kernel_journalentry j"
    " LEFT JOIN guides_noticereceipt r ON r.read_entry_id = j.id"
    " WHERE j.name = 'guides.notice.read' GROUP BY j.id HAVING count(r.id) <> (j.facts->>'receipts')::int",
)
law(
    "reminders of a notice are those its lines tell",
    "SELECT coalesce(r.subject, j.subject), coalesce(r.n, 0)::text, coalesce(j.n, 0)::text FROM"
    " (SELECT 'notice:' || notice_id AS subject, sum(reminders) AS n FROM guides_noticereceipt"
    "  WHERE reminders > 0 GROUP BY 1) r FULL JOIN"
    " (SELECT subject, sum((facts->>'receipts')::int) AS n FROM kernel_journalentry"
    "  WHERE name = 'guides.notice.reminded' GROUP BY 1) j USING (subject)"
    " WHERE coalesce(r.n, 0) <> coalesce(j.n, 0)",
)
law(
    "a notice reached those of the role it is for, while it was in force",
    "SELECT r.id::text, n.readers, p.role FROM guides_noticereceipt r JOIN guides_notice n ON n.id = r.notice_id"
    " JOIN stores_post p ON p.id = r.post_id"
    " WHERE n.readers NOT IN ('everybody', p.role) OR r.delivered_at < n.sent_at OR r.delivered_at >= n.until",
)
law(
    "every guides_notice row has its journal line",
    "SELECT t.id::text, t.entry_id::text, 'no line' FROM guides_notice t"
    " WHERE NOT EXISTS (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id AND j.name = 'guides.notice.sent')",
)
law(
    "a task that came with a notice that was withdrawn is not to be done",
    "SELECT k.id::text, k.state, 'withdrawn' FROM guides_noticewithdrawal w"
    " JOIN guides_task k ON k.source = 'guides.notice:' || w.notice_id WHERE k.state = 'open'",
)
lined("guides_noticewithdrawal")
