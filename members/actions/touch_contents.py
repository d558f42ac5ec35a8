"""Keep what plans say: each version once, so that a touch always tells what it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from members.models import TouchContent
from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import verb


@dataclass(frozen=True)
class Words:
    """What a variant says by a channel, with places in braces."""

    channel: str
    body: str
    title: str = ""
    variant: str = ""


@verb
def keep(
    *, source: str, version: int, words: Sequence[Words], at: datetime, by: User | None = None
) -> list[TouchContent]:  # fmt: skip
    """Keep what a version of a plan (`source`) says, in the order given.

    Writes: members.touch_content.kept.
    """
    line = journal.write(
        "members.touch_content.kept", at=at, by=by, subject=f"plan:{source}"[:80], version=version, contents=len(words)
    )  # fmt: skip
    return TouchContent.objects.bulk_create(
        TouchContent(source=source, version=version, kept_at=at, by=by, entry_id=line.pk, **vars(each))
        for each in words
    )
