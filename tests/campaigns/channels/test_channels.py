"""Channels are connected and switched; the sandbox takes all; a worker killed at the wire sends nothing twice."""

from datetime import timedelta

import pytest

from campaigns import jobs as campaign_jobs
from campaigns.actions import channels, dispatching
from campaigns.channels.email import fake
from campaigns.models import ChannelSetup
from campaigns.queries import wordings
from members.models import Touch
from newretail.kernel.actions import jobs
from newretail.kernel.failpoint import Failed
from newretail.kernel.models import JobRun
from tests import world
from tests.campaigns import sending
from tests.faults.site import KILLS


@pytest.fixture(autouse=True)
def town(brand):
    world.chain()


@pytest.mark.parametrize(("channel", "carrier", "terms", "missing"), [
    ("any", "sandbox", {}, "channel"), ("sms", "pigeon", {}, "carrier"), ("sms", "email", {}, "carrier"),
    ("email", "email", {}, "host, port, sender"), ("email", "email", {**sending.MAIL, "port": 70_000}, "port"),
    ("email", "email", {**sending.MAIL, "port": "２５"}, "port"),
    ("email", "email", {**sending.MAIL, "port": 25, "security": "x"}, "security"),
    ("sms", "gateway", {"url": "http://127.0.0.1/x"}, "url"), ("sms", "sandbox", {"a": "x" * 301}, "a"),
])  # fmt: skip
def test_a_connection_that_cannot_work_is_refused_by_what_is_missing(channel, carrier, terms, missing):
    with pytest.raises(channels.BadConnection) as refusal:
        channels.connect(channel=channel, carrier=carrier, terms=terms, at=world.NOW)
    assert refusal.value.facts["missing"] == missing
    assert not ChannelSetup.objects.exists()


def test_a_secret_is_kept_sealed_and_goes_with_its_carrier():
    first = channels.connect(channel="email", carrier="email", terms={**sending.MAIL, "port": 25}, secret="p4ss",
                             at=world.NOW)  # fmt: skip
    again = channels.connect(channel="email", carrier="email", terms={**sending.MAIL, "port": 26}, at=world.NOW)
    assert (first.pk, channels.secret_of(again), "p4ss" in again.secret) == (again.pk, "p4ss", False)
    assert channels.secret_of(channels.connect(channel="email", carrier="sandbox", terms={}, at=world.NOW)) == ""


def test_the_sandbox_takes_all_and_a_channel_without_connection_waits():
    sending.people("M1", "M2")
    sending.due(channel="sms")
    campaign_jobs.send_when_due(world.NOW)
    assert not JobRun.objects.filter(name="send_touches").exists()
    sending.connected("sms", "sandbox")
    campaign_jobs.send_when_due(world.NOW)
    campaign_jobs.send_when_due(world.NOW)
    assert JobRun.objects.filter(name="send_touches").count() == 1
    while jobs.perform_next(jobs.QUEUED):
        pass
    assert sending.stands() == {"M1": "sent", "M2": "sent"}


def test_a_switched_off_channel_sends_nothing():
    sending.people("M1")
    sending.due(channel="sms")
    channels.connect(channel="sms", carrier="sandbox", terms={}, active=False, at=world.NOW)
    campaign_jobs.send_when_due(world.NOW)
    assert not JobRun.objects.filter(name="send_touches").exists()


@pytest.mark.parametrize("words", ["{name", "{{name}}", "{% x %}", "{phone}", "a}b", "{name.__class__}", "{}"])
def test_words_with_places_nobody_fills_are_refused(words):
    with pytest.raises(wordings.BadWords):
        wordings.check("你好", words)


def test_places_are_filled_once_and_what_is_filled_in_is_not_looked_through():
    wordings.check("{name} {level} {points} {store} {guide} {coupon} {brand}", "50% off")
    assert wordings.filled("{name}", {"name": "{phone}", "phone": "x"}) == "{phone}"


class Clock:
    """An hour goes by between one sender and the next."""

    def __init__(self):
        self.at = world.NOW

    def later(self):
        self.at += timedelta(hours=1)
        return self.at


def killed_again_and_again(taken, monkeypatch, kills):
    """Let senders die between call and record, one after another; give what the server took."""
    setup, clock = sending.connected("email", "email", **sending.MAIL, port=taken.port), Clock()

    def dies(name):
        if name == "dispatch.called":
            raise Failed

    for _ in range(kills):
        with monkeypatch.context() as patched:
            patched.setattr(dispatching, "failpoint", dies)
            with pytest.raises(Failed):
                dispatching.send_due(setup=setup, clock=clock.later, most=1, carriers=sending.CARRIERS)
        dispatching.touches.doubt(at=clock.later())
        sending.due(channel="email", source=f"campaigns.plan:{clock.at.timestamp():.0f}", at=clock.at)
    return [mail.split("Message-ID: ")[1].split("\n")[0] for mail in taken.mails]


@pytest.mark.prove
def test_senders_that_die_after_the_call_leave_touches_unknown_and_send_none_twice(monkeypatch):
    sending.people("M1")
    sending.due(channel="email")
    with fake.listening() as taken:
        ids = killed_again_and_again(taken, monkeypatch, KILLS)
    assert len(ids) == len(set(ids)) == KILLS
    assert Touch.objects.filter(state="unknown", reason="no_answer").count() == KILLS


@pytest.mark.books_may_break
def test_a_sender_that_claims_anew_what_was_in_doubt_would_send_twice(monkeypatch):
    """The control: claims that take what is unknown send the same number again."""
    sending.people("M1")
    sending.due(channel="email")
    touches = dispatching.touches
    monkeypatch.setattr(
        touches,
        "DOUBT",
        touches.DOUBT.replace(
            "state = 'unknown', reason = 'no_answer', settled_at = %(at)s", "state = 'planned', claimed_at = NULL"
        ),
    )
    with fake.listening() as taken:
        ids = killed_again_and_again(taken, monkeypatch, 2)
    assert len(ids) > len(set(ids))
