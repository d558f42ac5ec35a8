"""Two rows, one person: claims that contend, likely duplicates, merges and what undid them."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members.models.member import Identity, Member


class Claim(models.Model):
    """That an identity was stated for a member while it leads to another; pending until somebody decides."""

    class State(models.TextChoices):
        """Where a claim stands."""

        PENDING = "pending", _("pending")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")

    derived = "state = 'pending'"  # goes with its member until somebody decided

    member = models.ForeignKey(Member, models.PROTECT, related_name="claims", db_index=False, verbose_name=_("member"))
    kind = models.CharField(_("kind"), max_length=16, choices=Identity.Kind)
    value = models.CharField(_("value"), max_length=120)
    source = models.CharField(_("source"), max_length=40, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"))
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PENDING)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A member claims a value once; what is settled says when."""

        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(fields=["member", "kind", "value"], name="claim_once"),
            models.CheckConstraint(
                condition=Q(state="pending", settled_at__isnull=True)
                | Q(state__in=["accepted", "rejected"], settled_at__isnull=False),
                name="claim_settled_or_pending",
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "value"], name="claim_value"),
            models.Index(fields=["member", "claimed_at", "id"], name="claim_life"),
            models.Index(fields=["-id"], condition=Q(state="pending"), name="claim_pending"),
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class Duplicate(models.Model):
    """Two members who may be one person, with why; dismissed once, the pair is never proposed again."""

    class State(models.TextChoices):
        """Where a pair stands."""

        OPEN = "open", pgettext_lazy("request", "open")
        MERGED = "merged", _("merged")
        DISMISSED = "dismissed", _("not the same person")

    class Rule(models.TextChoices):
        """By what a pair was found, the strongest first."""

        PHONE = "phone", _("same phone")
        IDENTITY = "identity", _("same identity")
        NAME_BIRTHDAY = "name_birthday", _("similar name and same birthday")
        HAND = "hand", _("by hand")

    derived = "state = 'open'"  # goes with its member until somebody decided

    low = models.ForeignKey(Member, models.PROTECT, related_name="duplicates_after", verbose_name=_("member"))
    high = models.ForeignKey(
        Member, models.PROTECT, related_name="duplicates_before", db_index=False, verbose_name=_("other member")
    )
    rule = models.CharField(_("found by"), max_length=16, choices=Rule)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    found_at = models.DateTimeField(_("found at"))
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A pair stands once, the smaller id first."""

        verbose_name = _("likely duplicate")
        verbose_name_plural = _("likely duplicates")
        constraints = [
            models.UniqueConstraint(fields=["low", "high"], name="duplicate_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="duplicate_in_order"),
        ]
        indexes = [
            models.Index(fields=["high"], name="duplicate_high"),
            models.Index(fields=["-id"], condition=Q(state="open"), name="duplicate_open"),
        ]

    def __str__(self) -> str:
        return f"{self.low.member_no} = {self.high.member_no}"


class Merge(models.Model):
    """That one member was merged into another: who, when, why, and a digest of both sides' books as they stood."""

    append_only = True
    erasable = ("reason",)

    member = models.ForeignKey(Member, models.PROTECT, related_name="merges", verbose_name=_("merged member"))
    into = models.ForeignKey(Member, models.PROTECT, related_name="merges_here", verbose_name=_("merged into"))
    rule = models.CharField(_("found by"), max_length=16, choices=Duplicate.Rule)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    merged_at = models.DateTimeField(_("merged at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    member_digest = models.CharField(max_length=64, editable=False)
    into_digest = models.CharField(max_length=64, editable=False)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Nobody is merged into herself."""

        verbose_name = _("merge")
        verbose_name_plural = _("merges")
        constraints = [
            models.CheckConstraint(condition=~Q(member=F("into")), name="merge_not_into_herself"),
        ]

    def __str__(self) -> str:
        return f"{self.member.member_no} → {self.into.member_no}"


class MergeUndone(models.Model):
    """That a merge was taken back: both members stand again, each with a digest of her books as they stand now."""

    append_only = True
    erasable = ("reason",)

    merge = models.OneToOneField(Merge, models.PROTECT, related_name="undone", verbose_name=_("merge"))
    reason = models.CharField(_("reason"), max_length=200)
    undone_at = models.DateTimeField(_("undone at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    member_digest = models.CharField(max_length=64, editable=False)
    into_digest = models.CharField(max_length=64, editable=False)
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A merge is undone once."""

        verbose_name = _("undone merge")
        verbose_name_plural = _("undone merges")

    def __str__(self) -> str:
        return f"{self.merge_id}"
