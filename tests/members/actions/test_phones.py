"""A whole phone is shown for a reason, is written down without the phone, and only so often a day."""

import pytest

from members.actions import phones
from members.models import Member, PhoneReveal
from newretail.kernel.actions import settings
from newretail.kernel.models import JournalEntry
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")
LINE = "members.phone.revealed"


def member(number="V1"):
    return Member.objects.get(member_no=number)


def reveal(by, number="V1", reason="order", note=""):
    return phones.reveal(member=member(number), reason=reason, note=note, at=world.NOW, by=by)


def test_a_reveal_gives_the_phone_and_leaves_who_whose_when_and_why_but_not_the_phone():
    hq = sights.person("hq")
    assert reveal(hq, reason="other", note="生日礼") == "+8613800000001"
    line, row = JournalEntry.objects.get(name=LINE), PhoneReveal.objects.get()
    assert (line.by, line.subject, line.facts) == (
        hq, f"member:{member().pk}", {"reason": "other", "member_no": "V1"},
    )  # fmt: skip
    assert (row.by, row.member, row.reason, row.note, row.nth, row.entry_id) == (
        hq, member(), "other", "生日礼", 1, line.pk,
    )  # fmt: skip
    kept = f"{line.facts} {list(PhoneReveal.objects.values())} {list(JournalEntry.objects.values())}"
    assert "13800000001" not in kept


@pytest.mark.parametrize(
    ("reason", "note", "refusal"),
    [("", "", phones.ReasonMissing), ("curiosity", "", phones.ReasonMissing), ("other", "  ", phones.ReasonMissing),
     ("order", "x" * 201, phones.ReasonMissing), ("order", "打给 138 0000 0001", phones.NumberInNote)],
)  # fmt: skip
def test_without_a_reason_nothing_is_shown_nor_kept(reason, note, refusal):
    with pytest.raises(refusal):
        reveal(sights.person("hq"), reason=reason, note=note)
    assert not PhoneReveal.objects.exists()
    assert not JournalEntry.objects.filter(name=LINE).exists()


def test_a_member_without_a_phone_has_none_to_show():
    world.people({"member_no": "V9", "store_code": "SH01"})
    with pytest.raises(phones.NoPhone):
        reveal(sights.person("hq"), "V9")
    assert not PhoneReveal.objects.exists()


def test_a_day_has_so_many_reveals_for_each_person_and_the_next_day_begins_anew():
    settings.put(key="phone_reveals_each_day", value=2, at=world.NOW)
    hq, manager = sights.person("hq"), sights.person("manager")
    assert [reveal(hq) for _ in range(2)] == ["+8613800000001"] * 2
    with pytest.raises(phones.RevealsUsedUp):
        reveal(hq)
    assert reveal(manager)
    tomorrow = world.NOW.replace(day=16)
    assert phones.reveal(member=member(), reason="order", note="", at=tomorrow, by=hq)
    assert [row.nth for row in PhoneReveal.objects.filter(by=hq).order_by("pk")] == [1, 2, 1]


def post(role, number="V1", **given):
    client = sights.browser(role)
    return client.post(f"/admin/members/member/{member(number).pk}/reveal/", given)


def test_the_page_shows_the_phone_once_to_those_who_may():
    for role in ("hq", "supervisor", "manager"):
        answer = post(role, reason="delivery")
        assert (answer.status_code, "no-store" in answer["Cache-Control"]) == (200, True)
        assert "13800000001" in sights.text(answer)
    again = sights.text(sights.browser("hq").get(f"/admin/members/member/{member().pk}/change/"))
    assert "13800000001" not in again
    assert "显示手机号" in again
    assert PhoneReveal.objects.count() == 3


def test_who_may_not_is_refused_and_nothing_is_written():
    assert post("auditor", reason="order").status_code == 403
    assert post("guide", reason="order").status_code == 403
    assert post("manager", "V2", reason="order").status_code == 404
    assert "显示手机号" not in sights.text(
        sights.browser("auditor").get(f"/admin/members/member/{member().pk}/change/")
    )
    assert not PhoneReveal.objects.exists()
    assert post("hq", "V2", reason="order").status_code == 200


def test_a_reveal_without_a_reason_is_said_on_the_page_and_keeps_what_was_written():
    answer = post("hq", reason="other", note="")
    assert answer.status_code == 422
    assert "请选择原因" in sights.text(answer)
    assert "13800000001" not in sights.text(answer)
    assert sights.browser("hq").get(f"/admin/members/member/{member().pk}/reveal/").status_code == 302


def test_hq_and_auditor_read_who_looked_and_a_manager_does_not():
    post("manager", reason="complaint")
    for role, name in (("hq", "张三"), ("auditor", "张**")):
        page = sights.text(sights.browser(role).get("/admin/members/phonereveal/"))
        assert "处理投诉" in page
        assert name in page
    assert sights.browser("manager").get("/admin/members/phonereveal/").status_code == 403
