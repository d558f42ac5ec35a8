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
for table in ("consent", "consenttext", "guardianconsent", "consentlink", "touch"):
    law(
        f"every {table} row has its journal line",
        f"SELECT t.id::text, t.entry_id::text, 'no line' FROM members_{table} t WHERE NOT EXISTS"
        " (SELECT 1 FROM kernel_journalentry j WHERE j.id = t.entry_id)",
    )
