"""Keep what customers answer to the survey of a task, and take it back when the task is undone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext_noop

from guides.models import SurveyAnswer, SurveyQuestion, SurveyReply, Task
from guides.models.replies import LONGEST_ANSWER
from guides.queries import asking
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb


class QuestionOpen(Refused):
    """A question that must be answered is not."""

    code = "question_open"
    sentence = gettext_noop("Answer this question too: %(question)s")


class BadAnswer(Refused):
    """The answer is none of those the question takes."""

    code = "bad_answer"
    sentence = gettext_noop("This is no answer to “%(question)s”: pick one, or write at most %(most)s characters.")


@dataclass(frozen=True)
class Answered:
    """What she answered, as it was sent: by the number of the question; about which purchase (source:order no.)."""

    answers: Mapping[int, str] = field(default_factory=dict)
    purchase: str = ""


def _read(question: SurveyQuestion, given: str) -> SurveyAnswer | None:
    """Read one answer strictly; None where it was left open and may be."""
    text = " ".join(given.replace("\0", "").split())
    if not text:
        if question.required:
            raise QuestionOpen(question=question.words)
        return None
    if question.kind == SurveyQuestion.Kind.TEXT:
        if len(text) > LONGEST_ANSWER:
            raise BadAnswer(question=question.words, most=LONGEST_ANSWER)
        return SurveyAnswer(question=question, words=text)
    number = next((value for value, _words in question.offered if str(value) == text), None)
    if number is None:
        raise BadAnswer(question=question.words, most=LONGEST_ANSWER)
    return SurveyAnswer(question=question, number=number)


@verb
def keep(*, task: Task, answered: Answered, at: datetime, by: User) -> SurveyReply:
    """Keep what the member of a task answered to its survey; the task is held by whoever completes it.

    Refuses: QuestionOpen, BadAnswer.
    Writes: guides.survey.answered.
    """
    questions = SurveyQuestion.objects.filter(survey=task.brief.survey_id).order_by("nth")
    read = [_read(each, answered.answers.get(each.nth, "")) for each in questions]
    products = asking.products_of(task, answered.purchase)
    line = journal.write(
        "guides.survey.answered", at=at, by=by, subject=f"task:{task.pk}", products=len(products),
        answers=sum(each is not None for each in read),
    )  # fmt: skip
    reply = SurveyReply(task=task, survey=task.brief.survey, member=task.member, post_id=task.post_id, answered_at=at)
    reply.entry_id = line.pk
    reply.save()
    reply.products.set(products)
    for answer in filter(None, read):
        answer.reply = reply
    SurveyAnswer.objects.bulk_create([each for each in read if each])
    return reply


@verb
def take_back(*, task: Task, at: datetime) -> None:
    """Take back what was answered upon a task that is to be done again; where nothing was, nothing happens.

    Writes no line: that of the task tells it.
    """
    SurveyReply.objects.filter(task=task, taken_back_at__isnull=True).update(taken_back_at=at)
