"""One request sent by many at once under one Idempotency-Key has one effect and one answer."""

import threading

import pytest

from newretail.kernel.actions import answers, keys
from newretail.kernel.actions.answers import Answer
from newretail.kernel.models import ApiKey, KeptAnswer
from tests import world
from tests.api.machines import account
from tests.races.race import RACERS, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def till(brand):
    world.chain()
    return account()


def issue(till):
    """An effect that nothing else would keep from happening twice: another key each time."""
    return Answer(201, keys.issue(account=till, rights=["orders:view"], at=world.NOW).key.prefix)


def ask(till):
    return answers.once(account=till, key="k1", asked="same", at=world.NOW, act=lambda: issue(till))


@pytest.mark.prove
def test_twins_have_one_effect_and_one_answer(brand, till):
    outcomes = race(brand, RACERS, lambda _: ask(till))
    assert errors(outcomes) == []
    assert {answer.body for answer in outcomes} == {ApiKey.objects.get().prefix}
    assert sum(not answer.again for answer in outcomes) == 1


def test_a_twin_that_waits_too_long_is_told_and_has_no_effect(brand, till, monkeypatch):
    monkeypatch.setattr(answers, "TWIN_WAITS", "50ms")
    begun, told = threading.Event(), threading.Event()

    def first():
        def slowly():
            begun.set()
            told.wait(20)
            return issue(till)

        return answers.once(account=till, key="k1", asked="same", at=world.NOW, act=slowly)

    def second():
        begun.wait(20)
        try:
            return ask(till)
        finally:
            told.set()

    outcomes = each(brand, [first, second])
    assert [type(error) for error in errors(outcomes)] == [answers.InFlight]
    assert ApiKey.objects.count() == KeptAnswer.objects.count() == 1
    assert ask(till).again


def test_without_the_row_of_the_key_each_twin_acts(brand, till, monkeypatch):
    monkeypatch.setattr(answers, "BEGUN", "SELECT 0, '', 0, ''")
    monkeypatch.setattr(answers, "BEGIN", "SELECT 1")
    assert errors(race(brand, 2, lambda _: ask(till))) == []
    assert ApiKey.objects.count() == 2
