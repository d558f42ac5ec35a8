"""Laws of consent: who gave one was shown a wording of that purpose; versions are counted; rows have their line."""

from newretail.kernel.books import law

law(
    "a consent given names a wording of its purpose, published by then or told by its version",
    "SELECT c.id::text, c.purpose, t.purpose FROM members_consent c JOIN members_consenttext t ON t.id = c.text_id"
    " WHERE t.purpose <> c.purpose",
)
law(
    "the versions of a wording are counted without a gap",
    "SELECT purpose, count(*)::text, max(version)::text FROM members_consenttext GROUP BY purpose"
    " HAVING count(*) <> max(version)",
)
for table in (
    "consent",
    "consenttext",
    "guardianconsent",
    "consentlink",
    "touch",
    "touchcontent",
    "touchreceipt",
    "touchcap",
    "quiethours",
):
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM members_{table} t WHERE NOT EXISTS"
        " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )
law(
    "who was erased is nobody",
    "SELECT m.member_no, 'erased', concat_ws(' ', CASE WHEN m.name <> '' OR m.name_pinyin <> '' THEN 'name' END,"
    " CASE WHEN m.phone <> '' THEN 'phone' END, CASE WHEN m.birth_month IS NOT NULL THEN 'birthday' END,"
    " d.kind, t.state)"
    " FROM members_member m LEFT JOIN members_identity d ON d.member_id = m.id"
    " LEFT JOIN members_touch t ON t.member_id = m.id AND t.state IN ('planned', 'held', 'waiting')"
    " WHERE m.erased_at IS NOT NULL AND (m.name <> '' OR m.name_pinyin <> '' OR m.phone <> ''"
    " OR m.birth_month IS NOT NULL OR d.id IS NOT NULL OR t.id IS NOT NULL)",
)
