"""Who scans a guide's code joins once, with what she allows, as that guide's customer; who is known stays as she is."""

from datetime import timedelta

import pytest

from guides.actions import recruits
from guides.actions.recruits import CodeOver, Joining, NoPhone, OtherWording
from guides.models import Bond, RecruitCode
from members.models import Consent, Member
from newretail.kernel.actions import settings
from tests import serving, world
from tests.members import consenting

LATER = world.NOW + timedelta(days=1)
PHONE = "13911112222"


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()
    consenting.texts()


def code(staff_no="G2", scene="till"):
    return recruits.make(post=serving.post(staff_no), scene=scene, at=world.NOW, by=serving.guide(staff_no))


def join(of=None, phone=PHONE, name="", **allows):
    return recruits.join(code=of or code(), joining=Joining(phone, name, allows), at=LATER)


def test_a_guide_has_one_code_for_a_scene():
    first, second = code(), code()
    assert (first, first.token) == (second, second.token)
    assert code(scene="parcel").token != first.token
    assert len(first.token) * 6 >= 80
    assert RecruitCode.objects.count() == 2


def test_who_joins_is_a_member_of_the_store_and_the_guides_customer_with_what_she_allows():
    member = join(name="王五", marketing=1, profiling=1)
    assert (member.name, member.phone, member.home_store.code, member.source) == (
        "王五", "+8613911112222", "SH01", "recruit:till"
    )  # fmt: skip
    assert serving.served(member.member_no) == "G2"
    said = set(Consent.objects.filter(member=member, given=True).values_list("channel", "purpose", "source"))
    assert said == {("wecom", "marketing", "page"), ("sms", "marketing", "page"), ("any", "profiling", "page")}
    assert set(Consent.objects.values_list("proof", flat=True)) == {f"code:{RecruitCode.objects.get().pk}"}


def test_joined_again_she_is_the_same():
    first = join(name="王五", marketing=1)
    again = join(name="改名", care=1)
    assert (first, again.name) == (again, "王五")
    assert (Bond.objects.filter(member=first).count(), Consent.objects.filter(purpose="care").count()) == (1, 0)


def test_who_is_known_keeps_her_guide_whatever_the_mode_and_is_not_changed():
    settings.put(key="bond_mode", value="free", at=world.NOW)
    joined = join(phone="138 0000 0001", name="别人", marketing=1)
    assert (joined.member_no, joined.name) == ("V1", "张三")
    assert serving.served("V1") == "G1"
    assert not Consent.objects.exists()


@pytest.mark.parametrize(("phone", "allows", "error"), [
    ("12", {}, NoPhone), ("", {}, NoPhone), (PHONE, {"marketing": 2}, OtherWording), (PHONE, {"flying": 1}, OtherWording),
])  # fmt: skip
def test_nonsense_is_refused_and_nobody_joins(phone, allows, error):
    with pytest.raises(error):
        join(phone=phone, **allows)
    assert (Member.objects.count(), Bond.objects.count()) == (2, 1)


def test_the_code_of_a_guide_who_left_is_over():
    of = code()
    world.staff({"staff_no": "G2", "name": "小丽", "store_code": "GZ01", "role": "guide"})
    with pytest.raises(CodeOver):
        join(of)
    assert Member.objects.count() == 2
