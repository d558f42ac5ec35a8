"""Speak of a store's week: the manager comments, HQ answers."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext_noop

from newretail.kernel import clock
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb
from stores.models import Store, WeeklyReview, sight_of
from stores.models.reviews import MOST_WORDS

WEEKS_BACK = 8  # of older weeks nobody speaks any more: their months are closed


class NothingSaid(Refused):
    """There are no words."""

    code = "nothing_said"
    sentence = gettext_noop("Write what there is to say first.")


class TooManyWords(Refused):
    """The words are too long."""

    code = "too_many_words"
    sentence = gettext_noop("Say it in at most %(most)s characters; these are %(n)s.")


class NotYourWeek(Refused):
    """The store is not hers to speak of."""

    code = "not_your_week"
    sentence = gettext_noop("Only the manager of this store comments on its week, and only HQ answers.")


class WeekClosed(Refused):
    """The week has not begun, or is long over."""

    code = "week_closed"
    sentence = gettext_noop("A week is spoken of from its Monday until %(most)s weeks later.")


class NothingToAnswer(Refused):
    """The manager has not spoken yet."""

    code = "nothing_to_answer"
    sentence = gettext_noop("The manager has not commented on this week yet; there is nothing to answer.")


@verb
def comment(*, store: Store, monday: date, words: str, by: User, at: datetime) -> WeeklyReview:
    """Let a store's manager say how the week went; said again, the newer words count and the former stay.

    Refuses: NotYourWeek, NothingSaid, TooManyWords, WeekClosed.
    Writes: stores.review.commented.
    """
    if store.pk not in sight_of(by, "reviews", "change").store_ids:
        raise NotYourWeek
    said = _checked(words, monday, at)
    line = journal.write("stores.review.commented", at=at, by=by, subject=f"store:{store.pk}", week=monday.isoformat())
    return WeeklyReview.objects.create(
        store=store, monday=monday, side=WeeklyReview.Side.COMMENT, words=said, said_at=at, by=by, entry_id=line.pk
    )


@verb
def answer(*, store: Store, monday: date, words: str, by: User, at: datetime) -> WeeklyReview:
    """Let HQ answer a manager's comment on her store's week.

    Refuses: NotYourWeek, NothingSaid, TooManyWords, WeekClosed, NothingToAnswer.
    Writes: stores.review.answered.
    """
    if not sight_of(by, "reviews", "change").everything:
        raise NotYourWeek
    said = _checked(words, monday, at)
    if not WeeklyReview.objects.filter(store=store, monday=monday, side=WeeklyReview.Side.COMMENT).exists():
        raise NothingToAnswer
    line = journal.write("stores.review.answered", at=at, by=by, subject=f"store:{store.pk}", week=monday.isoformat())
    return WeeklyReview.objects.create(
        store=store, monday=monday, side=WeeklyReview.Side.ANSWER, words=said, said_at=at, by=by, entry_id=line.pk
    )


def _checked(words: str, monday: date, at: datetime) -> str:
    said = words.replace("\r\n", "\n").replace("\0", "").strip()
    if not said:
        raise NothingSaid
    if len(said) > MOST_WORDS:
        raise TooManyWords(most=MOST_WORDS, n=len(said))
    if not monday <= clock.business_day(at) < monday + timedelta(weeks=WEEKS_BACK):
        raise WeekClosed(most=WEEKS_BACK)
    return said
