"""A second factor: set up with a phone's code, asked for after the password, proven once, taken off when it is lost."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.core.management import CommandError, call_command
from django.test import Client, override_settings

from newretail.kernel.actions import factors, settings
from newretail.kernel.models import JournalEntry, User
from tests import sights, world

SECRET = "JBSWY3DPEHPK3PXP"
HOME = "/admin/kernel/journalentry/"


@pytest.fixture(autouse=True)
def clock(noon):
    world.chain()
    return noon


def code(at=world.NOW, secret=SECRET):
    return format_hotp_value(hotp_value(secret, int(at.timestamp()) // 30))


def later(clock, seconds=60):
    clock.shift(timedelta(seconds=seconds))


def guarded(role="hq"):
    """Someone in a role who has a second factor, set up a minute ago; and her spare codes."""
    user = sights.person(role)
    ago = world.NOW - timedelta(minutes=5)
    return user, factors.add(user=user, secret=SECRET, code=code(ago), at=ago)


def stranger():
    return Client(headers={"host": "localhost"})


def sign_in(client, username="hq", password=sights.PASSWORD, path="/admin/login/"):
    return client.post(path, {"username": username, "password": password})


def give(client, given):
    return client.post("/account/code/", {"code": given})


def test_without_a_factor_the_password_opens_and_with_one_it_does_not():
    sights.person("manager")
    guarded()
    plain, client = stranger(), stranger()
    assert sign_in(plain, "manager").url == "/"
    assert plain.get("/stores/").status_code in (200, 302)
    assert sign_in(client).url == "/account/code/"
    assert client.get(HOME).url.startswith("/admin/login/")
    assert give(client, code()).status_code == 302
    assert client.get(HOME).status_code == 200


def test_the_page_asked_for_is_where_one_arrives():
    guarded()
    client = stranger()
    sign_in(client, path=f"/admin/login/?next={HOME}")
    assert give(client, code()).url == HOME


@pytest.mark.parametrize("wrong", ["000000", "", "12345", "١٢٣٤٥٦", "abcdef", "\0", "9" * 500])
def test_a_wrong_code_opens_nothing_and_is_said(wrong):
    guarded()
    client = stranger()
    sign_in(client)
    answer = give(client, wrong)
    assert answer.status_code == 200
    assert client.get(HOME).status_code == 302


def test_a_code_of_the_clock_opens_once():
    guarded()
    first, second = stranger(), stranger()
    sign_in(first)
    sign_in(second)
    assert give(first, code()).status_code == 302
    assert give(second, code()).status_code == 200
    assert second.get(HOME).status_code == 302
    assert first.get(HOME).status_code == 200


def test_a_clock_one_step_off_is_forgiven_and_two_are_not(clock):
    user, _ = guarded()
    assert factors.step_of(SECRET, code(world.NOW - timedelta(seconds=30)), world.NOW)
    assert factors.step_of(SECRET, code(world.NOW + timedelta(seconds=30)), world.NOW)
    assert factors.step_of(SECRET, code(world.NOW + timedelta(seconds=60)), world.NOW) is None
    assert factors.prove(user=user, code=code(), at=world.NOW)


def test_a_spare_code_opens_once_and_is_written_down():
    user, spare = guarded()
    first, second = stranger(), stranger()
    for client in (first, second):
        sign_in(client)
        give(client, spare[3])
    assert (first.get(HOME).status_code, second.get(HOME).status_code) == (200, 302)
    assert JournalEntry.objects.get(name="kernel.spare_code.used").by == user


@override_settings(AXES_ENABLED=True, AXES_FAILURE_LIMIT=3)
def test_wrong_codes_lock_out_as_wrong_passwords_do():
    guarded()
    client = stranger()
    sign_in(client)
    statuses = [give(client, "000000").status_code for _ in range(4)]
    assert statuses[-1] == 429
    assert give(client, code()).status_code == 429
    assert client.get(HOME).status_code == 302


@override_settings(AXES_ENABLED=True, AXES_FAILURE_LIMIT=3)
def test_tries_at_one_name_in_many_cases_are_tries_at_one_name():
    sights.person("hq")
    statuses = [sign_in(stranger(), name, "wrong-one-1").status_code for name in ("hq", "HQ", "Hq", "hQ")]
    assert statuses[-1] == 429


def set_up(client, **given):
    page = client.get("/account/factor/")
    secret = re.sub(r"\s", "", page.context["secret"])
    return page, client.post("/account/factor/", {"code": code(secret=secret), "password": sights.PASSWORD, **given})


def test_a_factor_is_set_up_on_its_page_and_the_secret_is_kept_encrypted():
    client = sights.browser("hq")
    page, answer = set_up(client)
    assert "data:image/svg+xml;base64," in sights.text(page)
    assert len(answer.context["codes"]) == 10
    kept = Authenticator.objects.get(type="totp").data["secret"]
    secret = re.sub(r"\s", "", page.context["secret"])
    assert (kept != secret, decrypt(kept)) == (True, secret)
    assert JournalEntry.objects.filter(name="kernel.factor.added").count() == 1
    assert client.get("/account/factor/").status_code == 302


@pytest.mark.parametrize("given", [{"code": "000000"}, {"password": "wrong-one-1"}, {"code": ""}])
def test_a_factor_is_not_set_up_with_a_wrong_code_or_password(given):
    answer = set_up(sights.browser("hq"), **given)[1]
    assert answer.status_code == 422
    assert not Authenticator.objects.exists()


def test_spare_codes_are_renewed_and_the_factor_is_taken_off_for_the_password():
    user, spare = guarded()
    client = sights.browser("hq")
    assert client.post("/account/factor/codes/", {"password": "wrong-one-1"}).status_code == 422
    renewed = client.post("/account/factor/codes/", {"password": sights.PASSWORD}).context["codes"]
    assert not set(renewed) & set(spare)
    with pytest.raises(factors.WrongCode):
        factors.prove(user=user, code=spare[0], at=world.NOW)
    assert client.post("/account/factor/remove/", {"password": "wrong-one-1"}).status_code == 422
    assert Authenticator.objects.count() == 2
    assert client.post("/account/factor/remove/", {"password": sights.PASSWORD}).status_code == 302
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize("role", ["hq", "auditor"])
def test_where_the_brand_asks_for_it_nothing_opens_before_it_is_set_up(role):
    client = sights.browser(role)
    assert client.get(HOME).status_code == 200
    settings.put(key="mfa_required", value="on", at=world.NOW)
    assert client.get(HOME).url == "/account/factor/"
    assert client.post("/admin/members/member/export/").url == "/account/factor/"
    assert client.get("/account/").status_code == 200
    set_up(client)
    assert client.get(HOME).status_code == 200


def test_who_does_not_see_the_whole_brand_is_not_asked():
    settings.put(key="mfa_required", value="on", at=world.NOW)
    assert sights.browser("manager").get("/admin/members/member/").status_code == 200


def test_a_reset_takes_the_factor_off_ends_her_sessions_and_is_written_down():
    user, _ = guarded()
    client = stranger()
    sign_in(client)
    give(client, code())
    assert client.get(HOME).status_code == 200
    boss = sights.person("auditor")
    factors.reset(user=user, at=world.NOW, by=boss)
    assert client.get(HOME).status_code == 302
    assert not Authenticator.objects.exists()
    assert JournalEntry.objects.get(name="kernel.factor.reset").by == boss


def test_nobody_resets_her_own_and_there_must_be_one():
    user, _ = guarded()
    with pytest.raises(factors.OwnFactor):
        factors.reset(user=user, at=world.NOW, by=user)
    assert Authenticator.objects.count() == 2
    with pytest.raises(factors.NoFactor):
        factors.reset(user=sights.person("manager"), at=world.NOW)


def test_the_command_line_resets_and_says_refusals_in_both_languages(capsys):
    user, _ = guarded()
    call_command("reset_second_factor", "HQ", "--brand", "acme")
    assert not Authenticator.objects.exists()
    with pytest.raises(CommandError) as told:
        call_command("reset_second_factor", "hq", "--brand", "acme")
    assert "没有设置二次验证" in str(told.value)
    assert "This person has no second factor." in str(told.value)
    assert User.objects.get(pk=user.pk).session_no == 1


def test_an_integrator_has_no_pages_and_a_guide_only_her_own():
    for role in ("integrator", "guide"):
        sights.person(role)
    client = stranger()
    assert sign_in(stranger(), "integrator").status_code == 200
    assert sign_in(client, "guide").url == "/"
    assert client.get("/").url == "/g/"
    assert 'role="search"' not in sights.text(client.get("/account/"))
    assert 'role="search"' in sights.text(sights.browser("manager").get("/account/"))


def test_a_name_is_one_name_in_any_case():
    sights.person("hq")
    assert sign_in(stranger(), "HQ").status_code == 302
    again = sights.posts.admit(username="Hq", password=sights.PASSWORD, name="x", role="auditor", at=world.NOW)
    assert (User.objects.filter(username__iexact="hq").count(), again.username) == (1, "hq")
    outcome = world.staff(
        {"staff_no": "g7", "name": "甲", "store_code": "SH01", "role": "guide"},
        {"staff_no": "G7", "name": "乙", "store_code": "SH01", "role": "guide"},
        {"staff_no": "HQ", "name": "丙", "store_code": "SH01", "role": "guide"},
    )
    assert (outcome.created, [(r.line, r.code) for r in outcome.refusals]) == (
        1, [(2, "username_taken"), (3, "username_taken")],
    )  # fmt: skip
