"""Places and who stands there: regions, stores, posts, and how far a person sees from hers."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from newretail.kernel import clock, scopes, sql
from newretail.kernel.scopes import Action, Reach, Resource


class RegionQuerySet(models.QuerySet["Region"]):
    """Questions to regions."""

    def visible_to(self, user: object) -> "RegionQuerySet":
        """Narrow to the regions of the stores within this person's sight."""
        return self.filter(pk__in=Store.objects.visible_to(user).order_by().values("region_id"))


class Region(models.Model):
    """A part of the chain that a supervisor looks after."""

    name = models.CharField(_("name"), max_length=60, unique=True)

    objects = RegionQuerySet.as_manager()

    class Meta:
        """Regions stand by name."""

        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class StoreQuerySet(models.QuerySet["Store"]):
    """Questions to stores."""

    def visible_to(self, user: object) -> "StoreQuerySet":
        """Narrow to the stores within this person's sight; without a post that is none."""
        sight = sight_of(user, "stores", "view")
        if sight.everything:
            return self
        return self.filter(Q(pk__in=sorted(sight.store_ids)) | Q(region_id__in=sorted(sight.region_ids)))


class Store(models.Model):
    """A shop with a counter, or a warehouse that sells."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120)
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region"))
    city = models.CharField(_("city"), max_length=60, blank=True)
    latitude = models.FloatField(_("latitude"), null=True, blank=True)
    longitude = models.FloatField(_("longitude"), null=True, blank=True)
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, default="store")
    entry_id = models.BigIntegerField(default=0, editable=False)

    objects = StoreQuerySet.as_manager()

    class Meta:
        """Stores are found by code; a position is whole or absent."""

        verbose_name = _("store")
        verbose_name_plural = _("stores")
        constraints = [
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="store_position_on_earth",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A person in a role at a place: what she may see follows from her posts."""

    class Role(models.TextChoices):
        """What one can be."""

        HQ = "hq", _("HQ operator")
        SUPERVISOR = "supervisor", _("supervisor")
        MANAGER = "manager", _("store manager")
        GUIDE = "guide", _("guide")
        AUDITOR = "auditor", _("auditor")
        INTEGRATOR = "integrator", _("integrator")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=12, choices=Role)
    store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("store")
    )
    region = models.ForeignKey(
        Region, models.PROTECT, null=True, blank=True, related_name="posts", verbose_name=_("region")
    )
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """Each role has the place it needs, and nobody holds the same post twice."""

        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.UniqueConstraint(fields=["user", "role", "store", "region"], nulls_distinct=False, name="post_once"),
            models.CheckConstraint(
                condition=Q(role__in=["manager", "guide"], store__isnull=False, region__isnull=True)
                | Q(role="supervisor", store__isnull=True, region__isnull=False)
                | Q(role="integrator", region__isnull=True)
                | Q(role__in=["hq", "auditor"], store__isnull=True, region__isnull=True),
                name="post_has_its_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def is_confined(self) -> bool:
        """Tell whether rights over the whole brand end at its store: a till's system writes for its shop alone."""
        return self.role == self.Role.INTEGRATOR and self.store_id is not None


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

    def reaches(self, store_id: int | None, region_id: int | None) -> bool:
        """Tell whether what stands in this store, of this region, lies within."""
        return self.everything or store_id in self.store_ids or region_id in self.region_ids

    @cached_property
    def found(self) -> list[int]:
        """List the stores within, looked up once."""
        within = Q(pk__in=self.store_ids) | Q(region_id__in=self.region_ids)
        return list(Store.objects.filter(within).order_by("pk").values_list("pk", flat=True))


HELD = """WHERE user_id = %(user)s AND until IS NULL
  AND (since IS NULL OR since <= (statement_timestamp() AT TIME ZONE %(zone)s)::date) ORDER BY id"""


def held_on(day: str) -> str:
    """Write the condition that a post `p` is held on a day, as statements of ours name both."""
    return f"(p.since IS NULL OR p.since <= {day}) AND (p.until IS NULL OR p.until > {day})"


def posts_of(user: Any) -> list[Post]:
    """List the posts a person holds today; kept on the user for the length of a request."""
    if getattr(user, "pk", None) is None or not (user.is_authenticated and user.is_active):
        return []
    kept: list[Post] | None = getattr(user, "_posts", None)
    if kept is None:
        kept = user._posts = sql.instances(Post, HELD, {"user": user.pk, "zone": clock.brand_zone().key})
    return kept


def roles_of(user: Any) -> frozenset[str]:
    """Name the roles a person holds; an administrator of the brand is at HQ."""
    return frozenset(["hq"] if user.is_superuser else [post.role for post in posts_of(user)])


def sight_of(user: Any, resource: Resource = "stores", action: Action = "view") -> Sight:
    """Derive from a person's posts and the table of rights where she may do this: each post reaches its own place.

    An integrator with a store never reaches beyond it. Guides get nothing here: `guides.queries` answers for their own
    customers.
    """
    if scopes.left_out(user, resource, action):
        return Sight()
    if user is not None and getattr(user, "is_superuser", False) and user.is_active:
        return Sight(everything=scopes.may(user, resource, action))
    reached = [(post, scopes.reach_of(post.role, resource, action)) for post in posts_of(user)]
    sight = Sight(
        everything=any(reach == Reach.BRAND and not post.is_confined for post, reach in reached),
        region_ids=frozenset(post.region_id for post, reach in reached if reach == Reach.REGION and post.region_id),
        store_ids=frozenset(
            post.store_id
            for post, reach in reached
            if post.store_id and (reach == Reach.STORE or (reach and post.is_confined))
        ),
    )
    # Equal sights are one for the length of a request, so that its stores are looked up once.
    kept: dict[Sight, Sight] = getattr(user, "_sights", {})
    if user is not None:
        user._sights = kept
    return kept.setdefault(sight, sight)


def store_ids_in(sight: Sight) -> list[int] | None:
    """List the stores within a sight; None means all of them."""
    return None if sight.everything else sight.found
