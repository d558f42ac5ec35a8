"""Write surveys: each change is a next version, and the rules that ask the survey ask the newest from then on."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop

from guides.actions import task_rules
from guides.actions.task_rules import Ruling
from guides.actions.tasks import Wording
from guides.models import Brief, Survey, SurveyQuestion, TaskRule
from guides.models.surveys import LONGEST_OPTION, LONGEST_QUESTION, MOST_OPTIONS, MOST_QUESTIONS
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

Kind = SurveyQuestion.Kind
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('guides.survey:' || %(code)s, 0))"


class BadSurvey(Refused):
    """Its questions cannot be asked so."""

    code = "bad_survey"
    sentence = gettext_noop(
        "A survey asks 1 to %(questions)s questions of at most %(longest)s characters; a choice has 2 to %(options)s"
        " different options of at most %(option)s characters, the other kinds have none."
    )


class SurveyChanged(Refused):
    """Somebody else wrote a version meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has changed this survey meanwhile; look at it as it stands now.")


@dataclass(frozen=True)
class Question:
    """One question of a survey to be written; see `SurveyQuestion`."""

    kind: str
    words: str
    options: tuple[str, ...] = ()
    required: bool = True


def _judge(questions: list[Question]) -> None:
    fits = 1 <= len(questions) <= MOST_QUESTIONS and all(_fits(each) for each in questions)
    if not fits:
        raise BadSurvey(
            questions=MOST_QUESTIONS, longest=LONGEST_QUESTION, options=MOST_OPTIONS, option=LONGEST_OPTION
        )  # fmt: skip


def _fits(question: Question) -> bool:
    options = question.options
    few = 2 <= len(options) <= MOST_OPTIONS if question.kind == Kind.CHOICE else not options
    each = len(set(options)) == len(options) and all(0 < len(one) <= LONGEST_OPTION for one in options)
    return question.kind in Kind.values and 0 < len(question.words) <= LONGEST_QUESTION and few and each


def _same(survey: Survey, title: str, questions: list[Question]) -> bool:
    asked = [
        Question(each.kind, each.words, tuple(each.options), each.required) for each in survey.questions.order_by("nth")
    ]
    return survey.title == title and asked == questions


@verb
def keep(
    *, code: str, title: str, questions: list[Question], at: datetime, by: User | None = None, seen: int | None = None
) -> Survey:
    """Keep a survey under its code: a next version, or none where it says what the newest says.

    Active and idle rules that ask it ask the new version from now on; tasks that are out keep theirs. `seen`: the
    version that was shown, 0 where there was none.
    Refuses: BadSurvey, SurveyChanged.
    Writes: guides.survey.kept, guides.task_rule.kept, guides.brief.written.
    """
    sql.rows(LOCK, {"code": code})
    last = Survey.objects.filter(code=code).order_by("-version").first()
    if seen is not None and seen != (last.version if last else 0):
        raise SurveyChanged
    _judge(questions)
    if last and _same(last, title, questions):
        return last
    version = last.version + 1 if last else 1
    line = journal.write("guides.survey.kept", at=at, by=by, subject=code, version=version, questions=len(questions))
    survey = Survey.objects.create(code=code, version=version, title=title, written_at=at, by=by, entry_id=line.pk)
    SurveyQuestion.objects.bulk_create(
        SurveyQuestion(survey=survey, nth=nth, kind=each.kind, words=each.words, options=list(each.options),
                       required=each.required)
        for nth, each in enumerate(questions, start=1)
    )  # fmt: skip
    for rule in TaskRule.objects.filter(brief__survey__code=code).order_by("code"):
        task_rules.ask_anew(code=rule.code, survey=survey, at=at, by=by)
    return survey


# What ships with the product: how she likes what she bought, asked from the fifth day on.
EXAMPLE = "after-purchase"
QUESTIONS = [
    Question(Kind.SCORE_5, "对这次买的商品满意吗？"),
    Question(Kind.CHOICE, "最看重哪一点？", ("口感味道", "新鲜程度", "包装", "价格", "服务"), required=False),
    Question(Kind.YES_NO, "还会再买吗？"),
    Question(Kind.SCORE_10, "愿意推荐给朋友吗？（0 不愿意，10 非常愿意）", required=False),
    Question(Kind.TEXT, "有什么想对我们说的？", required=False),
]
RULE = Ruling("survey", "购后回访", TaskRule.Trigger.PURCHASE, Wording(
    "购后回访", Brief.Reason.SURVEY, "service", "{day} 购买了{product}，满一周回访",
    "{name}，您上周买的{product}用得还好吗？想听听您的感受，我们好改进。"),
    {"after": 5}, due_days=7, kept_days=14)  # fmt: skip


@verb
def add_example(*, at: datetime, by: User | None = None) -> list[TaskRule]:
    """Keep the example survey and the rule that asks it a week after a purchase, where their codes are free.

    Writes: guides.survey.kept, guides.task_rule.kept, guides.brief.written.
    """
    if not Survey.objects.filter(code=EXAMPLE).exists():
        keep(code=EXAMPLE, title="购后回访", questions=QUESTIONS, at=at, by=by, seen=0)
    if TaskRule.objects.filter(code=RULE.code).exists():
        return []
    survey = Survey.objects.filter(code=EXAMPLE).latest("version")
    wording = Wording(**{**vars(RULE.wording), "survey_id": survey.pk})
    return [task_rules.keep(ruling=Ruling(**{**vars(RULE), "wording": wording}), at=at, by=by, seen=0)]
