"""What other systems are told of segments: who came in and who went out."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext_noop

from campaigns.models import SegmentMove
from newretail.kernel.models import JournalEntry
from newretail.kernel.registry import tells
from newretail.kernel.webhooks.rows import told


@tells("campaigns.segment.moved", event="segment.moved", says=gettext_noop("members came into a segment, or went out"))
def moves(entry: JournalEntry) -> Iterator[dict[str, Any]]:
    """Give the moves that a line wrote."""
    rows = SegmentMove.objects.filter(entry_id=entry.pk)
    for row in told(rows, "kind", member_no="member__member_no"):
        yield {"segment": entry.subject, **row}
