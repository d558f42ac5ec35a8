"""Who joins by a code at the same moment as herself: one member, one guide, whichever code was quicker."""

import threading
from types import SimpleNamespace

import pytest

from guides.actions import recruits
from guides.actions.recruits import Joining
from guides.models import Bond
from members.actions import members
from members.models import Consent, Member
from members.queries import families
from newretail.kernel import books
from tests import serving, world
from tests.members import consenting
from tests.races.race import PATIENCE, RACERS, errors, race

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, FEW = "13911112222", 4


@pytest.fixture(autouse=True)
def _shops(brand):
    serving.shops()
    consenting.texts()


def joined(brand, count, *staff_numbers):
    """Let the same phone join so many times at once, by the codes of these guides in turns."""
    codes = [recruits.make(post=serving.post(number), scene="till", at=world.NOW, by=serving.guide(number))
             for number in staff_numbers]  # fmt: skip
    joining = Joining(PHONE, "王五", {"marketing": 1})
    return race(brand, count, lambda n: recruits.join(code=codes[n % len(codes)], joining=joining, at=world.NOW))


@pytest.mark.parametrize("count", [FEW, pytest.param(RACERS, marks=pytest.mark.prove)])
@pytest.mark.parametrize("codes", [("G1",), ("G1", "G2")])
def test_one_phone_that_joins_many_times_at_once_is_one_member_of_one_guide(brand, count, codes):
    found = joined(brand, count, *codes)
    assert errors(found) == []
    assert len({member.pk for member in found}) == 1
    assert Member.objects.filter(phone__endswith=PHONE).count() == 1
    assert Bond.objects.filter(member=found[0]).count() == 1
    assert Consent.objects.filter(member=found[0]).count() == 2
    assert books.verify() == []


def test_without_the_queue_both_find_nobody_and_one_person_becomes_two(brand, monkeypatch):
    together = threading.Barrier(2)

    def look(kind, value):
        """Let both have looked before either joins."""
        found = families.identified(kind, value)
        together.wait(timeout=PATIENCE)
        return found

    monkeypatch.setattr(recruits, "members", SimpleNamespace(take_seats=lambda _: None, record=members.record))
    monkeypatch.setattr(recruits, "families", SimpleNamespace(identified=look))
    assert errors(joined(brand, 2, "G1", "G2")) == []
    assert sorted(Member.objects.filter(name="王五").values_list("phone", flat=True)) == ["", f"+86{PHONE}"]
