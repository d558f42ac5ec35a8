"""The signed gateway: known by its signature, under our number, asked about what nobody answered."""

from datetime import timedelta

import pytest

from campaigns.actions import dispatching
from campaigns.actions.channels import secret_of
from campaigns.channels.gateway import fake, receipts
from members.models import Touch
from newretail.kernel.webhooks import signatures
from tests import world
from tests.campaigns import sending


@pytest.fixture(autouse=True)
def one(brand):
    world.chain()
    sending.people("M1")
    sending.due(channel="sms")


def gateway(taken):
    return sending.connected("sms", "gateway", url=taken.url)


@pytest.fixture(autouse=True)
def plain_http(settings):
    settings.WEBHOOKS_PLAIN_HTTP = True


def test_a_message_is_signed_and_carries_our_number(monkeypatch):
    monkeypatch.setattr("newretail.kernel.webhooks.places.PORTS", {"http": range(65_536), "https": range(65_536)})
    with fake.listening() as taken:
        setup = gateway(taken)
        assert sending.send(setup) == {"sent": 1}
    headers, body = taken.raw[0]
    ref = str(Touch.objects.get().ref)
    assert signatures.known([secret_of(setup)], headers, body, world.NOW) == ref
    assert signatures.known([signatures.new_secret()], headers, body, world.NOW) is None
    told = taken.bodies[0]
    assert (told["id"], told["to"], told["body"]) == (ref, "+8613900000000", "名M1，您好")
    assert secret_of(setup) not in setup.secret


@pytest.mark.parametrize(("state", "stands"), [
    ("sent", "sent"), ("waiting", "waiting"), ("failed", "failed refused"), ("unreachable", "failed unreachable"),
    ("refused", "refused declined"), ("not_friends", "refused not_friends"), ("over_quota", "over_quota quota"),
    ("nonsense", "sent"),
])  # fmt: skip
def test_its_words_are_different_facts_in_the_ledger(monkeypatch, state, stands):
    monkeypatch.setattr("newretail.kernel.webhooks.places.PORTS", {"http": range(65_536), "https": range(65_536)})
    with fake.listening() as taken:
        taken.state = state
        sending.send(gateway(taken))
    assert sending.stands() == {"M1": stands}


@pytest.mark.parametrize(("status", "stands"), [(400, "failed refused"), (503, "unknown no_answer")])
def test_a_4xx_refused_it_and_anything_else_leaves_it_unknown(monkeypatch, status, stands):
    monkeypatch.setattr("newretail.kernel.webhooks.places.PORTS", {"http": range(65_536), "https": range(65_536)})
    with fake.listening() as taken:
        taken.status = status
        sending.send(gateway(taken))
    assert sending.stands() == {"M1": stands}


def test_what_is_unknown_is_asked_about_and_never_sent_again(monkeypatch):
    monkeypatch.setattr("newretail.kernel.webhooks.places.PORTS", {"http": range(65_536), "https": range(65_536)})
    with fake.listening() as taken:
        taken.hangs_up = True
        setup = gateway(taken)
        sending.send(setup)
        assert sending.stands() == {"M1": "unknown no_answer"}
        taken.hangs_up = False
        sending.send(setup, at=world.NOW + timedelta(hours=1))
        told = dispatching.ask_unknown(setup=setup, clock=lambda: world.NOW, carriers=sending.CARRIERS)
    assert (told, taken.ids, sending.stands()) == (1, [str(Touch.objects.get().ref)], {"M1": "sent"})


@pytest.mark.parametrize("answer", ["", "[]", "{}", '{"state": 1}', '{"state": ["sent"]}', "[" * 100_000])
def test_an_answer_that_says_nothing_is_no_word(answer):
    assert receipts.settlement(Touch.objects.get().ref, answer, 0) is None
