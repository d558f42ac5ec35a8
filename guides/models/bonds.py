"""Bonds: which guide serves which member, since when, how it came about and how it ended."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from members.models import Member
from stores.models import Post, sight_of, store_ids_in


class BondQuerySet(models.QuerySet["Bond"]):
    """Questions to bonds."""

    def open(self) -> "BondQuerySet":
        """Narrow to the bonds that hold."""
        return self.filter(ended_at__isnull=True)

    def visible_to(self, user: object) -> "BondQuerySet":
        """Narrow to the bonds of guides in the stores within this person's sight."""
        sight = sight_of(user, "bonds", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Bond(models.Model):
    """A guide serves a member: from `began_at` until it ends; a member has one open bond at most.

    The guide stands here by her post, a person at a place: who moves to another store hands her customers over. Before
    `locked_until` nobody but a hand-over takes the member from her.
    """

    class Source(models.TextChoices):
        """How it came about."""

        SCAN = "scan", _("scanned her code")
        PURCHASE = "purchase", _("first purchase")
        IMPORT = "import", _("a file")
        HAND = "hand", _("by hand")
        HANDOVER = "handover", _("handed over")
        POOL = "pool", _("from the pool")
        API = "api", _("another system")

    class End(models.TextChoices):
        """Why it ended."""

        HANDED_OVER = "handed_over", _("handed over")
        TAKEN_OVER = "taken_over", _("added another guide")
        RECYCLED = "recycled", _("back to the pool, untouched")
        RELEASED = "released", _("released by hand")
        DELETED = "deleted", _("she deleted her guide")

    member = models.ForeignKey(Member, models.PROTECT, related_name="bonds", db_index=False, verbose_name=_("member"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="bonds", db_index=False, verbose_name=_("guide"))
    source = models.CharField(_("source"), max_length=10, choices=Source)
    began_at = models.DateTimeField(_("since"))
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("by"),
    )  # fmt: skip
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end = models.CharField(_("why it ended"), max_length=12, choices=End, blank=True, default="")
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        verbose_name=_("ended by"),
    )  # fmt: skip
    entry_id = models.BigIntegerField(editable=False)
    end_entry_id = models.BigIntegerField(null=True, editable=False)

    objects = BondQuerySet.as_manager()

    class Meta:
        """A member is served by one guide at a time; what ended says why."""

        verbose_name = _("bond")
        verbose_name_plural = _("bonds")
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(ended_at__isnull=True), name="bond_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end="", end_entry_id__isnull=True)
                | Q(ended_at__isnull=False, end_entry_id__isnull=False, ended_at__gte=F("began_at")) & ~Q(end=""),
                name="bond_end_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["post", "member"], condition=Q(ended_at__isnull=True), name="bond_served"),
            models.Index(fields=["post", "began_at"], name="bond_begun"),
            models.Index(fields=["member", "began_at"], name="bond_member"),
            models.Index(fields=["entry_id"], name="bond_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} · {self.post_id}"
