"""Materials: what guides share, in versions; who may use each, and from when until when."""

from datetime import date

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stores.models import Post, Product, Region, Store, sight_of, store_ids_in

LONGEST_WORDS = 1000


class Picture(models.Model):
    """A picture as it is shown: a small JPEG; the same picture is kept once, and never changes."""

    append_only = True

    digest = models.CharField(_("digest"), max_length=64, unique=True)
    body = models.BinaryField(_("picture"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Kept beside the words it goes with."""

        verbose_name = _("picture")
        verbose_name_plural = _("pictures")

    def __str__(self) -> str:
        return self.digest[:12]


class MaterialQuerySet(models.QuerySet["Material"]):
    """Questions to materials."""

    def visible_to(self, user: object) -> "MaterialQuerySet":
        """Narrow to what may be used in the stores within this person's sight."""
        sight = sight_of(user, "materials", "view")
        if sight.everything:
            return self
        stores = store_ids_in(sight) or []
        return self.none() if sight.nothing else self.used_in(stores)

    def used_in(self, stores: list[int]) -> "MaterialQuerySet":
        """Narrow to what may be used in any of these stores (ids)."""
        of_stores = Material.stores.through.objects.filter(material=OuterRef("pk"))
        of_regions = Material.regions.through.objects.filter(material=OuterRef("pk"))
        regions = Store.objects.filter(pk__in=stores).values("region")
        everywhere = ~Exists(of_stores) & ~Exists(of_regions)
        return self.filter(
            everywhere | Exists(of_stores.filter(store__in=stores)) | Exists(of_regions.filter(region__in=regions))
        )

    def current(self, on: date) -> "MaterialQuerySet":
        """Narrow to what is published and counts on a day."""
        begun = Q(first_on__isnull=True) | Q(first_on__lte=on)
        return self.filter(begun, Q(last_on__isnull=True) | Q(last_on__gte=on), state=Material.State.PUBLISHED)

    def usable_by(self, posts: list[Post], on: date) -> "MaterialQuerySet":
        """Narrow to what these posts may share on a day."""
        return self.current(on).used_in([post.store_id for post in posts if post.store_id])


class Material(models.Model):
    """One version of what guides share; (code, version) is its name. Once published its wording never changes.

    A draft may still be changed. Who finds no store and no region named on it may use it: everybody.
    """

    class Kind(models.TextChoices):
        """What it is."""

        TEXT = "text", pgettext_lazy("material", "words")
        PICTURE = "picture", _("picture")
        POSTER = "poster", _("poster")
        LINK = "link", _("link")
        PRODUCT = "product", _("product card")

    class Category(models.TextChoices):
        """What it speaks of."""

        PRODUCT = "product", pgettext_lazy("material", "product")
        LIFE = "life", pgettext_lazy("material", "life")
        BRAND = "brand", pgettext_lazy("material", "brand")

    class State(models.TextChoices):
        """How it stands."""

        DRAFT = "draft", _("draft")
        PUBLISHED = "published", pgettext_lazy("material", "published")
        REPLACED = "replaced", pgettext_lazy("material", "replaced")
        WITHDRAWN = "withdrawn", pgettext_lazy("material", "withdrawn")

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"), default=1, editable=False)
    title = models.CharField(_("title"), max_length=60)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    category = models.CharField(
        pgettext_lazy("material", "category"), max_length=8, choices=Category, default=Category.PRODUCT
    )
    words = models.TextField(
        pgettext_lazy("material", "words"),
        max_length=LONGEST_WORDS,
        blank=True,
        default="",
        validators=[MaxLengthValidator(LONGEST_WORDS)],
    )  # fmt: skip
    url = models.URLField(_("address"), max_length=500, blank=True, default="")
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    picture = models.ForeignKey(
        Picture, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("picture")
    )
    first_on = models.DateField(_("first day"), null=True, blank=True)
    last_on = models.DateField(_("last day"), null=True, blank=True)
    stores = models.ManyToManyField(Store, blank=True, related_name="+", verbose_name=_("stores"))
    regions = models.ManyToManyField(Region, blank=True, related_name="+", verbose_name=_("regions"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("by"),
    )  # fmt: skip
    entry_id = models.BigIntegerField(default=0, editable=False)

    objects = MaterialQuerySet.as_manager()

    class Meta:
        """A code has one published version and one draft at most; each kind holds what it is about."""

        verbose_name = _("material")
        verbose_name_plural = _("materials")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="material_version_once"),
            models.UniqueConstraint(fields=["code"], condition=Q(state="published"), name="material_one_published"),
            models.UniqueConstraint(fields=["code"], condition=Q(state="draft"), name="material_one_draft"),
            models.CheckConstraint(
                condition=Q(kind="text") & ~Q(words="")
                | Q(kind__in=["picture", "poster"], picture__isnull=False)
                | Q(kind="link") & ~Q(url="")
                | Q(kind="product", product__isnull=False),
                name="material_kind_whole",
                violation_error_message=_(
                    "Give it what its kind is about: words, a picture, an address that it leads to, or a product."
                ),
            ),
            models.CheckConstraint(
                condition=Q(first_on__isnull=True) | Q(last_on__isnull=True) | Q(first_on__lte=F("last_on")),
                name="material_days_in_order",
                violation_error_message=_("The last day is not before the first."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True) | ~Q(state="draft"), name="material_draft_is_new"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "category", "published_at"], name="material_offered")]

    def __str__(self) -> str:
        return self.title
