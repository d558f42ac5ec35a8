"""Hand-overs at the same moment, and beside a guide who is added or a task that is done: each customer goes once."""

import pytest

from guides.actions import bonds, handovers
from guides.actions.handovers import NothingToHandOver, Spread
from guides.models import Bond, TaskMove
from newretail.kernel.actions import settings
from tests import serving, world
from tests.races.race import RACERS, Beside, Once, each, errors, race

pytestmark = pytest.mark.django_db(transaction=True)


def shop(customers=6):
    serving.shops()
    world.staff({"staff_no": "G3", "name": "小芳", "store_code": "SH01", "role": "guide"})
    rows = [{"member_no": f"P{n}", "store_code": "SH01"} for n in range(customers)]
    world.people(*rows)
    for row in rows:
        serving.bind(row["member_no"], "G1")


def hand(*heirs, of="G1"):
    spread = Spread([serving.post(one).pk for one in heirs])
    return handovers.hand_over(post=serving.post(of), spread=spread, at=world.NOW, by=serving.guide("M1"))


@pytest.mark.prove
def test_many_who_hand_over_at_once_do_it_once(brand):
    shop()
    serving.give("V1", "G1")
    outcomes = race(brand, RACERS, lambda number: hand("G2" if number % 2 else "G3"))
    assert {type(error) for error in errors(outcomes)} == {NothingToHandOver}
    assert len(outcomes) - len(errors(outcomes)) == 1
    assert Bond.objects.open().values("post").distinct().count() == 1
    assert TaskMove.objects.count() == 1


def test_two_who_hand_over_to_each_other_wait_for_each_other(brand):
    shop()
    serving.bind("V2", "G2")
    outcomes = each(brand, [lambda: hand("G2", of="G1"), lambda: hand("G1", of="G2")])
    assert not errors(outcomes)
    assert Bond.objects.open().count() == 8


def added_meanwhile(brand, monkeypatch):
    """Let 小丽 add V1 in a brand of free customers while 小美's are being handed over to 小芳."""
    shop(0)
    settings.put(key="bond_mode", value="free", at=world.NOW)
    begun = []

    def beside(name):
        if name == "handover.spread":
            inside()

    inside = Once(lambda: begun.append(Beside(brand, lambda: serving.bind("V1", "G2")).start()))
    monkeypatch.setattr(handovers, "failpoint", beside)
    try:
        told = hand("G3")
    except Exception as error:  # noqa: BLE001 - the test judges what went wrong
        told = error
    return told, begun[0].answer


def test_who_adds_another_guide_meanwhile_waits_for_the_hand_over(brand, monkeypatch):
    told, added = added_meanwhile(brand, monkeypatch)
    assert (told.bonds, added.made) == (1, 1)
    assert serving.served("V1") == "G2"
    assert Bond.objects.count() == 3


def test_not_held_she_is_added_before_and_the_hand_over_finds_nobody(brand, monkeypatch):
    monkeypatch.setattr(bonds, "HOLD", "SELECT 1 FROM {table} LIMIT 0")
    told, _added = added_meanwhile(brand, monkeypatch)
    assert isinstance(told, NothingToHandOver)


def test_a_task_done_meanwhile_is_done_or_handed_over_never_both(brand):
    shop(0)
    task = serving.give("V1", "G1")
    each(brand, [lambda: hand("G2"), lambda: serving.complete(task, "refused")])
    task.refresh_from_db()
    moves = list(TaskMove.objects.filter(task=task).values_list("kind", flat=True))
    assert moves in (["done"], ["transferred"])
    assert (task.state, task.post == serving.post("G1")) in (("done", True), ("open", False))
