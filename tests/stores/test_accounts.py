"""An account on the page of its person: its second factor taken off, closed, opened again; by HQ alone."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

from newretail.kernel.actions import factors, users
from newretail.kernel.models import JournalEntry, User
from tests import sights, world

SECRET = "JBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def _cast(noon):
    world.chain()


def guarded(role="manager"):
    user = sights.person(role)
    code = format_hotp_value(hotp_value(SECRET, int(world.NOW.timestamp()) // 30))
    factors.add(user=user, secret=SECRET, code=code, at=world.NOW)
    return user


def deed(role, user, what):
    return sights.browser(role).post(f"/admin/kernel/user/{user.pk}/{what}/").status_code


def test_hq_takes_a_lost_factor_off_and_nobody_else_does():
    user = guarded()
    assert [deed(role, user, "reset") for role in ("auditor", "supervisor", "guide")] == [403, 403, 403]
    assert Authenticator.objects.filter(user=user).exists()
    assert deed("hq", user, "reset") == 302
    assert not Authenticator.objects.filter(user=user).exists()
    assert JournalEntry.objects.get(name="kernel.factor.reset").by.username == "hq"


def test_a_closed_account_opens_nothing_from_the_next_request_and_is_opened_again():
    client, user = sights.browser("manager"), User.objects.get(username="manager")
    assert client.get("/admin/members/member/").status_code == 200
    assert deed("hq", user, "close") == 302
    assert client.get("/admin/members/member/").status_code == 302
    given = {"username": "manager", "password": sights.PASSWORD}
    assert client.post("/admin/login/", given).status_code == 200
    assert deed("hq", user, "open") == 302
    assert client.post("/admin/login/", given).status_code == 302
    assert [JournalEntry.objects.filter(name=f"kernel.user.{n}").count() for n in ("closed", "reopened")] == [1, 1]


def test_nobody_closes_her_own_account_and_nothing_is_done_twice():
    hq = sights.person("hq")
    with pytest.raises(users.OwnAccount):
        users.close(user=hq, at=world.NOW, by=hq)
    with pytest.raises(users.AsItIs):
        users.reopen(user=hq, at=world.NOW)
    assert User.objects.get(pk=hq.pk).is_active
    assert not JournalEntry.objects.filter(name__startswith="kernel.user.").exists()


def test_the_page_says_where_she_stands_and_offers_what_can_be_done():
    user = guarded()
    page = sights.text(sights.browser("hq").get(f"/admin/kernel/user/{user.pk}/change/"))
    assert "店长 · 上海南京西路店" in page
    assert "关闭二次验证" in page
    assert "停用账号" in page
    own = User.objects.get(username="hq")
    assert "停用账号" not in sights.text(sights.browser("hq").get(f"/admin/kernel/user/{own.pk}/change/"))


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", ("权限表", "所辖区域")), ("en", ("Who may do what", "her regions"))]
)
def test_the_table_of_rights_is_a_page_for_hq_and_auditor(language, words):
    for role in ("hq", "auditor"):
        page = sights.text(sights.browser(role, language).get("/admin/rights/"))
        assert all(word in page for word in words)
    assert sights.browser("manager").get("/admin/rights/").status_code == 403
