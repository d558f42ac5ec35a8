"""Laws of surveys: a reply stands with its task, and answers its own questions, all that must be."""

from newretail.kernel.books import law, lined

law(
    "a reply to a survey stands as long as its task does",
    """
SELECT k.id::text, k.state || ' ' || k.outcome, coalesce(r.id::text, 'none')
FROM guides_task k JOIN guides_brief b ON b.id = k.brief_id
FULL JOIN (SELECT * FROM guides_surveyreply WHERE taken_back_at IS NULL) r ON r.task_id = k.id
WHERE CASE WHEN r.id IS NULL THEN b.survey_id IS NOT NULL AND k.member_id IS NOT NULL AND k.outcome = 'replied'
  ELSE k.outcome IS DISTINCT FROM 'replied' OR b.survey_id IS DISTINCT FROM r.survey_id
    OR k.member_id IS DISTINCT FROM r.member_id END""",
)
law(
    "a reply answers the questions of its survey, all that must be",
    """
SELECT r.id::text, q.nth::text, coalesce(a.id::text, 'none')
FROM guides_surveyreply r JOIN guides_surveyquestion q ON q.survey_id = r.survey_id
LEFT JOIN guides_surveyanswer a ON a.reply_id = r.id AND a.question_id = q.id WHERE q.required AND a.id IS NULL
UNION ALL
SELECT a.reply_id::text, q.survey_id::text, r.survey_id::text
FROM guides_surveyanswer a JOIN guides_surveyquestion q ON q.id = a.question_id
JOIN guides_surveyreply r ON r.id = a.reply_id WHERE q.survey_id <> r.survey_id""",
)
law(
    "versions of a survey and its questions are counted without a gap",
    "SELECT code, count(*)::text, max(version)::text FROM guides_survey GROUP BY code HAVING count(*) <> max(version)"
    " UNION ALL SELECT survey_id::text, count(*)::text, max(nth)::text FROM guides_surveyquestion"
    " GROUP BY survey_id HAVING count(*) <> max(nth)",
)
for table in ("survey", "surveyreply", "feedback"):
    lined(f"guides_{table}")
