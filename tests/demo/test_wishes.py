"""The demo's members have said what they allow, and touches have met the gate."""

import pytest

from members.models import Consent, ConsentText, PersonRequest, Touch
from newretail.demo import wishes
from tests import world


@pytest.fixture
def people(noon):
    world.chain()
    world.people(
        *({"member_no": f"D{number}", "store_code": "SH01", "joined_at": "2025-02-01"} for number in range(70))
    )


def test_members_have_said_what_they_allow_and_each_touch_has_its_end(people):
    said = wishes.speak(at=world.NOW)
    assert said == Consent.objects.count() > 70
    assert Consent.objects.filter(given=False).exists()
    assert ConsentText.objects.count() == 5
    ends = set(Touch.objects.filter(source=wishes.WAVE).values_list("state", flat=True))
    assert {"sent", "failed", "unknown", "suppressed"} == ends
    assert set(Touch.objects.filter(source=wishes.NEXT_WAVE).values_list("state", flat=True)) == {"planned"}
    assert PersonRequest.objects.count() == 3


def test_the_second_time_nothing_is_said(people):
    wishes.speak(at=world.NOW)
    assert wishes.speak(at=world.NOW) == 0
