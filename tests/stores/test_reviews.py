"""A store's week is spoken of by its manager, answered by HQ; words once said stay."""

from datetime import date, timedelta

import pytest

from newretail.kernel.models import JournalEntry
from newretail.kernel.verbs import Refused
from stores.actions import reviews
from stores.models import Store, WeeklyReview
from stores.models.reviews import MOST_WORDS
from stores.queries.reviews import review
from tests import sights, world

MONDAY = date(2026, 6, 8)


@pytest.fixture(autouse=True)
def _chain(brand):
    world.chain()


def speak(role, words="雨天客流少，推热茶", verb=reviews.comment, code="SH01", monday=MONDAY):
    return verb(store=Store.objects.get(code=code), monday=monday, words=words, by=sights.person(role), at=world.NOW)


def said(code="SH01"):
    found = review(Store.objects.get(code=code), MONDAY)
    return [row.words for row in found.comments], [row.words for row in found.answers]


def test_the_manager_comments_hq_answers_and_both_stand_with_person_and_time():
    speak("manager")
    speak("hq", "同意，加一次试饮", reviews.answer)
    assert said() == (["雨天客流少，推热茶"], ["同意，加一次试饮"])
    row = WeeklyReview.objects.order_by("id").first()
    assert (row.by.username, row.said_at) == ("manager", world.NOW)
    lines = JournalEntry.objects.filter(name__startswith="stores.review").order_by("id")
    assert [(line.name, line.facts) for line in lines] == [
        ("stores.review.commented", {"week": "2026-06-08"}),
        ("stores.review.answered", {"week": "2026-06-08"}),
    ]


def test_said_anew_the_newer_words_count_and_the_former_stay():
    speak("manager", "一")
    speak("manager", "二")
    assert said()[0] == ["二", "一"]


def test_words_of_exactly_the_most_are_taken():
    speak("manager", "字" * MOST_WORDS)
    assert len(said()[0][0]) == MOST_WORDS


@pytest.mark.parametrize(
    ("role", "given", "code"),
    [
        ("manager", {"words": " \r\n "}, "nothing_said"),
        ("manager", {"words": "字" * (MOST_WORDS + 1)}, "too_many_words"),
        ("manager", {"code": "GZ01"}, "not_your_week"),
        ("supervisor", {}, "not_your_week"),
        ("auditor", {}, "not_your_week"),
        ("hq", {}, "not_your_week"),
        ("manager", {"verb": reviews.answer}, "not_your_week"),
        ("supervisor", {"verb": reviews.answer}, "not_your_week"),
        ("hq", {"verb": reviews.answer}, "nothing_to_answer"),
        ("manager", {"monday": date(2026, 6, 22)}, "week_closed"),
        ("manager", {"monday": MONDAY - timedelta(weeks=8)}, "week_closed"),
    ],
)
def test_what_is_not_hers_or_says_nothing_is_refused_and_nothing_is_kept(role, given, code):
    with pytest.raises(Refused) as refused:
        speak(role, **given)
    assert refused.value.code == code
    assert not WeeklyReview.objects.exists()
    assert not JournalEntry.objects.filter(name__startswith="stores.review").exists()
