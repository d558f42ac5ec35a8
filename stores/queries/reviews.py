"""What was said of a store's week: the newest words of each side, and how often they were said anew."""

from dataclasses import dataclass
from datetime import date

from stores.models import Store, WeeklyReview


@dataclass(frozen=True)
class Review:
    """The words on a store's week by side, newest first; empty when nobody has spoken."""

    comments: list[WeeklyReview]
    answers: list[WeeklyReview]


def review(store: Store, monday: date) -> Review:
    """Read what was said of a store's week; one query."""
    rows = list(WeeklyReview.objects.filter(store=store, monday=monday).select_related("by").order_by("-id"))
    return Review(
        comments=[row for row in rows if row.side == WeeklyReview.Side.COMMENT],
        answers=[row for row in rows if row.side == WeeklyReview.Side.ANSWER],
    )
