"""Tasks for guides as one batch, beside the same verb called for one task at a time."""

from functools import partial
from time import perf_counter
from uuid import uuid4

from django.db import transaction

from bench.figures import Figure, at_least, holds
from bench.ground import BIG, Ground, brand
from bench.meter import Meter, spoken
from guides.actions import tasks
from guides.actions.tasks import Wording
from guides.models import Brief, Task
from newretail.kernel import clock, sql

MANY, SINGLY = 100_000, 500
# Each member by the guide of her store; of members without one, by any guide.
WISHED = """
SELECT m.id AS member_id, coalesce(p.id, (SELECT min(id) FROM stores_post WHERE role = 'guide')) AS post_id,
  %(source)s AS source, '{"days": 3}'::jsonb AS facts, %(at)s + interval '1 day' AS due_at,
  %(at)s + interval '7 days' AS expires_at
FROM members_member m LEFT JOIN LATERAL (
  SELECT id FROM stores_post WHERE store_id = m.home_store_id AND role = 'guide' ORDER BY id LIMIT 1) p ON true
WHERE m.erased_at IS NULL ORDER BY m.id LIMIT %(many)s OFFSET %(skip)s
"""


@transaction.atomic
def _assign(brief: Brief, source: str, many: int, skip: int = 0) -> int:
    at = clock.now()
    given = {"source": source, "many": many, "skip": skip, "at": at}
    sql.temporary("tmp_tasking", WISHED, given, analyze=many > 1)
    return tasks.assign(table="tmp_tasking", brief=brief, at=at)


def measure(ground: Ground) -> list[Figure]:
    """Assign a campaign's tasks at once, a few hundred of them one by one, and the same batch again."""
    ground.say("tasks of guides")
    with brand(BIG):
        brief = tasks.brief(wording=Wording("活动", Brief.Reason.CAMPAIGN, words="{name}，本周有活动"), at=clock.now())
        source, meter = f"bench:{uuid4()}", Meter()
        made, took = meter.take(partial(_assign, brief, source, MANY))
        began, singly = perf_counter(), min(SINGLY, made)
        for each in range(singly):
            _assign(brief, f"{source}:one", 1, each)
        one = (perf_counter() - began) / max(singly, 1)
        again = _assign(brief, source, MANY)
        kept = Task.objects.filter(source=source).count()
    figure = Figure(
        f"tasks: {made:,} assigned as one batch", took.words, f"one by one {spoken(one * made)}",
        one * made / took.wall,
    )  # fmt: skip
    same = holds(
        "tasks: the same batch again", f"{again} more, {kept:,} in all", "0 more", ok=not again and kept == made
    )
    return [at_least(figure, 20), same]
