"""Surveys: a few questions that guides ask their customers, in versions that never change."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from newretail.kernel import scopes

LONGEST_QUESTION, LONGEST_OPTION = 120, 40
MOST_QUESTIONS, MOST_OPTIONS = 8, 8


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Questions to surveys."""

    def visible_to(self, user: object) -> "SurveyQuerySet":
        """Give them to whoever may look: what is asked is no secret of a store's."""
        return self if scopes.may(user, "surveys", "view") else self.none()


class Survey(models.Model):
    """One version of a survey; (code, version) is its name. A change is the next version."""

    append_only = True

    code = models.CharField(_("code"), max_length=40)
    version = models.PositiveSmallIntegerField(_("version"))
    title = models.CharField(_("title"), max_length=60)
    written_at = models.DateTimeField(_("written at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    objects = SurveyQuerySet.as_manager()

    class Meta:
        """Versions are counted from 1."""

        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["code", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["code", "version"], name="survey_version_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="survey_version_from_one"),
        ]

    def __str__(self) -> str:
        return self.title


class SurveyQuestion(models.Model):
    """The nth question of a version, and how it is answered; `options` are those of a choice."""

    append_only = True

    class Kind(models.TextChoices):
        """How it is answered."""

        CHOICE = "choice", _("one of several")
        SCORE_5 = "score_5", _("score 1–5")
        SCORE_10 = "score_10", _("score 0–10")
        YES_NO = "yes_no", _("yes or no")
        TEXT = "text", pgettext_lazy("question", "short text")

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="questions", db_index=False)
    nth = models.PositiveSmallIntegerField(_("nth"))
    kind = models.CharField(_("kind"), max_length=8, choices=Kind)
    words = models.CharField(_("question"), max_length=LONGEST_QUESTION)
    options = models.JSONField(_("options"), default=list, blank=True)
    required = models.BooleanField(_("must be answered"), default=True)

    class Meta:
        """Questions of a version are counted without a gap."""

        verbose_name = _("question of a survey")
        verbose_name_plural = _("questions of surveys")
        ordering = ["survey", "nth"]
        constraints = [models.UniqueConstraint(fields=["survey", "nth"], name="surveyquestion_in_order")]

    def __str__(self) -> str:
        return self.words

    @property
    def offered(self) -> list[tuple[int, str]]:
        """List the answers that may be picked, as number and words; none of a text."""
        if self.kind == self.Kind.CHOICE:
            return list(enumerate(self.options, start=1))
        if self.kind == self.Kind.YES_NO:
            return [(1, str(_("yes"))), (0, str(_("no")))]
        first, last = {self.Kind.SCORE_5: (1, 5), self.Kind.SCORE_10: (0, 10)}.get(self.Kind(self.kind), (1, 0))
        return [(score, str(score)) for score in range(first, last + 1)]

    @property
    def is_score(self) -> bool:
        """Tell whether its answers have a mean."""
        return self.kind in (self.Kind.SCORE_5, self.Kind.SCORE_10)
