"""Signing in by WeCom: offered where the brand has an app; a state counts once; who comes is who WeCom says."""

import json
from io import StringIO
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from guides import wecom
from guides.actions import wecom_apps
from guides.models import WecomApp
from newretail.kernel.webhooks.calls import NoAnswer
from tests import serving, sights, world

APP = {"corp_id": "ww1234567890abcdef", "agent_id": "1000002", "secret": "s3cret-of-the-app-1234"}
TOKEN = {"errcode": 0, "access_token": "T"}


class Wecom:
    """A WeCom that answers as it is told, and remembers what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []

    def get(self, url, most):
        self.asked.append(url)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, bytes) else json.dumps(answer).encode()


@pytest.fixture(autouse=True)
def _shops(noon):
    serving.shops()


@pytest.fixture
def app(_shops):
    return wecom_apps.keep(**APP, at=world.NOW)


def answering(monkeypatch, *answers):
    wire = Wecom(*answers)
    monkeypatch.setattr(wecom, "LINE", wecom.Line(wire))
    return wire


def left(phone):
    """Leave for WeCom; gives the state that it is to bring back."""
    return parse_qs(urlsplit(phone.get("/g/wecom/")["location"]).query)


def phone():
    return Client(headers={"host": "localhost"})


def test_without_an_app_there_is_no_such_way():
    assert phone().get("/g/wecom/").status_code == phone().get("/g/wecom/back/").status_code == 404
    assert "企业微信" not in sights.text(phone().get("/admin/login/"))


def test_with_an_app_the_way_is_offered_and_leads_to_wecom(app):
    assert "企业微信登录" in sights.text(phone().get("/admin/login/"))
    there = phone().get("/g/wecom/")["location"]
    assert there.startswith("https://open.weixin.qq.com/connect/oauth2/authorize?")
    assert there.endswith("#wechat_redirect")
    given = parse_qs(urlsplit(there).query)
    assert (given["appid"], given["agentid"]) == ([APP["corp_id"]], [APP["agent_id"]])
    assert given["redirect_uri"] == ["http://localhost/g/wecom/back/"]
    assert APP["secret"] not in there


def test_who_wecom_names_is_signed_in(app, monkeypatch):
    wire, hers = answering(monkeypatch, TOKEN, {"errcode": 0, "userid": "g1"}), phone()
    state = left(hers)["state"][0]
    assert hers.get("/g/wecom/back/", {"code": "C", "state": state})["location"] == "/g/"
    assert "小美" in sights.text(hers.get("/g/"))
    assert f"corpsecret={APP['secret']}" in wire.asked[0]
    assert "access_token=T&code=C" in wire.asked[1]


@pytest.mark.parametrize("userid", ["S1", "nobody", "G1\0", "", 7])
def test_whom_no_store_knows_is_not_let_in(app, monkeypatch, userid):
    answering(monkeypatch, TOKEN, {"errcode": 0, "userid": userid})
    hers = phone()
    assert hers.get("/g/wecom/back/", {"code": "C", "state": left(hers)["state"][0]}).status_code == 403
    assert "_auth_user_id" not in hers.session


@pytest.mark.parametrize("answers", [
    [NoAnswer("timeout")], [b"<html>"], [[]], [{"errcode": 40001}], [TOKEN, {"errcode": 40029}], [b"[" * 20_000],
    [TOKEN, {"errcode": 0, "openid": "O"}],
])  # fmt: skip
def test_whatever_wecom_says_instead_is_told_in_a_sentence(app, monkeypatch, answers):
    answering(monkeypatch, *answers)
    hers = phone()
    answer = hers.get("/g/wecom/back/", {"code": "C", "state": left(hers)["state"][0]})
    assert answer.status_code == 403
    assert "企业微信没有返回您的身份" in sights.text(answer)


def test_a_state_counts_once_and_in_its_own_session(app, monkeypatch):
    wire, hers, other = answering(monkeypatch, TOKEN, {"userid": "G1"}), phone(), phone()
    state = left(hers)["state"][0]
    left(other)
    for client, told in ((other, state), (other, ""), (phone(), state), (hers, "é"), (hers, state)):
        assert client.get("/g/wecom/back/", {"code": "C", "state": told}).status_code == 403
    assert wire.asked == []


def test_who_needs_a_second_factor_comes_by_password_alone(app, monkeypatch):
    from newretail.kernel.actions import settings

    settings.put(key="mfa_required", value="on", at=world.NOW)
    sights.posts.admit(username="G1", password=sights.PASSWORD, name="小美", role="hq", at=world.NOW)
    answering(monkeypatch, TOKEN, {"userid": "G1"})
    hers = phone()
    assert hers.get("/g/wecom/back/", {"code": "C", "state": left(hers)["state"][0]}).status_code == 403


@pytest.mark.parametrize("wrong", [{"corp_id": ""}, {"corp_id": "a b c d"}, {"agent_id": "x"}, {"agent_id": "１０"},
                                   {"secret": "short"}, {"secret": "密" * 20}])  # fmt: skip
def test_what_names_no_app_is_refused(wrong):
    with pytest.raises(wecom_apps.BadApp):
        wecom_apps.keep(**{**APP, **wrong}, at=world.NOW)
    assert not WecomApp.objects.exists()


def test_the_secret_is_sealed_and_the_command_keeps_and_ends_it(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", StringIO(f"{APP['secret']}\n"))
    call_command("wecom_app", "--brand", "acme", "--corp-id", APP["corp_id"], "--agent-id", APP["agent_id"])
    assert APP["secret"] not in WecomApp.objects.get().secret
    assert wecom_apps.at_work() is not None
    call_command("wecom_app", "--brand", "acme", "--off")
    assert wecom_apps.at_work() is None
    assert APP["secret"] not in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", StringIO(""))
    with pytest.raises(CommandError, match="请按企业微信后台"):
        call_command("wecom_app", "--brand", "acme", "--corp-id", "ww12", "--agent-id", "1")
