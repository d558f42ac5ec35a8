"""Who serves whom: by which posts a person serves, whom, and who serves a member; nobody sees another's."""

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from guides.models import Bond, Task
from guides.models.tasks import TaskQuerySet
from members.models import Member
from newretail.kernel import scopes, sql
from stores.models import Post, posts_of

SERVES = frozenset({Post.Role.GUIDE, Post.Role.MANAGER})
# The open bond of persons (`whose`: which roots): her root's counts, else the oldest of the rows merged into her.
HELD = """
SELECT DISTINCT ON (root) coalesce(m.merged_into_id, m.id) AS root, b.id, b.post_id, b.locked_until, b.began_at
FROM guides_bond b JOIN members_member m ON m.id = b.member_id
WHERE b.ended_at IS NULL AND coalesce(m.merged_into_id, m.id) {whose}
ORDER BY root, (m.merged_into_id IS NULL) DESC, b.began_at, b.id
"""
# Of two bonds of merged rows the one that counts.
OLDER = Q(began_at__lt=OuterRef("began_at")) | Q(began_at=OuterRef("began_at"), pk__lt=OuterRef("pk"))


def posts_serving(user: Any) -> list[Post]:
    """List the posts by which a person serves customers: as a guide or a manager of a store."""
    if not scopes.may(user, "own_work"):
        return []
    return [post for post in posts_of(user) if post.role in SERVES and post.store_id]


def customers_of(user: Any) -> QuerySet[Member]:
    """Give the members a person serves, in the rows they live in; who was erased is nobody's customer."""
    return served_by([post.pk for post in posts_serving(user)])


def served_by(posts: list[int]) -> QuerySet[Member]:
    """Give the members whom these posts (ids) serve, in the rows they live in; nobody who was erased."""
    if not posts:
        return Member.objects.none()
    served = Bond.objects.open().filter(post__in=posts)
    roots = served.annotate(root=Coalesce("member__merged_into_id", "member_id"))
    merged = ~Exists(Bond.objects.open().filter(member=OuterRef("member__merged_into_id"))) & ~Exists(
        Bond.objects.open().filter(OLDER, member__merged_into=OuterRef("member__merged_into_id"))
    )
    own = Q(member__merged_into__isnull=True) | merged
    return Member.objects.living().filter(erased_at__isnull=True, pk__in=roots.filter(own).values("root"))


def tasks_of(user: Any) -> TaskQuerySet:
    """Give the tasks of a person's posts."""
    return Task.objects.filter(post__in=[post.pk for post in posts_serving(user)])


def guide_of(member: Member) -> Post | None:
    """Give the post that serves a member, None where she is in the pool."""
    found = sql.rows(HELD.format(whose="= %(root)s"), {"root": member.merged_into_id or member.pk})
    return Post.objects.select_related("user", "store").get(pk=found[0][2]) if found else None


def serving_in(store: int | None) -> QuerySet[Post]:
    """Give the posts of those who serve in a store now."""
    serving = Post.objects.filter(store=store, until__isnull=True, role__in=SERVES, user__is_active=True)
    return serving.select_related("user").order_by("user__name", "pk")


def serving_within(stores: list[int] | None) -> QuerySet[Post]:
    """Give the posts of those who serve in these stores (ids, None: all) now."""
    serving = Post.objects.filter(store__isnull=False, until__isnull=True, role__in=SERVES, user__is_active=True)
    rows = serving if stores is None else serving.filter(store_id__in=stores)
    return rows.select_related("user", "store").order_by("store__code", "user__name", "pk")


def colleagues_of(post: Post) -> QuerySet[Post]:
    """Give the posts of the others who serve in the same store now."""
    return serving_in(post.store_id).exclude(pk=post.pk)
