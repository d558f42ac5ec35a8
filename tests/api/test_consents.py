"""Consents over the API: batches with a result for each, how a member stands, wordings, links, touches."""

import pytest

from members.models import Consent, ConsentLink
from tests import world
from tests.api import machines
from tests.members.consenting import claim, member, plan, row, say, texts

RIGHTS = ("consents:view", "consents:change", "consent_texts:view", "touches:view")


@pytest.fixture(autouse=True)
def known(noon):
    world.chain()
    texts()


def sent(**more):
    usual = {"member_no": "V1", "channel": "sms", "purpose": "marketing", "decision": "given", "proof": "T-1",
             "stated_at": "2026-06-14T10:00:00+08:00"}  # fmt: skip
    return {name: value for name, value in {**usual, **more}.items() if value is not None}


def push(*rows, client=None, **headers):
    return machines.post(client or machines.machine(*RIGHTS), "consents:batch", {"consents": rows}, **headers)


def test_a_batch_takes_the_good_and_names_the_bad():
    answer = push(
        sent(), sent(member_no="V9"), sent(proof=None), sent(decision="withdrawn", channel="call", proof=None)
    )
    told = answer.json()
    assert (answer.status_code, told["created"], told["refused"]) == (200, 2, 2)
    assert [each["state"] for each in told["results"]] == ["created", "refused", "refused", "created"]
    assert [each["errors"][0]["code"] for each in told["results"] if "errors" in each] == [
        "unknown_member", "proof_missing",
    ]  # fmt: skip
    assert Consent.objects.get(channel="sms").source == "api"


def test_a_retry_without_a_key_changes_nothing():
    till = machines.machine(*RIGHTS)
    assert [push(sent(), client=till).json()["created"] for _ in range(2)] == [1, 0]
    assert Consent.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [({"channel": "fax"}, "not_a_choice"), ({"channel": "any"}, "channel_purpose"), ({"decision": True}, "not_text"),
     ({"stated_at": "2026-06-14T10:00:00"}, "no_offset"), ({"stated_at": "2027-01-01T00:00:00Z"}, "in_future"),
     ({"text_version": "1"}, "not_number"), ({"text_version": 99}, "unknown_text"), ({"proof": 12}, "not_text"),
     ({"proof": "13800000001"}, "bad_proof"), ({"proof": " x"}, "blanks_around"), ({"given": True}, "unknown_field"),
     ({"source": "moon"}, "not_a_choice")],
)  # fmt: skip
def test_a_statement_that_makes_no_sense_is_refused_with_its_code(more, code):
    told = push(sent(**more)).json()["results"][0]
    assert (told["state"], told["errors"][0]["code"]) == ("refused", code)
    assert not Consent.objects.exists()


def test_how_a_member_stands_tells_what_she_said_and_what_holds_unsaid():
    say(row())
    found = machines.machine(*RIGHTS).get("/api/v1/members/V1/consents").json()["items"]
    told = {(each["channel"], each["purpose"]): (each["allowed"], each["said"], each["text_version"]) for each in found}
    assert told["sms", "marketing"] == (True, True, 1)
    assert told["call", "service"] == (True, False, None)
    assert told["any", "profiling"] == (False, False, None)
    assert len(told) == 29


def test_a_link_leads_to_her_page_and_is_told_once():
    till = machines.machine(*RIGHTS)
    answer = machines.post(till, "members/V1/consent-links", {}, Idempotency_Key="l1")
    assert answer.status_code == 201
    assert till.get(answer.json()["url"].removeprefix("http://localhost")).status_code == 200
    assert ConsentLink.objects.get().member == member("V1")
    assert machines.post(till, "members/V1/consent-links", {"days": 900}).status_code in (400, 422)


def test_wordings_and_touches_are_read():
    say(row())
    plan(numbers=["V1"])
    claim()
    till = machines.machine(*RIGHTS)
    assert {each["purpose"] for each in till.get("/api/v1/consent-texts").json()["items"]} == {
        "service", "care", "marketing", "personalisation", "profiling",
    }  # fmt: skip
    assert [each["state"] for each in till.get("/api/v1/members/V1/touches").json()["items"]] == ["claimed"]


@pytest.mark.parametrize("path", ["members/V2/consents", "members/V2/touches", "members/V9/consents"])
def test_a_member_of_another_store_is_not_there(path):
    till = machines.machine(*RIGHTS, of=machines.account("sh", "SH01"))
    assert till.get(f"/api/v1/{path}").status_code == 404
    assert till.get("/api/v1/members/V1/consents").status_code == 200
    told = push(sent(member_no="V2"), client=till).json()["results"][0]
    assert told["errors"][0]["code"] == "unknown_member"


def test_a_key_that_may_only_look_changes_nothing():
    reader = machines.machine("consents:view")
    assert push(sent(), client=reader).status_code == 403
    assert machines.post(reader, "members/V1/consent-links", {}).status_code == 403
    assert reader.get("/api/v1/members/V1/touches").status_code == 403
    assert not Consent.objects.exists()
