"""The brand's calendar: festivals by year, as computed or as edited."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Holiday(models.Model):
    """A festival of one year: its day, the span around it, the weekend days worked for it."""

    class Kind(models.TextChoices):
        """Who keeps it."""

        STATUTORY = "statutory", _("statutory")
        LUNAR = "lunar", _("lunar festival")
        COMMERCIAL = "commercial", _("commercial")
        BRAND = "brand", _("the brand's own")

    class Source(models.TextChoices):
        """Where its days come from: the nightly filling never touches what was edited."""

        COMPUTED = "computed", _("computed")
        EDITED = "edited", _("edited")

    family = models.CharField(_("family"), max_length=40)
    year = models.PositiveSmallIntegerField(_("year"))
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    name_zh = models.CharField(_("name in Chinese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    day = models.DateField(_("the day itself"))
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    is_off = models.BooleanField(_("public days off"), default=False)
    worked = ArrayField(models.DateField(), verbose_name=_("weekend days worked for it"), default=list, blank=True)
    provisional = models.BooleanField(_("provisional"), default=False)
    yearly = models.BooleanField(_("every year"), default=False)
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.COMPUTED)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """A family has one festival a year; its day lies in its span."""

        verbose_name = _("holiday")
        verbose_name_plural = _("holidays")
        constraints = [
            models.UniqueConstraint(fields=["family", "year"], name="holiday_once_a_year"),
            models.CheckConstraint(
                condition=Q(first_on__lte=F("day"), last_on__gte=F("day")), name="holiday_day_in_its_span"
            ),
        ]
        indexes = [models.Index(fields=["first_on", "id"], name="holiday_first_on")]

    def __str__(self) -> str:
        return f"{self.name} {self.year}"

    @property
    def name(self) -> str:
        """Give its name in the language at work."""
        return self.name_zh if (get_language() or "").startswith("zh") else self.name_en
