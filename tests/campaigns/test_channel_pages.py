"""Channels are connected on their page; a gateway's secret is shown once; the outbox shows what members read."""

import pytest
from django.urls import reverse

from campaigns.models import ChannelSetup
from members.models import Touch
from tests import sights, world
from tests.campaigns import sending

MAIL = {"channel": "email", "carrier": "email", "active": "on", "cost_cents": "0", "host": "mail.example", "port": "587",
        "sender": "shop@brand.example", "security": "starttls", "secret": "p4ss"}  # fmt: skip
KEEP = "campaigns_channelsetup_keep"


@pytest.fixture(autouse=True)
def town(noon):
    world.chain()


@pytest.fixture
def hq():
    return sights.browser("hq")


def keep(client, **form):
    return client.post(reverse(f"admin:{KEEP}"), form)


def test_a_mail_server_is_connected_and_its_password_is_never_shown(hq):
    assert keep(hq, **MAIL).status_code == 302
    assert keep(hq, **{**MAIL, "secret": "", "port": "465", "security": "tls"}).status_code == 302
    setup = ChannelSetup.objects.get()
    assert (setup.terms["port"], sending.channels.secret_of(setup)) == (465, "p4ss")
    shown = sights.text(hq.get(reverse(f"admin:{KEEP}"), {"channel": "email"}))
    assert ("465" in shown, "p4ss" in shown) == (True, False)


def test_a_gateways_secret_is_shown_once(hq):
    gateway = {"channel": "sms", "carrier": "gateway", "cost_cents": "4", "url": "https://sms.example.com/out"}
    assert "whsec_" in sights.text(keep(hq, **gateway))
    assert keep(hq, **gateway).status_code == 302
    assert "whsec_" not in sights.text(hq.get(reverse(f"admin:{KEEP}"), {"channel": "sms"}))


@pytest.mark.parametrize("wrong", [{"host": ""}, {"port": "x"}, {"carrier": "gateway", "url": "ftp://x"}])
def test_a_connection_that_cannot_work_is_refused_with_a_sentence(hq, wrong):
    answer = keep(hq, **{**MAIL, **wrong})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert not ChannelSetup.objects.exists()


def test_the_outbox_shows_what_members_read(hq):
    sending.people("M1")
    sending.due(channel="sms", body="{name}，{store}上新")
    setup = sending.connected("sms", "sandbox")
    sending.send(setup)
    shown = sights.text(hq.get(reverse("admin:campaigns_channelsetup_outbox", args=[setup.pk])))
    assert "名M1，上海南京西路店上新" in shown
    assert Touch.objects.get().state == "sent"


def test_who_may_not_change_connections_sees_the_outbox_alone():
    setup = sending.connected("sms", "sandbox")
    auditor = sights.browser("auditor")
    assert auditor.get(reverse("admin:campaigns_channelsetup_outbox", args=[setup.pk])).status_code == 200
    assert keep(auditor, **MAIL).status_code == 403
    assert ChannelSetup.objects.count() == 1
