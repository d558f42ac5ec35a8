"""Files tell whose customers members are, by the brand's mode of bonds, and who works when; neither is taken back."""

from pathlib import Path

import pytest

from guides.actions import bonds
from guides.actions.shifts import ShiftsStay
from guides.models import Bond, Shift
from guides.queries import sop
from newretail.kernel.files import importing
from newretail.kernel.models import ImportFile
from tests import serving, world
from tests.kernel.files import desk

FILE = "会员号,企微external_userid,工号,添加时间\nV3,,G2,2026-06-14 10:00\nV1,,G2,\n,wmB2,G1,\nV4,,none,\n"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    world.people({"member_no": "V3", "store_code": "SH01"}, {"member_no": "V4", "external_userid": "wmB2"})


def test_each_row_binds_whom_nobody_serves_and_a_wrong_one_is_named(tmp_path):
    result = desk.take(tmp_path, "bonds", FILE).result
    assert (result.created, result.skipped, result.rejected) == (2, 1, 1)
    assert [serving.served(member_no) for member_no in ("V1", "V3", "V4")] == ["G1", "G2", "G1"]
    bond = Bond.objects.get(member__member_no="V3")
    assert (bond.source, bond.began_at.isoformat()) == ("import", "2026-06-14T02:00:00+00:00")
    assert bond.source not in sop.ADDED
    again = desk.take(tmp_path, "bonds", FILE).result
    assert (again.created, again.skipped, again.rejected) == (0, 3, 1)


def test_it_is_not_taken_back(tmp_path):
    desk.take(tmp_path, "bonds", FILE)
    with pytest.raises(bonds.BondsStay):
        bonds.take_back(entry_id=1, at=world.NOW)
    assert serving.served("V3") == "G2"


ROSTER = """工号,日期,班次
G1,2026-06-16,早班
G1,2026-06-17,休
G2,2026-06-16,off
G9,2026-06-16,晚班
X7,2026-06-16,早班
S1,2026-06-16,早班
G1,2026-06-18,中班
G1,2026-06-14,早班
G1,2027-08-01,早班
G2,2026-06-31,早班
G2,2026-06-20,
"""


def test_a_roster_is_planned_row_by_row_and_each_wrong_day_is_named(tmp_path):
    taken = desk.take(tmp_path, "shifts", ROSTER)
    assert taken.counts == (4, 0, 0, 7)
    assert taken.refusals == [
        (6, "staff_no", "not_serving"), (7, "staff_no", "not_serving"), (8, "shift", "unknown_shift"),
        (9, "day", "day_over"), (10, "day", "far_day"), (11, "day", "no_such_day"), (12, "shift", "missing"),
    ]  # fmt: skip
    shifts = Shift.objects.order_by("post__user__staff_no", "day").values_list("post__user__staff_no", "name")
    assert list(shifts) == [("G1", "早班"), ("G1", ""), ("G2", ""), ("G9", "晚班")]
    assert desk.take(tmp_path, "shifts", ROSTER).counts == (0, 0, 4, 7)


def test_the_reasons_of_a_roster_are_said_in_both_languages(tmp_path):
    taken = desk.take(tmp_path, "shifts", ROSTER)
    said = Path(taken.result.errors_file).read_text(encoding="utf-8-sig")
    for words in (
        "这个工号目前不是任何门店的在岗导购或店长。", "品牌没有这个班次", "这一天已过去，排班不再改动。", "排班最多排到一年以内。",
        "Nobody with this number serves in a store now, as a guide or its manager.", "The brand has no such shift",
        "This day is over; its roster stays as it was.", "A roster reaches at most a year ahead.",
    ):  # fmt: skip
        assert words in said


def test_a_later_file_replaces_and_takes_away_and_the_same_day_twice_is_refused_where_it_differs(tmp_path):
    desk.take(tmp_path, "shifts", ROSTER)
    rows = ["G1,2026-06-16,晚班", "G1,2026-06-17,-", "G2,2026-06-16,off", "G1,2026-06-16,晚班", "G1,2026-06-16,休"]
    taken = desk.take(tmp_path, "shifts", desk.rows("staff_no,day,shift", rows))
    assert (taken.counts, taken.codes) == ((0, 2, 2, 1), ["duplicate_differs"])
    shifts = Shift.objects.filter(post=serving.post("G1")).values_list("day", "name")
    assert [(day.day, name) for day, name in shifts] == [(16, "晚班")]


def test_a_roster_is_not_taken_back(tmp_path):
    desk.take(tmp_path, "shifts", ROSTER)
    with pytest.raises(ShiftsStay):
        importing.undo(ImportFile.objects.get(), at=world.NOW)
    assert Shift.objects.count() == 4
