"""Surveys: versions that never change, answered with the task in one act, taken back with it."""

from datetime import timedelta

import pytest

from guides.actions import surveys, tasks
from guides.actions.replies import BadAnswer, QuestionOpen
from guides.actions.surveys import BadSurvey, Question, SurveyChanged
from guides.actions.task_rules import ShownTooLate
from guides.actions.tasks import AskFirst
from guides.models import Survey, SurveyAnswer, SurveyQuestion, SurveyReply, Task, TaskRule
from newretail.kernel.actions import relay
from tests import serving, surveying, world


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


def answers(reply):
    return [(each.question.nth, each.number, each.words) for each in reply.answers.order_by("question__nth")]


def goods(reply):
    return set(reply.products.values_list("sku", flat=True))


def bought(at="2026-06-14T10:00:00"):
    world.buy(world.order("A1", "150.00", at, member_no="V1", store_code="SH01"))
    world.lines({"order_no": "A1", "line_no": 1, "sku": "TEA", "amount": "100.00"},
                {"order_no": "A1", "line_no": 2, "sku": "NUT", "amount": "50.00"})  # fmt: skip


def test_a_change_is_the_next_version_and_the_same_is_none():
    first = surveying.survey()
    assert surveying.survey().pk == first.pk
    second = surveying.survey(title="新题")
    assert (first.version, second.version, Survey.objects.count()) == (1, 2, 2)
    assert first.questions.count() == second.questions.count() == 5


@pytest.mark.parametrize("questions", [
    [], [Question("text", "")], [Question("text", "长" * 121)], [Question("moon", "?")], [Question("choice", "?")],
    [Question("choice", "?", ("a",))], [Question("choice", "?", ("a", "a"))], [Question("yes_no", "?", ("a", "b"))],
    [Question("choice", "?", ("a", "b" * 41))], [Question("text", "?")] * 9,
])  # fmt: skip
def test_questions_that_cannot_be_asked_are_refused(questions):
    with pytest.raises(BadSurvey):
        surveying.survey(questions=questions)
    assert not Survey.objects.exists()


def test_who_writes_on_what_is_old_is_refused():
    surveying.survey(seen=0)
    with pytest.raises(SurveyChanged):
        surveying.survey(title="另一", seen=0)
    assert Survey.objects.count() == 1


def test_a_new_version_is_asked_by_the_rules_while_tasks_keep_theirs():
    rule, task = surveying.rule(), surveying.task()
    second = surveying.survey(title="第二版")
    rule.refresh_from_db()
    task.refresh_from_db()
    assert (rule.brief.survey, rule.brief.title, task.brief.survey.version) == (second, "回访", 1)


def test_the_example_stands_once_and_asks_a_week_after_a_purchase():
    assert [rule.code for rule in surveys.add_example(at=world.NOW)] == ["survey"]
    assert surveys.add_example(at=world.NOW) == []
    rule = TaskRule.objects.get()
    assert (rule.terms["after"], rule.due_days, rule.brief.survey.code) == (5, 7, "after-purchase")


def test_a_task_waits_for_its_day_and_asks_about_what_was_bought():
    surveying.rule(after=5)
    bought()
    relay.drain(at=world.NOW)
    task = Task.objects.get()
    assert task.due_at - task.snoozed_until == timedelta(days=2)
    assert goods(surveying.reply(task)) == {"TEA", "NUT"}


def test_a_rule_shown_when_it_is_due_is_refused():
    with pytest.raises(ShownTooLate):
        surveying.rule(after=7)
    assert not TaskRule.objects.exists()


def test_answers_are_kept_with_the_task():
    task = surveying.task()
    reply = surveying.reply(task)
    task.refresh_from_db()
    assert (task.state, task.outcome, reply.member.member_no) == ("done", "replied", "V1")
    assert answers(reply) == [(1, 4, ""), (2, 2, ""), (3, 1, ""), (4, 10, ""), (5, None, "茶香很好")]
    assert goods(reply) == set()


def test_without_a_purchase_of_its_own_she_names_one():
    bought()
    assert goods(surveying.reply(surveying.task(), purchase="pos:A1")) == {"TEA", "NUT"}
    other = surveying.task(source="tests:2")
    assert goods(surveying.reply(other, purchase="pos:of-somebody-else")) == set()


def test_what_may_stay_open_does():
    assert answers(surveying.reply(surveying.task(), {1: "5", 3: "0"})) == [(1, 5, ""), (3, 0, "")]


@pytest.mark.parametrize(("given", "refusal"), [
    ({}, QuestionOpen), ({1: "4"}, QuestionOpen), ({1: " \0", 3: "1"}, QuestionOpen), ({1: "6", 3: "1"}, BadAnswer),
    ({1: "0", 3: "1"}, BadAnswer), ({1: "4", 3: "2"}, BadAnswer), ({1: "四", 3: "1"}, BadAnswer),
    ({1: "4", 2: "3", 3: "1"}, BadAnswer), ({1: "4", 3: "1", 4: "11"}, BadAnswer),
    ({1: "4", 3: "1", 5: "长" * 201}, BadAnswer),
])  # fmt: skip
def test_answers_that_do_not_do_are_refused_and_the_task_stays(given, refusal):
    task = surveying.task()
    with pytest.raises(refusal):
        surveying.reply(task, given)
    task.refresh_from_db()
    assert (task.state, task.moves, SurveyReply.objects.count()) == ("open", 0, 0)


def test_a_message_alone_does_not_do_but_who_cannot_be_asked_is_said():
    task = surveying.task()
    for outcome in ("sent", "bought", "done"):
        with pytest.raises(AskFirst):
            serving.complete(task, outcome)
    assert serving.complete(task, "unreachable").state == "done"
    assert not SurveyReply.objects.exists()


def test_undone_the_answers_do_not_count_and_are_given_anew():
    task = surveying.task()
    first = surveying.reply(task)
    later = world.NOW + timedelta(seconds=8)
    tasks.undo(task=task.ref, within=[task.post_id], at=later, by=task.post.user)
    assert not SurveyReply.objects.standing().exists()
    second = surveying.reply(task, {1: "1", 3: "0"}, at=later)
    assert list(SurveyReply.objects.standing()) == [second]
    first.refresh_from_db()
    assert first.taken_back_at == later


def test_given_back_by_the_manager_it_is_asked_again():
    brief = serving.brief(reason="survey", purpose="service", survey_id=surveying.survey().pk, wants_approval=True)
    task = serving.give("V1", "G1", brief=brief)
    surveying.reply(task)
    given = {"task": task.ref, "within": [task.post_id], "at": world.NOW, "by": serving.guide("M1")}
    tasks.give_back(reason="没写清楚", **given)
    surveying.reply(task)
    assert (SurveyReply.objects.count(), SurveyReply.objects.standing().count()) == (2, 1)
    assert SurveyAnswer.objects.count() == 10
    assert SurveyQuestion.objects.count() == 5
