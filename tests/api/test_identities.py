"""Identities over the API: looked up without a word in the address, told masked, stated; within sight alone."""

import pytest

from members.actions import claims, merges
from members.api.whom import MOST_MISSES
from members.models import Claim, Identity
from newretail.kernel.models import JournalEntry
from tests import world
from tests.api import machines
from tests.api.machines import machine, post

pytestmark = pytest.mark.usefixtures("noon")
PHONE = {"kind": "phone", "value": "13800000001"}


@pytest.fixture(autouse=True)
def chain(noon):
    world.chain()


def till():
    return machines.client(machines.key(of=machines.account("till", "SH01")).text)


def known(value="K1", kind="card", number="V1"):
    return claims.state(member=world.member(number), kind=kind, value=value, source="crm", at=world.NOW)


@pytest.mark.parametrize("value", ["13800000001", "+86 138-0000-0001", "１３８０００００００１", "138\u200b00000001"])
def test_every_spelling_of_a_phone_leads_to_her(value):
    told = post(machine(), "identities:lookup", {"kind": "phone", "value": value}).json()
    assert told == {"member_no": "V1", "name": "张**",
                    "identities": [{"kind": "phone", "value": "****", "state": "accepted"}]}  # fmt: skip


def test_with_the_right_to_personal_data_the_middle_alone_is_hidden():
    known("K-100-201")
    told = post(machine(*machines.ALL, "personal_data:view"), "identities:lookup", PHONE).json()
    assert told["name"] == "张三"
    assert [one["value"] for one in told["identities"]] == ["K-1****01", "138****0001"]


def test_a_merged_member_is_told_by_the_number_she_goes_by_with_all_that_leads_to_her():
    known("K2", number="V2")
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="一人", at=world.NOW)
    told = post(machine(), "identities:lookup", {"kind": "card", "value": "k2"}).json()
    assert (told["member_no"], len(told["identities"])) == ("V1", 3)
    assert len(machine().get("/api/v1/members/V2/identities").json()["items"]) == 3


def test_who_is_out_of_sight_is_not_there_byte_for_byte():
    far = {"kind": "phone", "value": "13800000002"}
    nobody = {"kind": "phone", "value": "13800000003"}
    client = till()
    assert post(client, "identities:lookup", PHONE).status_code == 200
    answers = [post(client, "identities:lookup", body) for body in (far, nobody)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    assert client.get("/api/v1/members/V2/identities").status_code == 404
    assert post(client, "members/V2/identities", {"kind": "card", "value": "K9"}).status_code == 404
    assert not Identity.objects.filter(kind="card").exists()


def test_a_key_without_the_right_neither_asks_nor_states():
    client = machine("members:view", "members:change")
    assert post(client, "identities:lookup", PHONE).status_code == 403
    assert post(client, "members/V1/identities", {"kind": "card", "value": "K1"}).status_code == 403
    assert not Identity.objects.filter(kind="card").exists()
    looker = machine("identities:view", of=machines.account("looker"))
    assert post(looker, "identities:lookup", PHONE).status_code == 200
    assert post(looker, "members/V1/identities", {"kind": "card", "value": "K1"}).status_code == 403


def test_whoever_walks_through_phones_is_stopped_and_then_finds_nobody():
    client = machine(per_minute=10_000)
    for number in range(MOST_MISSES):
        assert post(client, "identities:lookup", {"kind": "phone", "value": f"139{number:08}"}).status_code == 404
    stopped = post(client, "identities:lookup", PHONE)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "too_many_misses")
    other = machine(of=machines.account("other"))
    assert post(other, "identities:lookup", PHONE).status_code == 200


def test_an_identity_is_hers_then_known_and_another_members_waits_for_hq():
    client = machine()
    card = {"kind": "card", "value": " k-1 ", "source": "crm"}
    assert [post(client, "members/V1/identities", card).status_code for _ in range(2)] == [201, 200]
    claimed = post(client, "members/V2/identities", card)
    assert (claimed.status_code, claimed.json()) == (202, {"member_no": "V2", "kind": "card", "state": "pending"})
    assert Identity.objects.get(kind="card").member.member_no == "V1"
    assert Claim.objects.get().source == "crm"
    assert client.get("/api/v1/members/V2/identities").json()["items"] == [
        {"kind": "phone", "value": "****", "state": "accepted"}, {"kind": "card", "value": "****", "state": "pending"},
    ]  # fmt: skip


def test_what_hq_refused_stays_refused_and_says_so():
    known()
    known(number="V2")
    claims.settle(claim=Claim.objects.get(), accept=False, at=world.NOW)
    told = post(machine(), "members/V2/identities", {"kind": "card", "value": "K1"})
    assert (told.status_code, told.json()["state"]) == (200, "rejected")


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "kind"), ({"kind": "fax", "value": "1"}, "kind"), ({"kind": "phone", "value": "12"}, "value"),
     ({"kind": "phone", "value": 13800000001}, "value"), ({"kind": "card", "value": "\u200b"}, "value"),
     ({"kind": "card", "value": "x" * 121}, "value"), ({"kind": ["card"], "value": "1"}, "kind"),
     ({**PHONE, "member__phone": "1"}, "member__phone")],
)  # fmt: skip
def test_what_is_no_identity_is_refused_by_its_field(body, field):
    before = JournalEntry.objects.count()
    client = machine()
    for path in ("identities:lookup", "members/V1/identities"):
        answer = post(client, path, body)
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["field"] == field
    assert JournalEntry.objects.count() == before + 2  # the account and its key
