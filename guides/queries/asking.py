"""What a guide asks upon her tasks: the questions, and which purchase of the customer's they are about."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from guides.models import SurveyQuestion, Task
from members.queries import families
from newretail.kernel import sql
from newretail.kernel.templatetags import people
from stores.models import Product

Row = dict[str, Any]
PURCHASES_OFFERED, NAMED = 5, 3
# The products a task asks about: of the purchase it arose from, those its rule looks for.
GOODS = """
SELECT t.id AS task_id, l.product_id
FROM guides_task t JOIN members_order w ON w.id = substring(t.source FROM '^rule:[^:]+:order:([0-9]{{1,18}})$')::bigint
JOIN members_orderline l ON l.order_id = w.id JOIN stores_product d ON d.id = l.product_id
LEFT JOIN stores_category k ON k.id = d.category_id LEFT JOIN guides_taskrule r ON r.id = t.rule_id
WHERE (coalesce(r.terms->'categories', '[]') = '[]' OR r.terms->'categories' @> to_jsonb(k.name)) AND {of}
"""
GOODS_OF_TASKS = f"SELECT DISTINCT g.task_id, g.product_id FROM ({GOODS.format(of='t.id = ANY(%(tasks)s)')}) g"
QUESTIONS = """
SELECT id, survey_id, nth, kind, words, options, required FROM guides_surveyquestion
WHERE survey_id = ANY(%(surveys)s) ORDER BY survey_id, nth
"""
NAMES = f"""
SELECT DISTINCT g.task_id, p.name FROM ({GOODS_OF_TASKS}) g JOIN stores_product p ON p.id = g.product_id ORDER BY 1, 2
"""
# The newest purchases of people, each by all her rows: how they are named, what was in them.
PURCHASES = f"""
SELECT m.id AS member_id, o.source || ':' || o.order_no AS name, o.paid_at,
  (SELECT string_agg(DISTINCT p.name, '、') FROM members_orderline l JOIN stores_product p ON p.id = l.product_id
   WHERE l.order_id = o.id) AS goods
FROM members_member m CROSS JOIN LATERAL (
  SELECT * FROM members_order w WHERE w.refunded_cents < w.amount_cents
    AND w.member_id IN ({families.ids_sql(families.root_sql("m"))})
    AND EXISTS (SELECT FROM members_orderline l WHERE l.order_id = w.id)
  ORDER BY w.paid_at DESC, w.id DESC LIMIT %(most)s) o
WHERE m.id = ANY(%(members)s) ORDER BY m.id, o.paid_at DESC
"""
# The products a person bought last, by all her rows.
LATELY = """
SELECT p.id, p.sku, p.name FROM members_order o JOIN members_orderline l ON l.order_id = o.id
JOIN stores_product p ON p.id = l.product_id
WHERE o.member_id = ANY(%(family)s) GROUP BY p.id ORDER BY max(o.paid_at) DESC, p.id LIMIT 12
"""
OF_PURCHASE = """
SELECT DISTINCT l.product_id FROM members_order o JOIN members_orderline l ON l.order_id = o.id
WHERE o.member_id = ANY(%(family)s) AND o.source || ':' || o.order_no = %(purchase)s
"""


@dataclass(frozen=True)
class Line:
    """A question as the page shows it, with what was answered so far."""

    question: SurveyQuestion
    given: str = ""

    @property
    def field(self) -> str:
        """Name the field of the form."""
        return f"q{self.question.nth}"

    @property
    def picks(self) -> list[tuple[str, str, bool]]:
        """List what may be picked: its value, its words, whether it is."""
        return [(str(value), words, str(value) == self.given) for value, words in self.question.offered]


@dataclass(frozen=True)
class Asked:
    """What a task asks: its questions, the goods of the purchase it arose from, else purchases to pick one of."""

    lines: list[Line]
    goods: list[str] = field(default_factory=list)
    purchases: list[tuple[str, str, bool]] = field(default_factory=list)


def products_of(task: Task, purchase: str = "") -> set[int]:
    """Give the ids of the products a task asks about: of the purchase it arose from, else of the one she named."""
    found = {row[1] for row in sql.rows(GOODS_OF_TASKS, {"tasks": [task.pk]})}
    if found or not purchase or task.member is None:
        return found
    given = {"family": families.ids_of(task.member), "purchase": purchase}
    return {row[0] for row in sql.rows(OF_PURCHASE, given)}


def asked(tasks: Sequence[Task], given: Mapping[str, str]) -> dict[int, Asked]:
    """Tell of tasks, by id, what they ask, in one round trip; of those that ask nothing, nothing."""
    asking = [task for task in tasks if task.state == Task.State.OPEN and task.member_id and task.brief.survey_id]
    if not asking:
        return {}
    params: sql.Params = {
        "tasks": [task.pk for task in asking], "surveys": sorted({task.brief.survey_id or 0 for task in asking}),
        "members": sorted({task.member_id or 0 for task in asking}), "most": PURCHASES_OFFERED,
    }  # fmt: skip
    found = sql.together({"questions": QUESTIONS, "goods": NAMES, "purchases": PURCHASES}, params)
    questions, goods, purchases = (
        _by(found["questions"], "survey_id"),
        _by(found["goods"], "task_id"),
        found["purchases"],
    )
    offered = {member: [_offered(row, given) for row in rows] for member, rows in _by(purchases, "member_id").items()}
    return {
        task.pk: Asked(
            [_line(row, given) for row in questions.get(task.brief.survey_id or 0, [])],
            [row["name"] for row in goods.get(task.pk, [])][:NAMED],
            offered.get(task.member_id or 0, []),
        )
        for task in asking
    }


def _by(rows: list[Row], name: str) -> dict[int, list[Row]]:
    found = defaultdict[int, list[Row]](list)
    for row in rows:
        found[row[name]].append(row)
    return found


def _line(row: Row, given: Mapping[str, str]) -> Line:
    return Line(SurveyQuestion(**row), given.get(f"q{row['nth']}", ""))


def _offered(row: Row, given: Mapping[str, str]) -> tuple[str, str, bool]:
    day = people.moment(datetime.fromisoformat(row["paid_at"]))[:10]
    return row["name"], f"{day} {row['goods']}", row["name"] == given.get("purchase")


def bought_lately(family: Sequence[int]) -> list[Product]:
    """List the products a person bought last, the newest first, by the ids of her rows."""
    return [Product(pk=pk, sku=sku, name=name) for pk, sku, name in sql.rows(LATELY, {"family": list(family)})]
