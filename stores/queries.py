"""Questions about places: who may see which of them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from stores.models import Post, Store

WHOLE_BRAND = {Post.Role.HQ, Post.Role.AUDITOR}


@dataclass(frozen=True)
class Sight:
    """How far a person sees: everything, or these regions and stores."""

    everything: bool = False
    region_ids: frozenset[int] = frozenset()
    store_ids: frozenset[int] = frozenset()

    @property
    def nothing(self) -> bool:
        """Tell whether this person sees no place at all."""
        return not (self.everything or self.region_ids or self.store_ids)


def sight_of(user: Any) -> Sight:
    """Derive a person's sight from her posts; kept on the user for the length of a request.

    Guides get nothing here: `guides.queries` answers for their own customers.
    """
    if user is None or not getattr(user, "is_authenticated", False) or not user.is_active:
        return Sight()
    kept: Sight | None = getattr(user, "_sight", None)
    if kept is None:
        kept = Sight(everything=True) if user.is_superuser else _sight_of_posts(user)
        user._sight = kept
    return kept


def _sight_of_posts(user: Any) -> Sight:
    posts = list(Post.objects.filter(user=user, until__isnull=True))
    return Sight(
        everything=any(post.role in WHOLE_BRAND for post in posts),
        region_ids=frozenset(
            post.region_id for post in posts if post.role == Post.Role.SUPERVISOR and post.region_id
        ),
        store_ids=frozenset(
            post.store_id for post in posts if post.role == Post.Role.MANAGER and post.store_id
        ),
    )


def store_ids_in(sight: Sight) -> list[int] | None:
    """List the stores within a sight; None means all of them."""
    if sight.everything:
        return None
    return list(
        Store.objects.filter(
            Q(pk__in=sight.store_ids) | Q(region_id__in=sight.region_ids)
        ).values_list("pk", flat=True)
    )
