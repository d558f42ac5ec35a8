"""E-mail over real SMTP: what the server says is what the ledger says."""

import email
import email.policy

import pytest

from campaigns.channels.email import fake
from campaigns.channels.letters import CannotConnect
from members.models import Touch
from tests import world
from tests.campaigns import sending


@pytest.fixture(autouse=True)
def town(brand):
    world.chain()


def mails(taken):
    return [email.message_from_bytes(text.encode(), policy=email.policy.default) for text in taken.mails]


def test_a_mail_goes_out_with_her_name_under_our_number():
    sending.people("M1")
    sending.due(channel="email")
    with fake.listening() as taken:
        assert sending.send(sending.connected("email", "email", **sending.MAIL, port=taken.port)) == {"sent": 1}
    (mail,) = mails(taken)
    touch = Touch.objects.get()
    assert (mail["to"], mail["subject"], mail.get_content().strip()) == ("m1@mail.example", "上新", "名M1，您好")
    assert mail["message-id"] == f"<{touch.ref}@brand.example>"
    assert str(touch.ref) in mail["list-unsubscribe"]
    assert touch.cost_cents == 5


def test_each_end_is_what_the_server_said():
    sending.people("M1", "M2")
    world.people({"member_no": "M3", "store_code": "SH01"})
    sending.say(sending.row("M3", channel="email"))
    sending.due(channel="email")
    with fake.listening() as taken:
        taken.refuses.add("m2@mail.example")
        sending.send(sending.connected("email", "email", **sending.MAIL, port=taken.port))
    assert sending.stands() == {"M1": "sent", "M2": "failed unreachable", "M3": "failed unreachable"}


def test_a_conversation_broken_off_after_the_text_leaves_it_unknown_and_nothing_goes_again():
    sending.people("M1")
    sending.due(channel="email")
    with fake.listening() as taken:
        taken.breaks_off = True
        setup = sending.connected("email", "email", **sending.MAIL, port=taken.port)
        sending.send(setup)
        taken.breaks_off = False
        sending.send(setup)
        assert sending.dispatching.ask_unknown(setup=setup, clock=lambda: world.NOW) == 0
    assert (len(taken.mails), sending.stands()) == (1, {"M1": "unknown no_answer"})


def test_a_server_that_does_not_answer_claims_nothing():
    sending.people("M1")
    sending.due(channel="email")
    setup = sending.connected("email", "email", **sending.MAIL, port=1)
    with pytest.raises(CannotConnect):
        sending.send(setup)
    assert sending.stands() == {"M1": "planned"}
