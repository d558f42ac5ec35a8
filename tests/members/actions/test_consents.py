"""What members said stays written; the newest statement counts, the wording never changes."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from members.actions import consents
from members.models import Consent, ConsentText, GuardianConsent
from members.queries import consents as asked
from newretail.kernel.actions import settings
from newretail.kernel.guard import writing
from newretail.kernel.models import JournalEntry
from tests import world
from tests.members.consenting import member, row, say, texts, withdraw

LINE = "members.consent.recorded"


@pytest.fixture(autouse=True)
def spoken(noon):
    world.chain()
    texts()


def stands(number="V1", channel="sms", purpose="marketing"):
    rows = asked.matrix_of(member(number), at=world.NOW)
    return next(cell.allowed for each in rows for cell in each.cells if cell.name == f"{channel}-{purpose}")


def may(channel="sms", purpose="marketing", at=world.NOW):
    return bool(asked.may_be_touched([member().pk], channel=channel, purpose=purpose, at=at))


def test_what_is_given_holds_with_its_wording_source_and_proof():
    assert say(row()).created == 1
    kept = Consent.objects.get()
    assert (kept.given, kept.text.version, kept.source, kept.proof, kept.stated_at) == (
        True, 1, "till", "T-1", world.NOW,
    )  # fmt: skip
    assert kept.entry_id == JournalEntry.objects.get(name=LINE).pk
    assert stands() == may() is True


def test_what_is_withdrawn_holds_at_once_and_needs_no_proof():
    say(row())
    assert withdraw(row(proof=None), at=world.NOW + timedelta(seconds=1)).updated == 1
    assert stands() is may() is False
    assert Consent.objects.count() == 2


def test_a_statement_that_comes_late_does_not_outrank_a_later_one():
    withdraw(row(stated_at="2026-06-10T10:00:00"))
    say(row(stated_at="2026-06-09T10:00:00"))
    assert not may()
    say(row(stated_at="2026-06-11T10:00:00"))
    assert may()


def test_a_withdrawal_said_again_outranks_a_consent_given_before_that_comes_late():
    withdraw(row(stated_at="2026-06-10T10:00:00"))
    assert withdraw(row(stated_at="2026-06-12T10:00:00")).updated == 1
    assert withdraw(row(stated_at="2026-06-12T10:00:00")).skipped == 1
    say(row(stated_at="2026-06-11T10:00:00"))
    assert not may()


def test_of_two_statements_of_one_instant_the_withdrawal_counts():
    say(row(stated_at="2026-06-10T10:00:00"))
    withdraw(row(stated_at="2026-06-10T10:00:00"))
    assert not may()


def test_what_is_said_again_is_written_once():
    told = [row(stated_at="2026-06-10T10:00:00"), row(channel="call", stated_at=None)]
    assert say(*told).created == 2
    again = say(*told)
    assert (again.created, again.updated, again.skipped) == (0, 0, 2)
    assert Consent.objects.count() == 2
    assert JournalEntry.objects.filter(name=LINE).count() == 1


def test_a_new_wording_is_a_new_consent():
    say(row())
    consents.publish(purpose="marketing", title_zh="新", body_zh="新文本", title_en="New", body_en="New text",
                     at=world.NOW)  # fmt: skip
    assert say(row(), at=world.NOW + timedelta(seconds=1)).updated == 1
    assert list(Consent.objects.order_by("pk").values_list("text__version", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("more", "column", "code"),
    [({"member_no": "V9"}, "member_no", "unknown_member"), ({"channel": "any"}, "channel", "channel_purpose"),
     ({"purpose": "profiling"}, "channel", "channel_purpose"), ({"channel": "fax"}, "channel", "not_a_choice"),
     ({"purpose": ""}, "purpose", "missing"), ({"decision": "maybe"}, "decision", "not_a_choice"),
     ({"stated_at": "2026-06-16T10:00:00"}, "stated_at", "in_future"),
     ({"stated_at": "2026-13-01"}, "stated_at", "no_such_day"), ({"text_version": 9}, "text_version", "unknown_text"),
     ({"stated_at": "2024-06-01T10:00:00"}, "text_version", "no_text"), ({"proof": None}, "proof", "proof_missing"),
     ({"proof": "13800000001"}, "proof", "bad_proof"), ({"proof": "call +86 13800000001"}, "proof", "bad_proof"),
     ({"proof": "张三签字"}, "proof", "bad_proof"), ({"proof": "x" * 81}, "proof", "too_long"),
     ({"source": "friend"}, "source", "not_a_choice")],
)  # fmt: skip
def test_a_row_that_is_wrong_is_refused_and_the_good_one_goes_in(more, column, code):
    outcome = say(row(**more), row("V2"))
    assert world.reasons(outcome) == [(1, column, code)]
    assert Consent.objects.get().member == member("V2")


def test_a_digest_is_a_proof_whatever_digits_it_holds():
    assert say(row(proof="sha256:" + "13800000001".ljust(64, "a"))).created == 1


def test_a_version_that_is_named_counts_for_what_was_said_before_it_was_published_here():
    assert say(row(stated_at="2024-06-01T10:00:00", text_version=1)).created == 1


def test_one_key_twice_in_a_file_is_one_statement_or_a_contradiction():
    outcome = say(row(), row(), row(decision="withdrawn", proof=None))
    assert (outcome.created, outcome.skipped) == (1, 1)
    assert world.reasons(outcome) == [(3, "", "duplicate_differs")]


def test_what_holds_unsaid_is_the_brands_to_say():
    assert (may("sms", "service"), may("sms", "care"), may("sms", "marketing")) == (True, False, False)
    settings.put(key="consent_unsaid_service", value="refused", at=world.NOW)
    assert not may("sms", "service")
    settings.put(key="consent_unsaid_marketing", value="allowed", at=world.NOW)
    assert may()
    withdraw(row(proof=None))
    assert not may()


def test_undoing_an_import_of_consents_is_refused():
    entry = say(row()).entry_id
    with pytest.raises(consents.Stays):
        consents.take_back(entry_id=entry, at=world.NOW)
    assert Consent.objects.count() == 1


@pytest.mark.parametrize("table", ["consent", "consenttext", "guardianconsent"])
def test_the_database_lets_nobody_rewrite_what_was_said(table):
    from newretail.kernel import sql

    for statement in (f"UPDATE members_{table} SET entry_id = 0", f"DELETE FROM members_{table}"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic(), writing("tests"):
            sql.execute(statement)


def test_what_is_given_without_proof_the_database_itself_refuses():
    with pytest.raises(IntegrityError), transaction.atomic(), writing("tests"):
        Consent.objects.create(member=member(), channel="sms", purpose="marketing", given=True, stated_at=world.NOW,
                               source="till", entry_id=1)  # fmt: skip


@pytest.mark.parametrize(
    "more", [{"title_zh": ""}, {"body_en": " "}, {"title_en": "x" * 81}, {"body_zh": "x" * 4001}, {"purpose": "fun"},
             {"body_en": "a\0b"}],
)  # fmt: skip
def test_a_wording_that_lacks_something_is_not_published(more):
    given = {"purpose": "care", "title_zh": "关怀", "body_zh": "问候", "title_en": "Care", "body_en": "Greetings"}
    with pytest.raises(consents.BadText):
        consents.publish(**{**given, **more}, at=world.NOW)
    assert ConsentText.objects.count() == 5


def test_the_same_wording_is_published_once():
    last = ConsentText.objects.get(purpose="care")
    given = {name: getattr(last, name) for name in ("title_zh", "body_zh", "title_en", "body_en")}
    with pytest.raises(consents.SameText):
        consents.publish(purpose="care", **given, at=world.NOW)
    assert ConsentText.objects.filter(purpose="care").count() == 1


def born(birthday, calendar="solar"):
    world.people({"member_no": "V1", "birthday": birthday, "birthday_calendar": calendar})


def agree(*, given=True, at=world.NOW, **more):
    told = {"relation": "parent", "proof": "G-1", "source": "till", **more}
    return consents.guard(member=member(), given=given, at=at, **told)


@pytest.mark.parametrize(
    ("birthday", "calendar", "allowed"),
    [("2012-06-16", "solar", False), ("2012-06-15", "solar", False), ("2012-06-14", "solar", True),
     ("1990-01-01", "solar", True), ("06-16", "solar", True), ("2012-04-27", "lunar", False),
     ("2012-02-30", "lunar", True), ("2012-05-15", "lunar", False)],
)  # fmt: skip
def test_a_member_is_14_on_the_day_after_her_birthday_and_a_year_nobody_knows_is_none(birthday, calendar, allowed):
    say(row())
    born(birthday, calendar)
    assert may() is allowed
    assert asked.is_under_14(member(), world.NOW.date()) is not allowed


def test_under_14_no_consent_counts_without_a_guardian_not_even_what_holds_unsaid():
    born("2015-01-01")
    say(row())
    assert not may()
    assert not may("sms", "service")
    agree()
    assert may()
    agree(given=False, at=world.NOW + timedelta(days=1))
    assert not may(at=world.NOW + timedelta(days=1))
    assert [row.given for row in GuardianConsent.objects.order_by("pk")] == [True, False]


def test_a_guardians_word_said_again_is_kept_once():
    assert agree() == agree()
    assert JournalEntry.objects.filter(name="members.guardian.recorded").count() == 1


@pytest.mark.parametrize(
    ("more", "refusal"),
    [({"proof": ""}, consents.BadProof), ({"proof": "妈妈 13800000001"}, consents.BadProof),
     ({"proof": "13800000001"}, consents.BadProof),
     ({"stated_at": world.NOW + timedelta(hours=1)}, consents.InFuture)],
)  # fmt: skip
def test_a_guardians_word_needs_its_proof_and_its_time(more, refusal):
    with pytest.raises(refusal):
        agree(**more)
    assert not GuardianConsent.objects.exists()
