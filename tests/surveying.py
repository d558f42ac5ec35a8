"""Surveys: one of every kind of question, asked upon a task or a purchase, and answered."""

import uuid
from typing import Any

from guides.actions import feedback, surveys, task_rules, tasks
from guides.actions.feedback import Heard
from guides.actions.replies import Answered
from guides.actions.surveys import Question
from guides.actions.task_rules import Ruling
from guides.actions.tasks import Result, Wording
from guides.models import Bond, Feedback, Survey, SurveyReply, Task, TaskRule
from tests import serving, world

QUESTIONS = [
    Question("score_5", "满意吗？"), Question("choice", "看重什么？", ("口感", "价格"), required=False),
    Question("yes_no", "还会买吗？"), Question("score_10", "推荐吗？", required=False),
    Question("text", "想说什么？", required=False),
]  # fmt: skip
ALL = {1: "4", 2: "2", 3: "1", 4: "10", 5: "茶香很好"}


def survey(code: str = "after", title: str = "购后回访", **more: Any) -> Survey:
    """A survey with a question of every kind, two of which must be answered."""
    return surveys.keep(code=code, title=title, at=world.NOW, **{"questions": QUESTIONS, **more})


def rule(code: str = "ask", **terms: Any) -> TaskRule:
    """A rule that asks the survey after a purchase."""
    wording = Wording("回访", "survey", "service", "{product}", survey_id=survey().pk)
    return task_rules.keep(ruling=Ruling(code, "回访", "purchase", wording, terms, 7, 14), at=world.NOW)


def task(member_no: str = "V1", staff_no: str = "G1", source: str = "tests:survey") -> Task:
    """A task that asks the survey, of no purchase."""
    brief = serving.brief(title="回访", reason="survey", purpose="service", survey_id=survey().pk)
    return serving.give(member_no, staff_no, source, brief=brief)


def reply(found: Task, answers: dict[int, str] | None = None, **more: Any) -> SurveyReply:
    """Let the guide of a task record what her customer answered."""
    found.refresh_from_db()
    given = {"purchase": "", "at": world.NOW, **more}
    result = Result("replied", answered=Answered(ALL if answers is None else answers, given.pop("purchase")))
    tasks.complete(task=found.ref, within=[found.post_id], result=result, by=found.post.user, **given)
    return SurveyReply.objects.filter(task=found).latest("pk")


def heard(member_no: str = "V1", kind: str = "wish", words: str = "想要小包装", sku: str = "") -> Feedback:
    """Let her guide note what she says."""
    bond = Bond.objects.open().select_related("member", "post__user").get(member__member_no=member_no)
    said = Heard(kind, words, sku)
    return feedback.note(ref=uuid.uuid4(), bond=bond, heard=said, at=world.NOW, by=bond.post.user)
