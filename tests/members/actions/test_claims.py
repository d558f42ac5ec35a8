"""An identity leads to one person: stated for another it is her pending claim, until somebody decides."""

import pytest

from members.actions import claims, merges
from members.models import Claim, Duplicate, Identity, Member, Order
from newretail.kernel import books
from newretail.kernel.files import identities
from newretail.kernel.models import JournalEntry
from tests import sights, world

pytestmark = pytest.mark.usefixtures("traded")
P1, P2 = "+8613800000001", "+8613800000002"


def state(number, kind, value):
    return claims.state(member=world.member(number), kind=kind, value=value, source="crm", at=world.NOW)


def withdraw(number, kind, value):
    claims.withdraw(member=world.member(number), kind=kind, value=value, at=world.NOW)


def settle(accept, **more):
    claims.settle(claim=Claim.objects.get(), accept=accept, at=world.NOW, **more)


def leads():
    return {f"{i.kind} {i.value}": i.member.member_no for i in Identity.objects.select_related("member")}


def lines(name="members.identity.stated"):
    return JournalEntry.objects.filter(name=name).count()


ONE_PHONE = ["13800000009", "+86 138-0000-0009", "１３８０００００００９", "\u200b13800000009\ufeff", "٠٠٨٦١٣٨٠٠٠٠٠٠٠٩",
             "138\u00a00000\u00a00009", "(138) 0000-0009", "138\u00ad0000\u00ad0009"]  # fmt: skip
ONE_CARD = ["V8-123", "v8-123", " Ｖ８－１２３ ", "V8\u200b-123", "v8 -1 2 3", "V٨-١٢٣"]
ONE_UNIONID = ["oAbC_9", "ｏＡｂＣ＿９", "oAbC\u200d_9", "\u3000oAbC_9\t"]


@pytest.mark.parametrize(
    ("kind", "spellings"),
    [("phone", ONE_PHONE), ("card", ONE_CARD), ("unionid", ONE_UNIONID)],
    ids=lambda v: str(v)[:7],
)
def test_one_identity_in_any_spelling_is_one_member(kind, spellings):
    assert len({identities.normalise(kind, spelling) for spelling in spellings}) == 1
    column = {word: name for name, word in identities.KINDS.items()}[kind]
    rows = [world.order(f"S{i}", 1, "2026-06-14", **{column: spelling}) for i, spelling in enumerate(spellings)]
    outcome = world.buy(*rows, enrol=True)
    assert (outcome.created, outcome.enrolled, outcome.refusals) == (len(spellings), 1, [])


def test_the_ids_that_machines_give_count_as_they_are():
    assert identities.normalise("unionid", "oAbC") != identities.normalise("unionid", "oabc")
    assert identities.normalise("mall", "Tea_Lover") == identities.normalise("mall", "tea_lover")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("phone", "abc"), ("phone", ""), ("card", "\u200b"), ("openid", "x" * 121), ("card", "a\x00b"), ("fax", "1")],
)
def test_what_is_no_identity_is_refused(kind, value):
    before = leads()
    with pytest.raises(claims.NoIdentity):
        state("V1", kind, value)
    assert (leads(), lines()) == (before, 0)


def test_an_identity_nobody_holds_is_hers_once_and_never_stands_in_a_line():
    assert [state("V1", "card", "k1"), state("V1", "card", "K1")] == ["accepted", "known"]
    assert leads()["card K1"] == "V1"
    assert lines() == 1
    assert "K1" not in str(list(JournalEntry.objects.values("facts", "subject")))


def test_an_identity_of_another_is_a_pending_claim_and_a_likely_duplicate():
    assert [state("V2", "phone", "13800000001"), state("V2", "phone", "13800000001")] == ["pending", "pending"]
    assert leads() == {f"phone {P1}": "V1", f"phone {P2}": "V2"}
    pair = Duplicate.objects.get()
    assert ({pair.low.member_no, pair.high.member_no}, pair.rule, pair.state) == ({"V1", "V2"}, "phone", "open")
    assert books.verify() == []


def test_an_identity_of_her_own_family_is_known():
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="同一人", at=world.NOW)
    assert state("V1", "phone", P2) == state("V2", "phone", P1) == "known"
    assert not Claim.objects.exists()


def test_an_accepted_claim_leads_to_who_claimed_it():
    state("V2", "phone", P1)
    settle(True, by=sights.person("hq"))
    assert leads() == {f"phone {P1}": "V2"}
    assert [m.phone for m in Member.objects.order_by("member_no")] == ["", P1]
    with pytest.raises(claims.SettledAlready):
        settle(False)
    assert Claim.objects.get().state == "accepted"
    assert books.verify() == []


def test_a_rejected_claim_changes_nothing_and_is_not_asked_again():
    before = leads()
    state("V2", "phone", P1)
    settle(False)
    assert state("V2", "phone", P1) == "rejected"
    assert (leads(), Claim.objects.get().state) == (before, "rejected")


def test_a_withdrawn_identity_leads_to_nobody():
    withdraw("V1", "phone", "138-0000-0001")
    assert (leads(), world.member("V1").phone) == ({f"phone {P2}": "V2"}, "")
    with pytest.raises(claims.NotHers):
        withdraw("V1", "phone", P2)
    assert leads() == {f"phone {P2}": "V2"}
    assert books.verify() == []


def test_an_order_finds_its_member_by_any_identity():
    state("V1", "openid", "oAbc")
    rows = [world.order("S1", 1, "2026-06-14", openid="oAbc"), world.order("S2", 1, "2026-06-14", openid="oXyz")]
    assert world.reasons(world.buy(*rows)) == [(2, "openid", "unknown_member")]
    assert Order.objects.get(order_no="S1").member.member_no == "V1"
    assert world.buy(rows[1], enrol=True).enrolled == 1
    assert leads()["openid oXyz"].startswith("NR-")


def test_an_order_that_names_two_persons_is_refused_and_one_of_a_family_is_not():
    state("V2", "card", "K2")
    row = world.order("S1", 1, "2026-06-14", member_no="V1", card_no="k2")
    assert world.reasons(world.buy(row, enrol=True)) == [(1, "card_no", "two_members")]
    assert not Order.objects.filter(order_no="S1").exists()
    merges.merge(member=world.member("V2"), into=world.member("V1"), reason="同一人", at=world.NOW)
    assert world.buy(row).created == 1
    both = world.order("S2", 1, "2026-06-14", member_no="V1", phone=P2)
    assert world.buy(both).created == 1


def test_who_pays_is_not_always_who_buys():
    state("V2", "payer", "ali-2")
    world.buy(
        world.order("S1", 1, "2026-06-14", member_no="V1", payer_id="ali-2"),
        world.order("S2", 1, "2026-06-14", payer_id="ali-2"),
    )
    bought = Order.objects.filter(order_no__startswith="S")
    assert dict(bought.values_list("order_no", "member__member_no")) == {"S1": "V1", "S2": "V2"}


def test_payers_who_share_an_account_are_two_members_and_one_claims_it():
    rows = [world.order(f"S{i}", 1, "2026-06-14", phone=f"1390000000{i}", payer_id="ali") for i in (1, 2)]
    assert world.buy(*rows, enrol=True).enrolled == 2
    assert Claim.objects.get().kind == "payer"
    assert Duplicate.objects.get().rule == "identity"


def test_lines_that_hang_together_are_one_payer_as_if_they_came_one_by_one():
    rows = [
        {"phone": "13900000001", "openid": "o1"}, {"openid": "o1", "card_no": "c1"}, {"card_no": "c1"},
        {"phone": "13900000001", "card_no": "c1"}, {"unionid": "u1"},
    ]  # fmt: skip
    outcome = world.buy(*(world.order(f"S{i}", 1, "2026-06-14", **row) for i, row in enumerate(rows)), enrol=True)
    assert (outcome.enrolled, world.reasons(outcome)) == (3, [(4, "card_no", "two_members")])
