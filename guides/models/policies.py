"""Policies: the versions of what guides are levelled, credited and paid by, and from which day each counts."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Policy(models.Model):
    """One version of a table of levels, of the rules of credits or of a commission scheme; no version ever changes."""

    append_only = True

    class Kind(models.TextChoices):
        """What it rules."""

        LEVELS = "levels", _("level table")
        CREDITS = "credits", _("credit rules")
        COMMISSION = "commission", _("commission scheme")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    version = models.PositiveIntegerField(_("version"))
    terms = models.JSONField(_("terms"))
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    kept_at = models.DateTimeField(_("kept at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Versions of a kind stand by number."""

        verbose_name = pgettext_lazy("of guides", "policy")
        verbose_name_plural = pgettext_lazy("of guides", "policies")
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="policy_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="policy_versions_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} v{self.version}"


class PolicyStart(models.Model):
    """That a version counts from a day on, until another of its kind does; of two for one day the later word."""

    append_only = True

    policy = models.OneToOneField(Policy, models.PROTECT, related_name="start", verbose_name=_("policy"))
    starts_on = models.DateField(_("starts on"))
    published_at = models.DateTimeField(_("published at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A version is published once."""

        verbose_name = _("publication of a policy")
        verbose_name_plural = _("publications of policies")

    def __str__(self) -> str:
        return f"{self.policy} {self.starts_on:%Y-%m-%d}"
