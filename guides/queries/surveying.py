"""What came of surveys: how many were asked and answered, what they said, by question, product and guide."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet

from guides.models import Survey, SurveyAnswer, SurveyQuestion, SurveyReply
from guides.queries import asking
from newretail.kernel import sql


def newest() -> QuerySet[Survey]:
    """Give the newest version of each survey."""
    return Survey.objects.order_by("code", "-version").distinct("code")


def latest(code: str) -> Survey | None:
    """Find the newest version of one."""
    return Survey.objects.filter(code=code).order_by("-version").first() if code else None


def with_goods(answers: QuerySet[SurveyAnswer]) -> QuerySet[Any]:
    """Set beside each answer what it is about: `skus`, and `goods` by name."""
    about = SurveyReply.products.through.objects.filter(surveyreply=OuterRef("reply")).order_by("product__sku")
    return answers.annotate(
        skus=ArraySubquery(about.values("product__sku")), goods=ArraySubquery(about.values("product__name"))
    )


@dataclass(frozen=True)
class Asked:
    """What is asked of the books: half-open from `first` until `until`, of stores (ids, None: all), of one product."""

    first: datetime
    until: datetime
    stores: list[int] | None = None
    product: int | None = None

    @property
    def params(self) -> sql.Params:
        """Give it as parameters."""
        return {"first": self.first, "until": self.until, "stores": self.stores, "product": self.product}


@dataclass(frozen=True)
class Share:
    """One answer that may be picked: its words, how many picked it, which part of all that is."""

    words: str
    count: int
    part: float


@dataclass(frozen=True)
class Told:
    """What came of one question: how many answered, how they spread, the mean of a score."""

    question: SurveyQuestion
    count: int
    shares: list[Share]
    mean: float | None


@dataclass(frozen=True)
class Line:
    """A product or a store: how many replies there were, and the mean of the first score of the survey."""

    name: str
    code: str
    replies: int
    mean: float | None


@dataclass(frozen=True)
class Came:
    """What came of a version of a survey: tasks that ended, those answered, each question, products, stores, words."""

    asked: int
    answered: int
    questions: list[Told]
    products: list[Line]
    stores: list[Line]
    words: list[dict[str, Any]]

    @property
    def rate(self) -> float | None:
        """Give the part that answered of those that were asked."""
        return self.answered / self.asked if self.asked else None


# Replies that stand, of a survey, a span, stores, a product.
REPLIES = """
SELECT r.id, r.member_id, r.answered_at, p.store_id FROM guides_surveyreply r JOIN stores_post p ON p.id = r.post_id
WHERE r.survey_id = %(survey)s AND r.taken_back_at IS NULL AND r.answered_at >= %(first)s AND r.answered_at < %(until)s
  AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
  AND (%(product)s::bigint IS NULL OR EXISTS (SELECT FROM guides_surveyreply_products x
    WHERE x.surveyreply_id = r.id AND x.product_id = %(product)s))
"""
# Tasks that carried the survey and ended in the span, answered or not; of a product those that arose from its purchase.
ENDED = f"""
SELECT count(*) AS n FROM guides_task t JOIN guides_brief b ON b.id = t.brief_id JOIN stores_post p ON p.id = t.post_id
WHERE b.survey_id = %(survey)s AND t.state IN ('done', 'checking', 'expired')
  AND t.ended_at >= %(first)s AND t.ended_at < %(until)s
  AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
  AND (%(product)s::bigint IS NULL OR t.id IN (SELECT g.task_id FROM ({asking.GOODS.format(of="true")}) g
    WHERE g.product_id = %(product)s) OR EXISTS (SELECT FROM guides_surveyreply r
    JOIN guides_surveyreply_products x ON x.surveyreply_id = r.id AND x.product_id = %(product)s
    WHERE r.task_id = t.id AND r.taken_back_at IS NULL))
"""
SPREAD = f"""
SELECT a.question_id, a.number, count(*) AS n FROM ({REPLIES}) r JOIN guides_surveyanswer a ON a.reply_id = r.id
GROUP BY 1, 2 ORDER BY 1, 2
"""
# The first score of each reply stands for it.
SCORED = f"""
SELECT r.*, a.number FROM ({REPLIES}) r LEFT JOIN guides_surveyanswer a ON a.reply_id = r.id AND a.question_id = (
  SELECT q.id FROM guides_surveyquestion q WHERE q.survey_id = %(survey)s AND q.kind IN ('score_5', 'score_10')
  ORDER BY q.nth LIMIT 1)
"""
BY_PRODUCT = f"""
SELECT d.name, d.sku AS code, count(*) AS replies, avg(r.number)::float AS mean FROM ({SCORED}) r
JOIN guides_surveyreply_products x ON x.surveyreply_id = r.id JOIN stores_product d ON d.id = x.product_id
GROUP BY d.id ORDER BY count(*) DESC, d.sku LIMIT %(most)s
"""
BY_STORE = f"""
SELECT s.name, s.code, count(*) AS replies, avg(r.number)::float AS mean FROM ({SCORED}) r
JOIN stores_store s ON s.id = r.store_id GROUP BY s.id ORDER BY count(*) DESC, s.code LIMIT %(most)s
"""
WORDS = f"""
SELECT a.words, q.words AS question, r.answered_at, s.name AS store, m.name, m.member_no,
  (SELECT string_agg(d.name, '、' ORDER BY d.name) FROM guides_surveyreply_products x
   JOIN stores_product d ON d.id = x.product_id WHERE x.surveyreply_id = r.id) AS goods
FROM ({REPLIES}) r JOIN guides_surveyanswer a ON a.reply_id = r.id AND a.words <> ''
JOIN guides_surveyquestion q ON q.id = a.question_id JOIN members_member m ON m.id = r.member_id
JOIN stores_store s ON s.id = r.store_id ORDER BY r.answered_at DESC, a.id DESC LIMIT %(shown)s
"""
FEEDBACK = """
SELECT d.name, d.sku AS code, count(*) FILTER (WHERE f.kind = 'praise') AS praise,
  count(*) FILTER (WHERE f.kind = 'complaint') AS complaint, count(*) FILTER (WHERE f.kind = 'wish') AS wish
FROM guides_feedback f JOIN stores_post p ON p.id = f.post_id LEFT JOIN stores_product d ON d.id = f.product_id
WHERE f.at >= %(first)s AND f.at < %(until)s AND (%(stores)s::bigint[] IS NULL OR p.store_id = ANY(%(stores)s))
  AND (%(product)s::bigint IS NULL OR f.product_id = %(product)s)
GROUP BY d.id ORDER BY count(*) DESC, d.sku NULLS LAST LIMIT %(most)s
"""
MOST_LINES, WORDS_SHOWN = 50, 20


def came(survey: Survey, asked: Asked) -> Came:
    """Tell what came of a version of a survey, in two statements whatever the load."""
    given = {**asked.params, "survey": survey.pk, "most": MOST_LINES, "shown": WORDS_SHOWN}
    counts = f"SELECT count(*) AS n FROM ({REPLIES}) r"
    found = sql.together(
        {"ended": ENDED, "answered": counts, "spread": SPREAD, "products": BY_PRODUCT, "stores": BY_STORE,
         "words": WORDS}, given
    )  # fmt: skip
    spread = defaultdict[int, dict[int | None, int]](dict)
    for row in found["spread"]:
        spread[row["question_id"]][row["number"]] = row["n"]
    return Came(
        found["ended"][0]["n"], found["answered"][0]["n"],
        [_told(each, spread[each.pk]) for each in survey.questions.order_by("nth")],
        [Line(**row) for row in found["products"]], [Line(**row) for row in found["stores"]],
        [{**row, "answered_at": datetime.fromisoformat(row["answered_at"])} for row in found["words"]],
    )  # fmt: skip


def _told(question: SurveyQuestion, counts: dict[int | None, int]) -> Told:
    count = sum(counts.values())
    shares = [Share(words, counts.get(value, 0), counts.get(value, 0) / count if count else 0)
              for value, words in question.offered]  # fmt: skip
    mean = sum((number or 0) * n for number, n in counts.items()) / count if count and question.is_score else None
    return Told(question, count, shares, mean)


def feedback(asked: Asked) -> list[dict[str, Any]]:
    """Count praise, complaints and wishes by product; what is of no product has no name."""
    given = {**asked.params, "most": MOST_LINES}
    return sql.together({"lines": FEEDBACK}, given)["lines"]
