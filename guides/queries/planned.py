"""Tasks that hand a planned touch to a guide: a touch has one, ever, named by our number of it."""

import uuid
from collections.abc import Sequence

from guides.models import Task

SOURCE = "members.touch:"
# Our number of the touch that task `k` hands over, null where it hands over none.
REF = f"CASE WHEN k.source LIKE '{SOURCE}%%' THEN substr(k.source, {len(SOURCE) + 1})::uuid END"


def ref_of(task: Task) -> uuid.UUID | None:
    """Give our number of the touch a task hands over."""
    return uuid.UUID(task.source.removeprefix(SOURCE)) if task.source.startswith(SOURCE) else None


def given(refs: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Narrow touches to those that were handed over."""
    sources = Task.objects.filter(source__in=[f"{SOURCE}{ref}" for ref in refs]).values_list("source", flat=True)
    return {uuid.UUID(source.removeprefix(SOURCE)) for source in sources}
