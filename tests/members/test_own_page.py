"""A member's own page: by an unguessable link, what she changes holds at once; a link that leads nowhere tells nothing."""

from datetime import timedelta

import pytest
from django.test import Client

from members.actions import consents, links, persons
from members.models import Consent, ConsentLink, PersonRequest
from members.queries.consents import may_be_touched
from newretail.kernel.models import JournalEntry
from tests import sights, world
from tests.members.consenting import member, row, say, texts, withdraw


@pytest.fixture(autouse=True)
def known(noon):
    world.chain()
    texts()


@pytest.fixture
def token():
    return links.issue(member=member(), at=world.NOW)


def client(language="zh-hans", **more):
    found = Client(headers={"host": "localhost"}, **more)
    found.cookies["django_language"] = language
    return found


def post(token, **given):
    return client().post(f"/my/{token}/", given)


def page(token, language="zh-hans"):
    return client(language).get(f"/my/{token}/")


def may(channel="sms", purpose="marketing"):
    return bool(may_be_touched([member().pk], channel=channel, purpose=purpose, at=world.NOW))


ON = {"do": "save", "was-sms-marketing": "0", "sms-marketing": "1", "text-marketing": "1"}
OFF = {"do": "save", "was-sms-marketing": "1"}


@pytest.mark.parametrize(("language", "words"), [("zh-hans", ("我的授权", "短信")), ("en", ("My consents", "SMS"))])
def test_she_sees_her_masked_phone_and_each_consent_in_her_language(token, language, words):
    answer = page(token, language)
    text = sights.text(answer)
    assert answer.status_code == 200
    assert all(word in text for word in (*words, "138****0001"))
    assert "13800000001" not in text
    assert "张三" not in text
    assert "no-store" in answer["Cache-Control"]


def test_what_she_allows_holds_with_the_wording_she_saw_and_the_link_as_proof(token):
    assert post(token, **ON).status_code == 302
    kept = Consent.objects.get()
    assert (kept.given, kept.source, kept.text.version, kept.proof[:7]) == (True, "page", 1, "sha256:")
    assert may()
    assert post(token, **OFF).status_code == 302
    assert (may(), Consent.objects.count()) == (False, 2)


def test_what_she_leaves_as_it_is_writes_nothing(token):
    say(row())
    assert post(token, **{**ON, "was-sms-marketing": "1"}).status_code == 302
    assert Consent.objects.count() == 1


def test_all_but_service_notices_is_withdrawn_at_once(token):
    say(row(), row(channel="call"), row(channel="any", purpose="profiling"))
    post(token, do="withdraw")
    assert not may()
    assert may("sms", "service")
    assert Consent.objects.filter(given=False).count() == 3


def test_a_page_left_open_does_not_give_again_what_was_withdrawn_meanwhile(token):
    say(row())
    withdraw(row(proof=None))
    answer = post(token, **OFF)
    assert (answer.status_code, may()) == (422, False)
    assert "页面" in sights.text(answer)
    assert Consent.objects.count() == 2


def test_a_page_with_a_former_wording_gives_nothing(token):
    consents.publish(purpose="marketing", title_zh="新", body_zh="新", title_en="New", body_en="New", at=world.NOW)
    assert post(token, **ON).status_code == 422
    assert not Consent.objects.exists()


@pytest.mark.parametrize("bad", ["", "x", "..", "%00", "a" * 43, "a" * 5000, "令牌", "' OR 1=1 --"])
def test_a_link_nobody_issued_leads_nowhere_and_all_answer_alike(token, bad):
    from urllib.parse import quote

    if bad:
        unknown = client().get(f"/my/{quote(bad, safe='')}/")
        assert unknown.status_code == 404
        assert unknown.content == client().get(f"/my/{'b' * 43}/").content


def test_a_link_that_was_revoked_run_out_or_is_of_somebody_erased_answers_as_one_nobody_issued(token):
    nowhere = page("b" * 43).content
    links.revoke(member=member(), at=world.NOW)
    assert page(token).content == nowhere
    late = links.issue(member=member(), at=world.NOW - timedelta(days=8))
    assert page(late).content == nowhere
    gone = links.issue(member=member(), at=world.NOW)
    persons.erase(member=member(), reason="request", at=world.NOW)
    assert page(gone).content == nowhere
    assert post(gone, **ON).status_code == 404
    assert not Consent.objects.exists()


def test_who_tries_many_links_is_told_to_wait(token):
    guesser = client(REMOTE_ADDR="192.0.2.7")
    answers = [guesser.get(f"/my/{number:043}/").status_code for number in range(22)]
    assert answers[:20] == [404] * 20
    assert guesser.get(f"/my/{token}/").status_code == 429
    assert client(REMOTE_ADDR="192.0.2.8").get(f"/my/{token}/").status_code == 200


def test_a_form_of_another_site_changes_nothing(token):
    strict = client(enforce_csrf_checks=True)
    assert strict.post(f"/my/{token}/", ON).status_code == 403
    assert not Consent.objects.exists()
    assert strict.delete(f"/my/{token}/").status_code in (403, 405)


def test_what_she_asks_for_is_taken_down_once_with_its_day(token):
    assert post(token, do="export").status_code == 302
    assert post(token, do="export").status_code == 422
    asked = PersonRequest.objects.get()
    assert (asked.kind, asked.member, asked.state) == ("export", member(), "open")
    assert str(asked.due_on) in sights.text(page(token))


def test_deletion_is_asked_for_when_she_is_sure(token):
    assert post(token, do="erase").status_code == 422
    assert not PersonRequest.objects.exists()
    assert post(token, do="erase", sure="yes").status_code == 302
    assert PersonRequest.objects.get().kind == "erase"
    assert member().name == "张三"


def test_a_token_is_told_once_and_only_its_digest_is_kept(token):
    assert token not in f"{list(ConsentLink.objects.values())} {list(JournalEntry.objects.values())}"
    assert len(token) >= 43


def test_a_page_asks_the_database_no_more_than_a_page_may(token):
    with sights.asked() as asked:
        assert page(token).status_code == 200
    assert len(asked) <= sights.MOST_QUERIES
