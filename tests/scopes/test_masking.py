"""An auditor sees members as numbers with shortened names: on lists, pages, in files, and by no search."""

import csv
import io

import pytest

from members.models import Member, Order
from newretail.kernel import masking
from tests import sights, world


@pytest.fixture(autouse=True)
def _cast(traded):
    world.people({"member_no": "V7", "name": "王小美", "phone": "13800000007", "birthday": "1990-02-03",
                  "store_code": "SH01"})  # fmt: skip


@pytest.mark.parametrize(
    ("name", "short"), [("王小美", "王**"), ("欧阳", "欧**"), (" Ann Lee", "A**"), ("", ""), ("李", "李**")]
)
def test_a_name_is_shortened_whatever_its_length(name, short):
    assert masking.shortened(name) == short


def test_what_nobody_was_given_to_read_shows_no_person():
    eyes = masking.eyes()
    assert (eyes.name("王小美"), eyes.phone("+8613800000007"), eyes.value("oAbCdEfGh1234567")) == (
        "王**",
        "****",
        "****",
    )


def pages(role):
    client = sights.browser(role)
    member, order = Member.objects.get(member_no="V7"), Order.objects.get(order_no="A1")
    paths = ("member/", f"member/{member.pk}/change/", "order/", f"order/{order.pk}/change/")
    return [sights.text(client.get(f"/admin/members/{path}")) for path in paths]


def test_pages_show_persons_to_hq_and_numbers_to_an_auditor():
    for words in (["王小美", "138****0007"], ["王小美", "138****0007", "1990-02-03"], ["张三"], ["张三"]):
        assert any(all(word in page for word in words) for page in pages("hq"))
    said = "".join(pages("auditor"))
    assert not [word for word in ("王小美", "小美", "张三", "李四", "0007", "02-03", "138**") if word in said]
    assert "王**" in said
    assert "张**" in said
    assert "V7" in said


def exported(role, noun):
    text = sights.text(sights.browser(role).post(f"/admin/members/{noun}/export/"))
    return list(csv.DictReader(io.StringIO(text[1:])))


def test_files_are_masked_for_an_auditor_and_whole_but_for_the_phone_for_hq():
    def first(role):
        return [(row["姓名"], row["手机号"]) for row in exported(role, "member") if row["会员号"] == "V7"]

    assert (first("hq"), first("auditor")) == ([("王小美", "138****0007")], [("王**", "****")])
    assert {row["手机号"] for row in exported("auditor", "order")} == {"****", ""}


@pytest.mark.parametrize("term", ["王小美", "wang", "0007", "13800000007"])
def test_no_search_tells_an_auditor_whose_a_name_or_a_phone_is(term):
    def found(role, word):
        return [row.member_no for row in
                sights.browser(role).get("/admin/members/member/", {"q": word}).context["cl"].result_list]  # fmt: skip

    assert (found("hq", term), found("auditor", term), found("auditor", "v7")) == (["V7"], [], ["V7"])
