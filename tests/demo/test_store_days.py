"""In the demo's busiest store displays are shown by photos, and who is away is covered for; done again, nothing is added."""

import pytest

from guides.models import Leave, Task, TaskPhoto
from newretail.demo import proofs, rosters
from newretail.kernel import books
from tests import serving, world

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture
def shops():
    serving.shops()
    world.staff(*({"staff_no": f"G{n}", "name": f"小{n}", "store_code": "SH01", "role": "guide"} for n in (3, 4)))
    world.buy(world.order("A1", "9", "2026-06-01", store_code="SH01"))


def test_photos_are_approved_given_back_or_wait_for_the_manager(shops):
    assert proofs.show(at=world.NOW) == TaskPhoto.objects.count() == 4
    states = sorted(Task.objects.filter(source=proofs.SOURCE).values_list("state", flat=True))
    assert states == ["checking", "done", "done", "open"]
    assert proofs.show(at=world.NOW) == 0
    assert books.verify() == []


def test_a_guide_is_away_and_who_signs_in_covers(shops):
    serving.bind("V2", "G2")
    serving.give("V2", "G2")
    rosters.plan(at=world.NOW)
    assert rosters.leave(at=world.NOW) == 1
    leave = Leave.objects.get()
    assert (leave.post, Task.objects.get().post) == (serving.post("G2"), serving.post("G1"))
    rosters.expect(at=world.NOW)
    assert not leave.post.appointments.exists()
    assert rosters.leave(at=world.NOW) == 0
    assert books.verify() == []
