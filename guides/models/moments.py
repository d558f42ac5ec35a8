"""Moments: a store's week as it is planned, slot by slot, and what its guides posted of it (朋友圈 4+2+2)."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.materials import Material
from stores.models import Post, Store, sight_of, store_ids_in

Category = Material.Category


class MomentSlotQuerySet(models.QuerySet["MomentSlot"]):
    """Questions to planned slots."""

    def visible_to(self, user: object) -> "MomentSlotQuerySet":
        """Narrow to the plans of the stores within this person's sight."""
        sight = sight_of(user, "moments", "view")
        return self if sight.everything else self.filter(store_id__in=store_ids_in(sight) or [])


class MomentSlot(models.Model):
    """A post in Moments that each guide of a store is to make: on a day, between two instants, about what.

    (store, week, nth) is its name; a week begins on Monday. Without a material the guide finds words of her own.
    """

    class Part(models.TextChoices):
        """Which of the two best times of a day."""

        NOON = "noon", _("noon")
        EVENING = "evening", _("evening")

    ref = models.UUIDField(_("our number"), unique=True, default=uuid.uuid4, editable=False)
    store = models.ForeignKey(
        Store, models.PROTECT, related_name="moment_slots", db_index=False, verbose_name=_("store")
    )
    week_on = models.DateField(_("week from"))
    nth = models.PositiveSmallIntegerField(_("nth"))
    day = models.DateField(_("day"))
    part = models.CharField(_("best time"), max_length=8, choices=Part)
    opens_at = models.DateTimeField(_("best from"))
    closes_at = models.DateTimeField(_("best until"))
    category = models.CharField(pgettext_lazy("material", "category"), max_length=8, choices=Category)
    material = models.ForeignKey(
        Material, models.PROTECT, null=True, blank=True, related_name="moment_slots", db_index=False,
        verbose_name=_("material"),
    )  # fmt: skip
    entry_id = models.BigIntegerField(editable=False)

    objects = MomentSlotQuerySet.as_manager()

    class Meta:
        """A slot stands once in its week; a week has one slot for brand advertising at most."""

        verbose_name = _("slot of Moments")
        verbose_name_plural = _("plan of Moments")
        constraints = [
            models.UniqueConstraint(fields=["store", "week_on", "nth"], name="momentslot_once"),
            models.UniqueConstraint(
                fields=["store", "week_on"], condition=Q(category="brand"), name="momentslot_one_brand_advert"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("closes_at"), week_on__lte=F("day")), name="momentslot_times_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["store", "day"], name="momentslot_day"),
            models.Index(fields=["week_on", "store"], name="momentslot_week"),
            models.Index(fields=["material"], condition=Q(material__isnull=False), name="momentslot_material"),
            models.Index(fields=["entry_id"], name="momentslot_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} · {self.day} {self.part}"


class MomentPostQuerySet(models.QuerySet["MomentPost"]):
    """Questions to posts in Moments."""

    def standing(self) -> "MomentPostQuerySet":
        """Narrow to what was not taken back."""
        return self.filter(undone_at__isnull=True)

    def visible_to(self, user: object) -> "MomentPostQuerySet":
        """Narrow to the posts of guides in the stores within this person's sight."""
        sight = sight_of(user, "moments", "view")
        return self if sight.everything else self.filter(post__store_id__in=store_ids_in(sight) or [])


class MomentPost(models.Model):
    """A guide made the post of a slot; what it was about stays as it was, whatever becomes of the plan.

    Told by herself (自报) until the platform names it (平台回执).
    """

    class Evidence(models.TextChoices):
        """By what it is known."""

        SELF = "self", _("told by herself")
        PLATFORM = "platform", _("platform receipt")

    slot = models.ForeignKey(
        MomentSlot, models.PROTECT, related_name="posts", db_index=False, verbose_name=_("slot of Moments")
    )
    post = models.ForeignKey(Post, models.PROTECT, related_name="moment_posts", db_index=False, verbose_name=_("guide"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    week_on = models.DateField(_("week from"))
    category = models.CharField(pgettext_lazy("material", "category"), max_length=8, choices=Category)
    material = models.ForeignKey(
        Material, models.PROTECT, null=True, related_name="moment_posts", db_index=False, verbose_name=_("material")
    )
    at = models.DateTimeField(_("posted at"))
    evidence = models.CharField(_("evidence"), max_length=8, choices=Evidence, default=Evidence.SELF)
    moment_id = models.CharField(_("number at the platform"), max_length=120, blank=True, default="")
    undone_at = models.DateTimeField(_("taken back at"), null=True, editable=False)
    entry_id = models.BigIntegerField(editable=False)
    confirm_entry_id = models.BigIntegerField(null=True, editable=False)
    undo_entry_id = models.BigIntegerField(null=True, editable=False)

    objects = MomentPostQuerySet.as_manager()

    class Meta:
        """A guide makes a slot's post once, and brand advertising once a week, whichever stores she serves."""

        verbose_name = _("post in Moments")
        verbose_name_plural = _("posts in Moments")
        constraints = [
            models.UniqueConstraint(
                fields=["slot", "post"], condition=Q(undone_at__isnull=True), name="momentpost_once"
            ),
            models.UniqueConstraint(
                fields=["by", "week_on"], condition=Q(category="brand", undone_at__isnull=True),
                name="momentpost_one_brand_advert",
            ),
            models.UniqueConstraint(
                fields=["post", "moment_id"], condition=~Q(moment_id=""), name="momentpost_confirmed_once"
            ),
            models.CheckConstraint(
                condition=Q(evidence="self", moment_id="", confirm_entry_id__isnull=True)
                | Q(evidence="platform", confirm_entry_id__isnull=False) & ~Q(moment_id=""),
                name="momentpost_evidence_whole",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undo_entry_id__isnull=True)
                | Q(undone_at__isnull=False, undo_entry_id__isnull=False, evidence="self"),
                name="momentpost_undone_whole",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["post", "at"], name="momentpost_of_guide"),
            models.Index(fields=["material", "at"], name="momentpost_of_material"),
            models.Index(fields=["entry_id"], name="momentpost_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} · {self.slot_id}"
