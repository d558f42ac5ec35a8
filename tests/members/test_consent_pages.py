"""HQ's pages about consent: how a member stands, links, guardians, wordings, requests, copy and erasure."""

import zipfile
from io import BytesIO

import pytest

from members.actions import persons
from members.models import ConsentLink, ConsentText, GuardianConsent, Member, PersonRequest
from newretail.kernel.actions import jobs
from tests import sights, world
from tests.members.consenting import claim, member, plan, row, say, texts


@pytest.fixture(autouse=True)
def known(noon, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    world.chain()
    texts()
    say(row())
    plan(numbers=["V1"])
    claim()


def at(path="", number="V1"):
    return f"/admin/members/member/{member(number).pk}/{path}"


def post(role, path, number="V1", **given):
    return sights.browser(role).post(at(path, number), given)


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", ("营销活动", "企微单聊")), ("en", ("Offers and news", "WeCom"))]
)
def test_the_page_shows_how_each_consent_stands(language, words):
    text = sights.text(sights.browser("hq", language).get(at("consents/")))
    assert all(word in text for word in (*words, "T-1"))
    assert "13800000001" not in text


def test_who_may_look_at_the_member_sees_her_consents_and_only_hq_works_on_her_data():
    manager = sights.text(sights.browser("manager").get(at("consents/")))
    assert "签发链接" in manager
    assert "删除此人" not in manager
    assert sights.browser("manager").get(at("consents/", "V2")).status_code == 404
    assert sights.browser("guide").get(at("consents/")).status_code == 403
    assert post("manager", "person/", do="erase_surely", member_no="V1", reason="request").status_code == 403
    assert post("auditor", "consents/change/", do="issue").status_code == 403
    assert member().name == "张三"


def test_a_link_is_shown_once_and_revoked():
    answer = sights.text(post("manager", "consents/change/", do="issue"))
    assert "http://localhost/my/" in answer
    assert "http://localhost/my/" not in sights.text(sights.browser("hq").get(at("consents/")))
    post("hq", "consents/change/", do="revoke")
    assert ConsentLink.objects.get().revoked_at == world.NOW


def test_a_guardians_word_is_kept_with_its_proof():
    world.people({"member_no": "V1", "birthday": "2016-01-01"})
    given = {"do": "guarded", "relation": "parent", "proof": "妈妈"}
    assert post("hq", "consents/change/", **given).status_code == 422
    assert post("hq", "consents/change/", **{**given, "proof": "FORM-7"}).status_code == 302
    assert GuardianConsent.objects.get().proof == "FORM-7"


def work():
    while jobs.perform_next(jobs.QUEUED):
        pass


def test_a_copy_is_written_fetched_once_and_then_no_more():
    hq = sights.browser("hq")
    assert hq.post(at("person/"), {"do": "copy", "reason": ""}).status_code == 422
    assert hq.post(at("person/"), {"do": "copy", "reason": "request"}).status_code == 302
    work()
    answer = hq.post(at("person/"), {"do": "fetch"})
    with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as packed:
        assert sorted(packed.namelist()) == ["person.en.html", "person.json", "person.zh.html"]
    assert hq.post(at("person/"), {"do": "fetch"}).status_code == 422


def test_erasing_asks_twice_and_wants_her_number():
    hq = sights.browser("hq")
    plan_over()
    first = sights.text(hq.post(at("person/"), {"do": "erase", "reason": "request"}))
    assert "输入 V1" in first
    assert hq.post(at("person/"), {"do": "erase_surely", "reason": "request", "member_no": "V2"}).status_code == 422
    assert member().name == "张三"
    pk = member().pk
    assert hq.post(at("person/"), {"do": "erase_surely", "reason": "request", "member_no": "V1"}).status_code == 302
    assert Member.objects.get(pk=pk).name == ""
    assert "已于" in sights.text(hq.get(at("consents/")))


def plan_over():
    """Let the touch that is on its way end."""
    from members.actions import touches
    from members.models import Touch

    touches.settle(results=[touches.Settlement(Touch.objects.get().ref, "sent")], at=world.NOW)


def test_what_is_under_way_stands_on_the_page_as_the_reason():
    answer = post("hq", "person/", do="erase_surely", reason="request", member_no="V1")
    assert answer.status_code == 422
    assert "发送中的触达" in sights.text(answer)
    assert member().name == "张三"


def test_a_wording_is_published_by_hq_and_one_that_lacks_something_is_not():
    given = {"purpose": "care", "title_zh": "关怀", "body_zh": "新文本", "title_en": "Care", "body_en": "New text"}
    publish = "/admin/members/consenttext/publish/"
    assert sights.browser("auditor").post(publish, given).status_code == 403
    assert sights.browser("hq").post(publish, {**given, "body_en": ""}).status_code == 422
    assert sights.browser("hq").post(publish, given).status_code == 302
    assert ConsentText.objects.filter(purpose="care").count() == 2


def test_requests_are_worked_off_on_their_list():
    asked = persons.request(member=member(), kind="export", at=world.NOW)
    hq = sights.browser("hq")
    assert "V1" in sights.text(hq.get("/admin/members/personrequest/"))
    url = f"/admin/members/personrequest/{asked.pk}/"
    assert hq.get(f"{url}change/").status_code == 200
    assert hq.post(f"{url}refuse/", {"answer": ""}).status_code == 422
    assert sights.browser("auditor").post(f"{url}refuse/", {"answer": "x"}).status_code == 403
    assert hq.post(f"{url}refuse/", {"answer": "身份未核实"}).status_code == 302
    assert PersonRequest.objects.get().state == "refused"


@pytest.mark.parametrize("path", ["consent", "touch", "consenttext", "personrequest"])
def test_each_list_opens_within_its_queries(path):
    hq = sights.browser("hq")
    with sights.asked() as asked:
        assert hq.get(f"/admin/members/{path}/").status_code == 200
    assert len(asked) <= sights.MOST_QUERIES


@pytest.mark.parametrize("role", ["manager", "supervisor"])
def test_who_sees_some_stores_sees_nothing_of_other_members(role):
    say(row("V2"))
    plan(numbers=["V2"])
    pages = ["/admin/members/consent/", "/admin/members/touch/", at("consents/")]
    text = "".join(sights.text(sights.browser(role).get(page)) for page in pages)
    assert "V1" in text
    assert not any(word in text for word in ("V2", "李四", "天河"))
