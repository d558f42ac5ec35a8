"""Samples: what guides give their customers to try, how much of it lies where, to whom each was given."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models import Member
from newretail.kernel import scopes
from stores.models import Post, Product, Store, sight_of, store_ids_in

LONGEST_SPAN, MOST_STOCK = 365, 1_000_000


class SampleCampaignQuerySet(models.QuerySet["SampleCampaign"]):
    """Questions to campaigns."""

    def visible_to(self, user: object) -> "SampleCampaignQuerySet":
        """Give them to whoever may look: which product is tried is no secret of a store's."""
        return self if scopes.may(user, "samples", "view") else self.none()


class SampleCampaign(models.Model):
    """A product is given to try from a day to a day; who buys it within `days` of the giving has come back.

    Where stores are named with their stock, they alone give, out of it; where none is, every store gives.
    """

    class Counts(models.TextChoices):
        """What counts as bought again."""

        PRODUCT = "product", _("this product")
        CATEGORY = "category", _("any of its category")

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    product = models.ForeignKey(Product, models.PROTECT, related_name="+", db_index=False, verbose_name=_("product"))
    counts = models.CharField(_("what counts as bought"), max_length=8, choices=Counts, default=Counts.PRODUCT)
    days = models.PositiveSmallIntegerField(
        _("bought within (days)"), default=30, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_SPAN)]
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    entry_id = models.BigIntegerField(editable=False)

    objects = SampleCampaignQuerySet.as_manager()

    class Meta:
        """Its days are in order."""

        verbose_name = _("sample campaign")
        verbose_name_plural = _("sample campaigns")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=Q(first_on__lte=F("last_on")), name="samplecampaign_days_in_order"),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=LONGEST_SPAN), name="samplecampaign_span_within_a_year"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SampleStock(models.Model):
    """How many samples of a campaign a store was supplied with, and how many of them it gave."""

    campaign = models.ForeignKey(SampleCampaign, models.PROTECT, related_name="stocks", db_index=False)
    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False, verbose_name=_("store"))
    supplied = models.PositiveIntegerField(_("supplied"))
    given = models.PositiveIntegerField(_("given"), default=0)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Never more is given than was supplied."""

        verbose_name = _("stock of samples")
        verbose_name_plural = _("stocks of samples")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "store"], name="samplestock_once"),
            models.CheckConstraint(condition=Q(given__lte=F("supplied")), name="samplestock_never_below_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} · {self.store_id}"


class SampleQuerySet(models.QuerySet["Sample"]):
    """Questions to samples."""

    def visible_to(self, user: object) -> "SampleQuerySet":
        """Narrow to what was given in the stores within this person's sight."""
        sight = sight_of(user, "samples", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Sample(models.Model):
    """A sample that a guide gave a member: of a campaign she is given one, ever."""

    append_only = True

    campaign = models.ForeignKey(
        SampleCampaign, models.PROTECT, related_name="samples", db_index=False, verbose_name=_("sample campaign")
    )
    member = models.ForeignKey(Member, models.PROTECT, related_name="samples", verbose_name=_("member"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="samples", db_index=False, verbose_name=_("guide"))
    given_at = models.DateTimeField(_("given at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    objects = SampleQuerySet.as_manager()

    class Meta:
        """One for a member."""

        verbose_name = pgettext_lazy("given to try", "sample")
        verbose_name_plural = pgettext_lazy("given to try", "samples")
        constraints = [models.UniqueConstraint(fields=["campaign", "member"], name="sample_once_for_a_member")]
        indexes = [
            models.Index(fields=["campaign", "given_at"], name="sample_of_campaign"),
            models.Index(fields=["post", "given_at"], name="sample_of_guide"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} · {self.member_id}"
