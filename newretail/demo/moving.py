"""A guide of the demo moved to another store: the customers she left behind wait for her manager to hand them over."""

from datetime import datetime, timedelta

from django.db import transaction

from guides.actions import bonds
from guides.models import Bond
from newretail.demo import logins
from newretail.kernel import sql
from newretail.kernel.files.importing import IMPORTERS
from newretail.kernel.files.rows import batch_of
from stores.actions import posts
from stores.models import Post, Store

LEAVER = {"staff_no": "G9001", "name": "苏晓蕾", "role": "guide"}
MOST = 6
# Members of the store whom nobody serves, as if she had.
LEFT = """
SELECT m.id AS member_id, %(post)s::bigint AS post_id, %(began)s::timestamptz AS began_at FROM members_member m
WHERE m.home_store_id = %(store)s AND m.merged_into_id IS NULL AND m.erased_at IS NULL
  AND NOT EXISTS (SELECT FROM guides_bond b WHERE b.member_id = m.id AND b.ended_at IS NULL)
ORDER BY m.seat LIMIT %(most)s
"""


def move(*, at: datetime) -> int:
    """Let her serve in the busiest store and move to the next; how many customers she left behind."""
    there = logins.busiest()
    if Post.objects.filter(user__staff_no=LEAVER["staff_no"]).exists():
        return 0
    onward = Store.objects.filter(region=there.region).exclude(pk=there.pk).order_by("code")[0]
    post = _stand(there, at=at)
    _serve(post, at=at)
    _stand(onward, at=at)
    return Bond.objects.open().filter(post=post).count()


def _stand(store: Store, *, at: datetime) -> Post:
    posts.record(batch=batch_of(IMPORTERS["staff"].sheet, [{**LEAVER, "store_code": store.code}]), at=at)
    return Post.objects.get(user__staff_no=LEAVER["staff_no"], store=store)


@transaction.atomic
def _serve(post: Post, *, at: datetime) -> None:
    given = {"post": post.pk, "store": post.store_id, "began": at - timedelta(days=40), "most": MOST}
    sql.temporary("tmp_moving", LEFT, given)
    bonds.bind(table="tmp_moving", source="hand", at=at)
