"""The search box: every way people ask, within sight, masked, a few of each kind, at a bounded cost."""

import pytest

from analytics.queries import search as finding
from members.models import Member
from tests import sights, world

pytestmark = pytest.mark.usefixtures("noon")


@pytest.fixture(autouse=True, scope="module")
def _cast(long_trade):
    world.people({"member_no": "V3", "name": "曾小美", "phone": "13912345678", "store_code": "GZ01"})


def ask(role, term, language="zh-hans"):
    return sights.browser(role, language).post("/search/", {"q": term}, headers={"X-Part": "results"})


def found(role, term):
    return {group["name"]: [line["title"] for line in group["lines"]] for group in ask(role, term).context["groups"]}


WAYS = [
    ("张三", {"会员": ["张三"]}), ("zhang", {"会员": ["张三"]}), ("zengxiaomei", {"会员": ["曾小美"]}), ("V2", {"会员": ["李四"]}),
    ("v2", {"会员": ["李四"]}), ("5678", {"会员": ["曾小美"]}), ("2345678", {"会员": ["曾小美"]}), ("13912345678", {"会员": ["曾小美"]}),
    ("+86 139-1234-5678", {"会员": ["曾小美"]}), ("A2", {"订单": ["A2"]}), ("a2", {"订单": ["A2"]}), ("gz01", {"门店": ["广州天河店"]}),
    ("天河", {"门店": ["广州天河店"]}), ("tea", {"商品": ["明前龙井"]}), ("坚果", {"商品": ["每日坚果"]}), ("M1", {"员工": ["王店长"]}),
    ("王店", {"员工": ["王店长"]}), ("nobody", {}), ("999", {}), ("%", {}), ("'; --", {}), ("a\0b", {}),
]  # fmt: skip


@pytest.mark.parametrize(("term", "answer"), WAYS)
def test_hq_finds_in_every_way_people_ask(term, answer):
    assert found("hq", term) == answer


@pytest.mark.parametrize("term", ["", " ", "a", "1", "\u3000"])
def test_too_short_a_term_asks_nothing(term):
    response = ask("hq", term)
    assert response.context["groups"] == []
    assert "至少两个字母或数字" in sights.text(response)


@pytest.mark.parametrize(
    "term", ["李四", "li si", "V2", "0002", "13800000002", "A3", "GZ01", "天河", "曾小美", "小美", "G1"]
)
def test_a_manager_finds_nothing_out_of_her_sight(term):
    assert found("manager", term) == {}
    assert found("hq", term)


def test_a_manager_finds_what_is_hers_and_a_supervisor_her_region():
    for role in ("manager", "supervisor"):
        assert found(role, "张三") == {"会员": ["张三"]}
        assert found(role, "A1") == {"订单": ["A1"]}
        assert found(role, "SH01") == {"门店": ["上海南京西路店"]}


def test_phones_are_masked_whoever_asks():
    text = sights.text(ask("hq", "13912345678"))
    assert "139****5678" in text
    assert "13912345678" not in text.replace('value="13912345678"', "")


def test_an_auditor_finds_members_by_number_alone_and_never_learns_whose_a_phone_is():
    for term in ("张三", "zhang", "13800000001", "0001"):
        assert found("auditor", term) == {}
    response = ask("auditor", "V1")
    assert [line["title"] for group in response.context["groups"] for line in group["lines"]] == ["张**"]
    assert "138" not in sights.text(response)


def test_a_guide_a_stranger_and_an_integrator_do_not_search():
    assert ask("guide", "张三").status_code == 403
    assert "/login/" in ask("integrator", "张三")["Location"]
    stranger = sights.Client(headers={"host": "localhost"}).post("/search/", {"q": "张三"})
    assert stranger.status_code == 302
    assert "/login/" in stranger["Location"]


def test_another_brand_is_never_found(other_brand):
    with other_brand:
        world.people({"member_no": "N1", "name": "邻家人", "phone": "13700000009"})
    for term in ("邻家人", "N1", "13700000009"):
        assert found("hq", term) == {}


def test_a_few_of_each_kind_are_shown_and_the_rest_is_said_to_be_there():
    world.people(*({"member_no": f"W{i}", "name": "王小明"} for i in range(9)))
    (group,) = ask("hq", "王小明").context["groups"]
    assert len(group["lines"]) == finding.MOST
    assert group["more"]


def test_every_line_leads_to_a_page_of_its_person_or_thing():
    client = sights.browser("hq")
    for term in ("张三", "A2", "GZ01", "TEA", "M1"):
        for group in client.post("/search/", {"q": term}).context["groups"]:
            assert [client.get(line["link"]).status_code for line in group["lines"]] == [200]


def test_without_a_script_the_box_gives_a_whole_page_and_nothing_keeps_the_term():
    response = sights.browser("hq").post("/search/", {"q": "张三"})
    assert "<html" in sights.text(response)
    assert response["Cache-Control"] == "no-store"
    assert sights.browser("hq").get("/search/?q=张三").context["groups"] == []


def test_the_cost_does_not_grow_with_the_members():
    client = sights.browser("hq")

    def cost():
        with sights.asked() as asked:
            client.post("/search/", {"q": "王"}, headers={"X-Part": "results"})
        return len(asked)

    few = cost()
    world.people(*({"member_no": f"W{i}", "name": "王小明", "store_code": "SH01"} for i in range(60)))
    assert cost() == few <= 12
    assert Member.objects.count() == 63
