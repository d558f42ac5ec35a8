"""Commission on the phone: what was earned is shown, explained and disputed; of a colleague's nothing is seen."""

import uuid
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guides.actions import commission_adjustments, commission_months, credits
from guides.models import CommissionStatement, CreditDispute
from guides.views import team_pay
from newretail.kernel import clock
from newretail.kernel.actions import relay
from newretail.kernel.models import User
from newretail.kernel.verbs import verb
from stores.models import Post
from tests import earning, paying, serving, sharing, sights, world
from tests.earning import boss

PAY, CLAIMS, TEAM = "/g/pay/", "/g/pay/claims/", "/g/team/pay/"


@pytest.fixture(autouse=True)
def _june(noon):
    paying.shops()
    paying.sold()


def say(client, order_no="M1", words="我带她下的单", headers=None, **more):
    given = {"source": "pos", "order": order_no, "words": words, "ref": uuid.uuid4(), **more}
    return client.post(f"{CLAIMS}do/", given, headers=headers)


@verb
def numberless(staff_no: str, username: str) -> None:
    """Take somebody's staff number away; she signs in by this name."""
    User.objects.filter(staff_no=staff_no).update(staff_no=None, username=username)


def computed(noon):
    """June, computed on the first of July."""
    noon.move_to(world.NOW.replace(month=7, day=1))
    return commission_months.compute(month=paying.JUNE, at=clock.now(), by=boss())


def test_what_she_earned_stands_there_to_the_cent_line_by_line():
    said = sights.text(serving.phone("G1").get(PAY))
    for words in ("我的佣金", "预计", "明前龙井", "每日坚果", "退款扣回", "+¥3.60", "-¥1.20", "这单是我的", "¥3.60"):
        assert words in said
    english = sights.text(serving.phone("G1", "en").get(f"{PAY}?month=2026-06"))
    for words in ("My commission", "provisional", "taken back for a refund", "This order is mine"):
        assert words in english
    assert "这个月还没有佣金" in sights.text(serving.phone("G2").get(PAY))


def test_a_line_is_explained_in_words_and_figures():
    phone = serving.phone("G1")
    said = sights.text(phone.get(f"{PAY}lines/2026-06/1/"))
    for words in ("A1", "明前龙井", "¥66.66", "¥22.22", "成交导购", "100.00%", "付款当日等级 1", "3.00%", "× 1.5", "× 1.2",
                  "5.40%", "¥3.60", "¥1.20", "¥2.40", "2026-06-10", "第 1 版", "退款扣回"):  # fmt: skip
        assert words in said
    assert "level 1 that day" in sights.text(serving.phone("G1", "en").get(f"{PAY}lines/2026-06/1/"))
    for wrong in ("2026-06/99", "2026-13/1", "2026-6/1", f"2026-06/{10**30}", "2026-06/0"):
        assert phone.get(f"{PAY}lines/{wrong}/").status_code == 404


def test_what_is_earned_beside_sales_is_explained_too(noon):
    terms = {"bounty_cents": 500, "bounty_days": 30, "task_cents": 200, "tasks_most": 9, "month_most_cents": 1_000,
             "steps": [{"from_cents": 100, "pay_cents": 3_000}]}  # fmt: skip
    earning.publish("commission", {**earning.SCHEME, **terms}, date(2026, 6, 16))
    noon.shift(serving.DAY)
    serving.bind("V2", "G1", at=clock.now())
    serving.complete(serving.give("V1", "G1", at=clock.now()), "refused", at=clock.now())
    relay.drain(at=clock.now())
    given = {"at": clock.now(), "by": boss(), "user": serving.guide("G1")}
    commission_adjustments.adjust(month=paying.JUNE, cents=-70, reason="多发更正", ref=uuid.uuid4(), **given)
    computed(noon)
    phone = serving.phone("G1")
    wanted = {"李四": "¥5.00", "任务奖": "¥2.00", "满 ¥1.00 一档": "¥30.00", "每月封顶": "¥10.00", "多发更正": "-¥0.70"}
    paths = [f"{PAY}lines/2026-06/{nth}/" for nth in range(1, 8)] + [f"{PAY}lines/2026-07/1/"]
    pages = [sights.text(phone.get(path)) for path in paths]
    for words, amount in wanted.items():
        assert any(words in said and amount in said for said in pages), words
    assert "任务奖" in sights.text(phone.get(f"{PAY}statements/2026-06/"))


def test_a_month_tells_what_it_comes_to(noon):
    phone = serving.phone("G1")
    said = sights.text(phone.get(f"{PAY}statements/2026-06/"))
    assert all(words in said for words in ("佣金", "退款扣回", "尚未核算", "¥3.60"))
    computed(noon)
    phone = serving.phone("G1")
    said = sights.text(phone.get(f"{PAY}statements/2026-06/"))
    assert all(words in said for words in ("应发佣金", "¥3.60", "已核算"))
    assert phone.get(f"{PAY}statements/2026-05/").status_code == 404


def test_nothing_of_a_colleagues_pay_is_seen():
    missing = serving.phone("G2").get("/g/pay/lines/2026-05/1/")
    for path in ("lines/2026-06/1/", "statements/2026-06/"):
        answer = serving.phone("G2").get(f"{PAY}{path}")
        assert (answer.status_code, sights.text(answer)) == (404, sights.text(missing))
    for path in (TEAM, f"{TEAM}2026-06/G1/"):
        assert serving.phone("G2").get(path).status_code == 403


def test_an_order_of_her_customer_that_another_has_is_claimed_in_two_taps_and_decided():
    paying.online()
    serving.bind("V2", "G2")
    earning.buy("N1", "50.00", "2026-06-14", member_no="V2", staff_no="G1")
    other, phone = serving.phone("G1"), serving.phone("G2")
    assert "N1" in sights.text(phone.get(CLAIMS))
    assert "N1" not in sights.text(other.get(CLAIMS))
    assert say(phone, "N1")["location"] == CLAIMS
    raised = CreditDispute.objects.get()
    assert (raised.post, raised.words, raised.photo) == (serving.post("G2"), "我带她下的单", None)
    assert "等待总部处理" in sights.text(phone.get(CLAIMS))
    credits.grant(dispute=raised, shares={raised.post: 10_000}, reason="属实", at=world.NOW, by=boss())
    said = sights.text(phone.get(CLAIMS))
    assert "属实" in said
    assert "已同意" in said
    assert "+¥1.80" in sights.text(phone.get(PAY))
    assert "裁定" in sights.text(phone.get(f"{PAY}lines/2026-06/2/"))
    assert "我带她下的单" not in sights.text(other.get(CLAIMS))


def test_an_order_of_her_store_is_found_by_its_whole_number_and_tells_no_name():
    phone = serving.phone("G2")
    said = sights.text(phone.get(f"{CLAIMS}?q=a1"))
    assert "A1" in said
    assert "张三" not in said
    assert "张三" in sights.text(serving.phone("G1").get(f"{CLAIMS}?q=A1"))
    assert "没有这个单号" in sights.text(serving.phone("G9").get(f"{CLAIMS}?q=A1"))
    for asked in ("A", "%", "\0A1", "x" * 200):
        assert phone.get(CLAIMS, {"q": asked}).status_code == 200
    assert say(serving.phone("G9"), "A1").status_code == 404
    assert say(phone, "").status_code == 422
    assert not CreditDispute.objects.exists()


def test_what_is_sent_again_is_claimed_once_and_what_says_nothing_is_refused():
    phone, ref = serving.phone("G2"), uuid.uuid4()
    for _again in range(2):
        assert say(phone, "A1", headers={"x-queue": "1"}, ref=ref).json() == {"refused": ""}
    assert CreditDispute.objects.count() == 1
    assert "请等待总部处理" in say(phone, "A1", headers={"x-queue": "1"}).json()["refused"]
    assert say(serving.phone("G1"), "A1").status_code == 422  # wholly hers
    serving.bind("V2", "G2")
    earning.buy("N1", "50.00", "2026-06-14", member_no="V2", staff_no="G1")
    assert "400 字" in sights.text(say(phone, "N1", words=" "))
    assert say(phone, "N1", headers={"hx-request": "true"})["hx-redirect"] == CLAIMS


def test_a_photo_goes_with_it_and_is_seen_by_her_alone():
    phone = serving.phone("G2")
    bad = SimpleUploadedFile("a.jpg", b"none", "image/jpeg")
    assert "JPEG" in sights.text(say(phone, "A1", photo=bad))
    assert not CreditDispute.objects.exists()
    assert say(phone, "A1", photo=SimpleUploadedFile("a.jpg", sharing.picture(), "image/jpeg")).status_code == 302
    raised = CreditDispute.objects.get()
    path = f"{CLAIMS}{raised.ref}/photo"
    assert phone.get(path).content[:2] == b"\xff\xd8"
    assert path in sights.text(phone.get(CLAIMS))
    assert serving.phone("G1").get(path).status_code == 404


def test_a_manager_opens_the_statements_of_her_guides_and_finds_them_right(noon):
    world.buy(world.order("GZ", "70.00", "2026-06-03", member_no="V2", store_code="GZ01", staff_no="G9"))
    earning.hear()
    say(serving.phone("G2"), "A1")
    manager = serving.phone("M1")
    assert "还没有已核算的月份" in sights.text(manager.get(TEAM))
    computed(noon)
    manager = serving.phone("M1")
    said = sights.text(manager.get(TEAM))
    assert all(words in said for words in ("小美", "¥3.60", "待复核", "我带她下的单", "小丽"))
    assert "阿强" not in said
    assert "明前龙井" in sights.text(manager.get(f"{TEAM}2026-06/G1/"))
    assert "付款当日等级 1" in sights.text(manager.get(f"{TEAM}2026-06/G1/1/"))
    for path in ("2026-06/G9/", "2026-06/G9/1/", "2026-05/G1/", "2026-06/G1/99/", "x/G1/"):
        assert manager.get(f"{TEAM}{path}").status_code == 404
    for _again in range(2):
        answer = manager.post(f"{TEAM}do/", {"month": "2026-06", "staff_no": "G1", "seen": "360", "ref": uuid.uuid4()})
        assert answer["location"] == f"{TEAM}?month=2026-06"
    reviewed = CommissionStatement.objects.get(account__user__staff_no="G1")
    assert reviewed.reviewed_by == serving.guide("M1")
    assert "店长已复核" in sights.text(serving.phone("G1").get(f"{PAY}?month=2026-06"))
    assert manager.post(f"{TEAM}do/", {"month": "2026-06", "staff_no": "G9"}).status_code == 404
    assert manager.post(f"{TEAM}do/", {}).status_code == 422
    assert "Commission of my team" in sights.text(serving.phone("M1", "en").get(TEAM))
    assert all("本店佣金" in sights.text(manager.get(path)) for path in ("/g/me/", "/g/team/"))


def test_a_manager_sees_what_her_guides_claim_with_their_photos_and_nothing_of_her_own_or_another_store():
    photo = {"photo": SimpleUploadedFile("a.jpg", sharing.picture(), "image/jpeg")}
    assert say(serving.phone("G2"), "A1", **photo).status_code == 302
    photo["photo"].seek(0)
    assert say(serving.phone("M1"), "A1", words="店长自己的单", **photo).status_code == 302
    hers, own = (CreditDispute.objects.get(post__user__staff_no=number) for number in ("G2", "M1"))
    path, own_path = (f"{TEAM}claims/{raised.ref}/photo" for raised in (hers, own))
    manager = serving.phone("M1")
    said = sights.text(manager.get(TEAM))
    assert all(words in said for words in ("我带她下的单", "小丽", path))
    assert "店长自己的单" not in said
    assert own_path not in said
    assert manager.get(path).content[:2] == b"\xff\xd8"
    for missing in (own_path, f"{TEAM}claims/{uuid.uuid4()}/photo", f"{TEAM}claims/x/photo"):
        assert manager.get(missing).status_code == 404
    world.staff({"staff_no": "M9", "name": "广州店长", "store_code": "GZ01", "role": "manager"})
    assert serving.phone("M9").get(path).status_code == 404
    assert "我带她下的单" not in sights.text(serving.phone("M9").get(TEAM))
    assert sights.browser("auditor").get(path).status_code == 403
    assert serving.phone("G2").get(path).status_code == 403
    assert manager.post(f"/admin/guides/creditdispute/{hers.pk}/decide/", {"reason": "同意"}).status_code == 403
    assert CreditDispute.objects.get(pk=hers.pk).state == "open"


def test_a_guide_without_a_staff_number_is_opened_and_reviewed_by_her_user_name(noon):
    computed(noon)
    numberless("G1", "xiaomei")
    manager = serving.phone("M1")
    path = f"{TEAM}2026-06/xiaomei/"
    assert path in sights.text(manager.get(TEAM))
    said = sights.text(manager.get(path))
    assert f"{path}1/" in said
    assert 'value="xiaomei"' in said
    assert path in sights.text(manager.get(f"{path}1/"))
    assert manager.get(f"{TEAM}2026-06/G1/").status_code == 404
    given = {"month": "2026-06", "staff_no": "xiaomei", "seen": "360", "ref": uuid.uuid4()}
    assert manager.post(f"{TEAM}do/", given).status_code == 302
    reviewed = CommissionStatement.objects.get(account__user__username="xiaomei")
    assert reviewed.reviewed_by == serving.guide("M1")


def test_who_has_no_staff_number_is_reached_on_the_pages_that_follow(noon, monkeypatch):
    for number in ("G2", "G3"):
        world.staff({"staff_no": number, "name": number, "store_code": "SH01", "role": "guide"})
        earning.buy(f"N{number}", "50.00", "2026-06-04", staff_no=number)
    numberless("G1", "zhang")
    numberless("G3", "a3")
    computed(noon)
    monkeypatch.setattr(team_pay, "SHOWN", 1)
    manager, address, met = serving.phone("M1"), TEAM, []
    while address:
        context = manager.get(address).context
        met += [each.staff_no for each in context["found"]]
        address = context["after"] and f"{TEAM}?month=2026-06&after={context['after']}"
    assert sorted(met) == ["G2", "a3", "zhang"]


def test_nobody_reviews_her_own_statement_and_an_auditor_none(noon):
    earning.buy("S1", "30.00", "2026-06-03", staff_no="M1")
    computed(noon)
    manager = serving.phone("M1")
    assert Post.objects.get(user__staff_no="M1").role == "manager"
    assert manager.get(f"{TEAM}2026-06/M1/").status_code == 404
    assert sights.browser("supervisor").get(f"{TEAM}2026-06/M1/").status_code == 200
    assert sights.browser("auditor").get(TEAM).status_code == 403


def test_pages_ask_as_much_however_much_was_earned(noon):
    phone, manager = serving.phone("G1"), serving.phone("M1")
    paths = [(phone, PAY), (phone, f"{PAY}lines/2026-06/1/"), (phone, f"{PAY}statements/2026-06/"), (phone, CLAIMS),
             (phone, f"{CLAIMS}?q=A1"), (manager, TEAM), (manager, f"{TEAM}2026-06/G1/"),
             (manager, f"{TEAM}2026-06/G1/1/")]  # fmt: skip
    counts = []
    for more in (0, 60):
        world.buy(*(world.order(f"P{more}{n}", "9.00", "2026-06-04", member_no="V1", store_code="SH01", staff_no="G1")
                    for n in range(more)))  # fmt: skip
        earning.hear()
        commission_months.compute(month=paying.JUNE, at=world.NOW.replace(month=7, day=1), by=boss())
        for client, path in paths:
            with sights.asked() as asked:
                assert client.get(path).status_code == 200, path
            counts.append(len(asked))
    assert counts[:8] == counts[8:]
    assert max(counts) <= sights.MOST_QUERIES, counts
    assert "before=" in sights.text(phone.get(PAY))
