"""Keep the rules that give tasks, and let them: upon an event, or each day to whoever meets the condition."""

from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_noop

from guides.actions import tasks
from guides.actions.tasks import Wording
from guides.models import Brief, Survey, TaskRule
from guides.queries import giving, terms
from guides.queries.giving import Given
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

Trigger, Reason, Priority = TaskRule.Trigger, Brief.Reason, Brief.Priority
LONGEST_KEPT = 365
# Two people who write a rule of one code at once queue here.
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('guides.task_rule:' || %(code)s, 0))"


class BadSpan(Refused):
    """A task would expire before it is due."""

    code = "bad_span"
    sentence = gettext_noop("A task is due before it expires, and expires within a year.")


class ShownTooLate(Refused):
    """A task would come to the list when it is due already."""

    code = "shown_too_late"
    sentence = gettext_noop("A task comes to the list before the day it is due.")


class UnknownTaskRule(Refused):
    """There is no such rule."""

    code = "unknown_task_rule"
    sentence = gettext_noop("There is no task rule %(rule)s.")


class TaskRuleChanged(Refused):
    """Somebody else kept it meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has changed this rule meanwhile; look at it as it stands now.")


@dataclass(frozen=True)
class Ruling:
    """What a rule says: when it gives a task, to whom of those, until when it is to be done, in which words."""

    code: str
    name: str
    trigger: str
    wording: Wording
    terms: dict[str, Any] = field(default_factory=dict)
    due_days: int = 1
    kept_days: int = 7


def _same(wording: Wording, brief: Brief) -> bool:
    return all(getattr(brief, name) == value for name, value in vars(wording).items())


@verb
def keep(*, ruling: Ruling, at: datetime, by: User | None = None, seen: int | None = None) -> TaskRule:
    """Keep a rule under its code; a changed wording is a new brief, and the tasks that are out keep theirs.

    `seen`: the `entry_id` of the rule that was shown, 0 where there was none.
    Refuses: BadTerms, BadSpan, ShownTooLate, TaskRuleChanged.
    Writes: guides.task_rule.kept, guides.brief.written.
    """
    sql.rows(LOCK, {"code": ruling.code})
    found = TaskRule.objects.select_related("brief").filter(code=ruling.code).first()
    if seen is not None and seen != (found.entry_id if found else 0):
        raise TaskRuleChanged
    read = terms.read(ruling.trigger, ruling.terms)
    if not ruling.due_days <= ruling.kept_days <= LONGEST_KEPT or ruling.kept_days < 1:
        raise BadSpan
    if read.get("after") and read["after"] >= ruling.due_days:
        raise ShownTooLate
    rule = found or TaskRule(code=ruling.code)
    if found is None or not _same(ruling.wording, found.brief):
        rule.brief = tasks.brief(wording=ruling.wording, at=at, by=by)
    rule.name, rule.trigger, rule.terms = ruling.name, ruling.trigger, read
    rule.due_days, rule.kept_days = ruling.due_days, ruling.kept_days
    line = journal.write(
        "guides.task_rule.kept", at=at, by=by, subject=f"task_rule:{ruling.code}", trigger=ruling.trigger
    )
    rule.entry_id = line.pk
    rule.save()
    return rule


@verb
def ask_anew(*, code: str, survey: Survey, at: datetime, by: User | None = None) -> TaskRule:
    """Let a rule ask this version of its survey from now on; the tasks that are out keep theirs.

    Refuses: UnknownTaskRule.
    Writes: guides.task_rule.kept, guides.brief.written.
    """
    rule = _held(code)
    said = {each.name: getattr(rule.brief, each.name) for each in fields(Wording)}
    rule.brief = tasks.brief(wording=Wording(**{**said, "survey_id": survey.pk}), at=at, by=by)
    line = journal.write("guides.task_rule.kept", at=at, by=by, subject=f"task_rule:{code}", trigger=rule.trigger)
    rule.entry_id = line.pk
    rule.save(update_fields=["brief", "entry_id"])
    return rule


def _held(code: str) -> TaskRule:
    sql.rows(LOCK, {"code": code})
    rule = TaskRule.objects.select_related("brief").filter(code=code).first()
    if rule is None:
        raise UnknownTaskRule(rule=code)
    return rule


@verb
def switch(*, code: str, active: bool, at: datetime, by: User | None = None) -> TaskRule:
    """Let a rule give tasks, or no longer; what it gave stays. Switched as it stands already, nothing is written.

    Refuses: UnknownTaskRule.
    Writes: guides.task_rule.switched.
    """
    rule = _held(code)
    if rule.active != active:
        line = journal.write(
            "guides.task_rule.switched", at=at, by=by, subject=f"task_rule:{code}", active=active
        )  # fmt: skip
        rule.active, rule.entry_id = active, line.pk
        rule.save(update_fields=["active", "entry_id"])
    return rule


def _give(rule: TaskRule, given: Given, at: datetime) -> int:
    sql.temporary("tmp_given", given.select, given.params, analyze=False)
    return tasks.assign(table="tmp_given", brief=rule.brief, rule=rule, at=at)


@verb
def give_upon(*, trigger: str, line: int, at: datetime) -> int:
    """Give the tasks that active rules make of a journal line's rows; returns how many. Again it gives none twice.

    Writes: guides.task.assigned.
    """
    rules = TaskRule.objects.filter(active=True, trigger=trigger).select_related("brief")
    return sum(_give(rule, giving.upon(rule, line=line, at=at), at) for rule in rules)


@verb
def give_daily(*, as_of: date, at: datetime) -> int:
    """Give the tasks of the rules that look at each day; returns how many. Again it gives none twice.

    Writes: guides.task.assigned.
    """
    rules = TaskRule.objects.filter(active=True, trigger__in=giving.DAILY).select_related("brief")
    return sum(_give(rule, giving.on(rule, day=as_of, at=at), at) for rule in rules)


# What ships with the product: the three times of the source's SOP, birthdays, and the two stages to win her back in.
EXAMPLES = (
    Ruling("greet", "新客问候", Trigger.BOND_MADE, Wording(
        "新客问候", Reason.GREETING, "service", "{day} 添加了您，一天内打个招呼",
        "{name}，您好！我是您的专属导购，选品、到货、售后都可以直接找我，很高兴认识您。", Priority.HIGH), due_days=1),
    Ruling("after-purchase", "购后提醒", Trigger.PURCHASE, Wording(
        "购后提醒", Reason.AFTER_PURCHASE, "service", "{day} 消费 {amount} 元，一天内提醒使用和保存",
        "{name}，前一天买的{product}还满意吗？冷链和生鲜记得及时冷藏，有任何问题直接找我处理。"),
        due_days=1, kept_days=3),
    Ruling("keep-in-touch", "七天互动", Trigger.QUIET, Wording(
        "七天互动", Reason.INTERACTION, "care", "已 {days} 天没有联系",
        "{name}，这几天还好吗？需要什么随时跟我说，我帮您留意着。"), {"days": 6, "within": 30}, due_days=1),
    Ruling("birthday", "生日关怀", Trigger.BIRTHDAY, Wording(
        "生日关怀", Reason.BIRTHDAY, "care", "{day} 是生日，提前准备祝福和心意",
        "{name}，生日快乐！门店为您备了一份生日心意，来店报会员号就能领取，愿您天天好心情。", Priority.HIGH),
        {"days": 3}, due_days=1, kept_days=3),
    Ruling("wake", "沉睡唤醒", Trigger.STAGE, Wording(
        "沉睡唤醒", Reason.WAKE, "marketing", "已 {days} 天未购买，进入唤醒期",
        "{name}，好久不见！最近到了不少新品，您常买的也在做活动，这周有空来看看吗？我给您留着。"),
        {"stages": ["wake"]}, due_days=3, kept_days=14),
    Ruling("win-back", "流失挽回", Trigger.STAGE, Wording(
        "流失挽回", Reason.WIN_BACK, "marketing", "已 {days} 天未购买，近一年消费 {amount} 元",
        "{name}，好久没见到您了，是哪里没照顾好吗？想听听您的意见，也欢迎随时找我。", Priority.HIGH),
        {"stages": ["win_back"]}, due_days=3, kept_days=14),
)  # fmt: skip


@verb
def add_examples(*, at: datetime, by: User | None = None) -> list[TaskRule]:
    """Keep the example rules whose codes are free; rules that stand stay as they are.

    Writes: guides.task_rule.kept, guides.brief.written.
    """
    known = set(TaskRule.objects.values_list("code", flat=True))
    return [keep(ruling=each, at=at, by=by, seen=0) for each in EXAMPLES if each.code not in known]
