"""Places and who stands there: regions, stores, posts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    """A part of the chain that a supervisor looks after."""

    name = models.CharField(_("name"), max_length=60, unique=True)

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
        """Narrow to the stores this person may see; nobody's posts see nothing."""
        from stores.queries import sight_of

        sight = sight_of(user)
        if sight.everything:
            return self
        return self.filter(Q(pk__in=sight.store_ids) | Q(region_id__in=sight.region_ids))


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

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts", verbose_name=_("user")
    )
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
            models.UniqueConstraint(
                fields=["user", "role", "store", "region"], nulls_distinct=False, name="post_once"
            ),
            models.CheckConstraint(
                condition=Q(role__in=["manager", "guide"], store__isnull=False, region__isnull=True)
                | Q(role="supervisor", store__isnull=True, region__isnull=False)
                | Q(role__in=["hq", "auditor", "integrator"], store__isnull=True, region__isnull=True),
                name="post_has_its_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"
