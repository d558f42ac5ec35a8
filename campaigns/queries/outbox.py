"""What went out by a channel, with the words filled as their members read them."""

from dataclasses import dataclass

from campaigns.queries import wordings
from members.models import Touch


@dataclass(frozen=True)
class Message:
    """A touch that was claimed, with its words."""

    touch: Touch
    title: str
    body: str


def latest(channel: str, most: int) -> list[Message]:
    """Give the messages a channel took last, the newest first; places are filled by what is known of members now."""
    rows = list(
        Touch.objects.filter(channel=channel, claimed_at__isnull=False, content__isnull=False)
        .select_related("member", "content").order_by("-claimed_at", "-pk")[:most]
    )  # fmt: skip
    facts = wordings.facts_of([row.member_id for row in rows])
    return [
        Message(row, wordings.filled(row.content.title, facts[row.member_id]),
                wordings.filled(row.content.body, facts[row.member_id])) for row in rows if row.content
    ]  # fmt: skip
