"""Who changes while changes are judged is judged again: nobody is forgotten between two beats."""

import pytest

from campaigns.actions import refreshing, seat_maps
from campaigns.models import ChangedMember
from newretail.kernel import sql
from newretail.kernel.actions import relay
from tests import sights, world
from tests.campaigns import casting
from tests.campaigns.casting import OFTEN
from tests.races.race import Beside, Once

pytestmark = pytest.mark.django_db(transaction=True)


def buy(number):
    world.buy(world.order(number, "9.00", "2026-06-15T11:00:00", member_no="V2", store_code="GZ01"))
    relay.drain(at=world.NOW)


def judged_beside(brand, monkeypatch):
    """Let V2 buy again at the moment at which she has been judged; what is in the segment after two beats."""
    sights.trade()
    relay.drain(at=world.NOW)
    casting.kept({**OFTEN, "value": 3})
    casting.beat()
    buy("N1")
    started = []
    again = Once(lambda: started.append(Beside(brand, lambda: buy("N2")).start()))

    def beside(name):
        if name == "segments.moved":
            again()

    monkeypatch.setattr(refreshing, "failpoint", beside)
    refreshing.refresh_changed(at=world.NOW)
    assert not isinstance(started[0].answer, Exception)
    refreshing.refresh_changed(at=world.NOW)
    return casting.whom()


def test_who_changes_while_she_is_judged_is_judged_again(brand, monkeypatch):
    assert judged_beside(brand, monkeypatch) == ["V1", "V2"]
    assert not ChangedMember.objects.exists()


def test_taken_up_without_being_struck_off_first_she_is_forgotten(brand, monkeypatch):
    _deletes, _, rest = refreshing.TAKEN.partition("WITH gone")
    assert rest
    monkeypatch.setattr(
        refreshing, "TAKEN", f"{_deletes} INSERT INTO tmp_taken SELECT member_id FROM campaigns_changedmember"
    )
    redraw = seat_maps.redraw

    def struck_off_after(*, moment):
        sql.execute("DELETE FROM campaigns_changedmember")
        return redraw(moment=moment)

    monkeypatch.setattr(seat_maps, "redraw", struck_off_after)
    assert judged_beside(brand, monkeypatch) == ["V1"]
