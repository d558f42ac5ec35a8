"""Laws of levels: what a month said of a guide follows from where she stood, and is where she stands from then on."""

from newretail.kernel.books import law, lined

# Lines are numbered in the order of their verbs: of two moves the later one has the higher.
law(
    "a guide is assessed from the level she stood at",
    "SELECT a.id::text, a.before::text, coalesce(m.level, 1)::text FROM guides_guideassessment a"
    " LEFT JOIN LATERAL (SELECT level FROM guides_guidelevelmove m WHERE m.user_id = a.user_id"
    " AND m.entry_id < a.entry_id ORDER BY m.entry_id DESC LIMIT 1) m ON true WHERE a.before <> coalesce(m.level, 1)",
)
law(
    "an assessment says what it did",
    "SELECT id::text, outcome, before || ' ' || reached || ' ' || after FROM guides_guideassessment"
    " WHERE CASE outcome WHEN 'promoted' THEN before < reached AND after = reached"
    " WHEN 'kept' THEN before = reached AND after = reached WHEN 'grace' THEN reached < before AND after = before"
    " ELSE reached < before AND after = reached END IS NOT TRUE",
)
law(
    "a guide's level moves as she was assessed",
    "SELECT a.id::text, a.after::text, coalesce(m.level, a.before)::text FROM guides_guideassessment a"
    " LEFT JOIN guides_guidelevelmove m ON m.assessment_id = a.id AND m.user_id = a.user_id AND m.entry_id = a.entry_id"
    " WHERE a.after <> coalesce(m.level, a.before) OR (a.after = a.before AND m.id IS NOT NULL)",
)
law(
    "levels of a guide follow one another in time",
    "SELECT m.id::text, m.from_at::text, n.from_at::text FROM guides_guidelevelmove m"
    " JOIN guides_guidelevelmove n ON n.user_id = m.user_id AND n.entry_id > m.entry_id AND n.from_at <= m.from_at",
)
for table in ("guideassessment", "guidelevelmove"):
    lined(f"guides_{table}")
