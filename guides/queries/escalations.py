"""What was taken up the line: by the posts of a person, with its thread."""

from collections.abc import Sequence

from django.db.models import Case, QuerySet, Value, When

from guides.models import Escalation, EscalationMessage

State = Escalation.State
# What was answered is news to who asked; then what waits.
NEWS_FIRST = Case(When(state=State.ANSWERED, then=Value(0)), When(state=State.OPEN, then=Value(1)), default=Value(2))


def raised_by(posts: Sequence[int]) -> QuerySet[Escalation]:
    """Give what these posts took up: what was answered first, then what waits, then what is closed."""
    return Escalation.objects.filter(post_id__in=posts).order_by(NEWS_FIRST, "-id")


def thread_of(escalation: Escalation) -> QuerySet[EscalationMessage]:
    """Give what was said and done about it, in order."""
    return escalation.thread.select_related("by").order_by("nth")


def answered(posts: Sequence[int]) -> int:
    """Count what was answered and is not closed yet."""
    return Escalation.objects.filter(post_id__in=posts, state=State.ANSWERED).count()
