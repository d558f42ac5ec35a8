"""A file tells whose customers members are: by the brand's mode of bonds, without greetings, never taken back."""

import pytest

from guides.actions import bonds
from guides.models import Bond
from guides.queries import sop
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
