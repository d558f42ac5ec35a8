"""Customers handed over: all of them, once, with their open tasks; the past stays whose it was."""

from collections import Counter
from datetime import timedelta

import pytest

from guides.actions import handovers, tasks
from guides.actions.handovers import NothingToHandOver, Spread, WrongHeirs
from guides.models import Bond, Task, TaskMove
from members.actions import merges
from newretail.kernel.actions import settings
from newretail.kernel.models import JournalEntry
from tests import serving, world

LATER = world.NOW + timedelta(days=3)


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    world.staff({"staff_no": "G3", "name": "小芳", "store_code": "SH01", "role": "guide"})


def crowd(count, staff_no="G1"):
    rows = [{"member_no": f"P{n:03}", "store_code": "SH01"} for n in range(count)]
    world.people(*rows)
    for row in rows:
        serving.bind(row["member_no"], staff_no)


def hand(*heirs, rule="evenly", post="G1", at=LATER):
    spread = Spread([serving.post(each).pk for each in heirs], rule)
    of = post if not isinstance(post, str) else serving.post(post)
    return handovers.hand_over(post=of, spread=spread, at=at, by=serving.guide("M1"))


def counts():
    served = Bond.objects.open().values_list("post__user__staff_no", flat=True)
    return dict(sorted(Counter(served).items()))


def test_customers_are_spread_evenly():
    crowd(8)
    told = hand("G2", "G3")
    assert (told.bonds, counts()) == (9, {"G2": 5, "G3": 4})


def test_who_has_fewest_gets_first():
    crowd(5, "G2")
    serving.bind("V2", "G1")
    hand("G2", "G3", rule="load")
    assert counts() == {"G2": 5, "G3": 2}


def test_all_go_to_one():
    crowd(3)
    hand("M1")
    assert counts() == {"M1": 4}


def test_open_tasks_go_along_and_what_was_done_stays():
    open_task, done = serving.give("V1", "G1"), serving.give("V1", "G1", "tests:2")
    serving.complete(done, "refused")
    assert hand("G2").tasks == 1
    open_task.refresh_from_db()
    done.refresh_from_db()
    assert (open_task.post, done.post) == (serving.post("G2"), serving.post("G1"))
    move = TaskMove.objects.get(task=open_task)
    assert (move.kind, move.from_post, move.to_post, move.nth) == (
        "transferred", serving.post("G1"), serving.post("G2"), 1
    )  # fmt: skip


def checking():
    """A task of 小美 that waits for approval when she leaves; her customers go to 小丽."""
    task = serving.give("V1", "G1", brief=serving.brief(wants_approval=True))
    serving.complete(task, "refused", at=LATER)
    assert hand("G2").tasks == 1
    task.refresh_from_db()
    assert (task.state, task.post) == ("checking", serving.post("G2"))
    return {"task": task.ref, "within": [task.post_id], "at": LATER, "by": serving.guide("M1")}


def test_what_waits_for_approval_goes_along_and_is_approved_there():
    assert tasks.approve(**checking()).state == "done"


def test_what_waited_for_approval_is_given_back_to_the_new_guide():
    found = tasks.give_back(reason="照片不清楚", **checking())
    assert (found.state, found.post) == ("open", serving.post("G2"))


def test_what_the_former_guide_did_the_new_one_does_not_take_back():
    with pytest.raises(tasks.TooLateToUndo):
        tasks.undo(**checking())


def test_the_history_is_kept_and_the_protection_goes_along():
    settings.put(key="bond_mode", value="locked", at=world.NOW)
    serving.bind("V2", "G1")
    hand("G2")
    former = Bond.objects.get(member__member_no="V2", post=serving.post("G1"))
    fresh = Bond.objects.get(member__member_no="V2", post=serving.post("G2"))
    assert (former.end, former.ended_at, former.ended_by) == ("handed_over", LATER, serving.guide("M1"))
    assert (fresh.source, fresh.began_at, fresh.locked_until) == ("handover", LATER, former.locked_until)
    assert former.locked_until is not None


def test_handed_over_again_nobody_is_left_to_be():
    hand("G2")
    with pytest.raises(NothingToHandOver):
        hand("G3")
    assert counts() == {"G2": 1}


@pytest.mark.parametrize("heirs", [(), ("G9",), ("G1",), ("G2", "G9")])
def test_heirs_serve_in_the_same_store(heirs):
    with pytest.raises(WrongHeirs):
        hand(*heirs)
    assert counts() == {"G1": 1}


def test_who_has_left_is_no_heir_and_leaves_her_customers_to_be_handed_over():
    left, gone = serving.post("G1"), serving.post("G3")
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"},
                {"staff_no": "G3", "name": "小芳", "store_code": "GZ01", "role": "guide"})  # fmt: skip
    with pytest.raises(WrongHeirs):
        handovers.hand_over(post=left, spread=Spread([gone.pk]), at=LATER, by=serving.guide("M1"))
    assert hand("G2", post=left).bonds == 1


def test_managers_are_asked_once_for_each_post_that_ended_with_customers():
    left = serving.post("G1")
    world.staff({"staff_no": "G1", "name": "小美", "store_code": "GZ01", "role": "guide"},
                {"staff_no": "G3", "name": "小芳", "store_code": "GZ01", "role": "guide"})  # fmt: skip
    line = JournalEntry.objects.filter(name="stores.post.recorded").latest("pk").pk
    for _again in range(2):
        handovers.ask(line=line, at=LATER)
    task = Task.objects.get()
    assert (task.post, task.facts) == (serving.post("M1"), {"guide": "小美", "count": 1})
    assert Bond.objects.open().get().post == left


def test_a_customer_who_deletes_her_guide_is_nobodys_and_the_guide_is_told():
    assert handovers.part(member=world.member("V1"), at=LATER) == 1
    assert handovers.part(member=world.member("V1"), at=LATER) == 0
    bond = Bond.objects.get()
    assert (bond.end, bond.ended_at) == ("deleted", LATER)
    task = Task.objects.get()
    assert (task.post, task.facts) == (serving.post("G1"), {"number": "V1"})


def test_each_row_of_a_merged_person_goes_to_one_heir():
    serving.bind("V2", "G1")
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    hand("G2", "G3")
    assert len(counts()) == 1
    assert Bond.objects.open().count() == 2
