"""One code given twice at the same moment opens once: a code of the clock, and a spare code from paper."""

import threading
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from newretail.kernel.actions import factors
from newretail.kernel.models import JournalEntry
from tests import sights, world
from tests.races.race import RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "JBSWY3DPEHPK3PXP"


def of_the_clock(at):
    return format_hotp_value(hotp_value(SECRET, int(at.timestamp()) // factors.SECONDS))


@pytest.fixture
def someone(brand):
    """An operator with a second factor, and the spare codes she wrote down."""
    world.chain()
    ago = world.NOW - timedelta(minutes=5)
    user = sights.person("hq")
    return user, factors.add(user=user, secret=SECRET, code=of_the_clock(ago), at=ago)


CODES = {"of the clock": lambda _: of_the_clock(world.NOW), "spare": lambda spare: spare[3]}
kinds = pytest.mark.parametrize("which", CODES.values(), ids=CODES)


def give(brand, user, code, count):
    """Let so many give the same code at once; tell how many it opened for, and what the others were told."""
    outcomes = race(brand, count, lambda _: factors.prove(user=user, code=code, at=world.NOW))
    refused = errors(outcomes)
    return count - len(refused), {type(error) for error in refused}


@pytest.mark.prove
@kinds
def test_one_code_given_by_many_at_once_opens_once(brand, someone, which):
    user, spare = someone
    assert give(brand, user, which(spare), RACERS) == (1, {factors.WrongCode})
    used = JournalEntry.objects.filter(name="kernel.spare_code.used").count()
    assert used == (which(spare) == spare[3])


@pytest.mark.prove
def test_different_spare_codes_given_at_once_each_open_and_are_each_used_up(brand, someone):
    user, spare = someone
    given = spare[:4]
    outcomes = race(brand, 4, lambda number: factors.prove(user=user, code=given[number], at=world.NOW))
    assert errors(outcomes) == []
    for code in given:
        assert give(brand, user, code, 1) == (0, {factors.WrongCode})


@pytest.fixture
def together(monkeypatch):
    """Take the locks away; let two read what she holds before either of them writes."""
    gate = threading.Barrier(2)

    def look(user):
        found = {row.type: row for row in Authenticator.objects.filter(user=user)}
        gate.wait(20)
        return found

    monkeypatch.setattr(factors, "_held", look)
    monkeypatch.setattr(Authenticator.objects, "select_for_update", Authenticator.objects.all)
    return gate


def test_without_the_lock_a_code_of_the_clock_opens_twice(brand, someone, together):
    assert give(brand, someone[0], of_the_clock(world.NOW), 2) == (2, set())


def test_without_the_locks_a_spare_code_opens_twice(brand, someone, together, monkeypatch):
    used = RecoveryCodes._is_code_used

    def look(codes, number):
        found = used(codes, number)
        together.wait(20)
        return found

    monkeypatch.setattr(RecoveryCodes, "_is_code_used", look)
    user, spare = someone
    assert give(brand, user, spare[3], 2) == (2, set())
