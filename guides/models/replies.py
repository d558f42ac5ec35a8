"""What customers said: replies to surveys with their answers, and feedback that a guide noted without a task."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.surveys import Survey, SurveyQuestion
from guides.models.tasks import Task
from members.models import Member
from newretail.kernel.masking import eyes
from stores.models import Post, Product, sight_of, store_ids_in

LONGEST_ANSWER, LONGEST_FEEDBACK = 200, 400


class SurveyReplyQuerySet(models.QuerySet["SurveyReply"]):
    """Questions to replies."""

    def standing(self) -> "SurveyReplyQuerySet":
        """Narrow to those that were not taken back."""
        return self.filter(taken_back_at__isnull=True)

    def visible_to(self, user: object) -> "SurveyReplyQuerySet":
        """Narrow to what was asked by guides of the stores within this person's sight."""
        sight = sight_of(user, "surveys", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class SurveyReply(models.Model):
    """A member answered the survey of a task, about these products; undoing the task takes the reply back."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="replies", db_index=False, verbose_name=_("task"))
    survey = models.ForeignKey(Survey, models.PROTECT, related_name="replies", db_index=False, verbose_name=_("survey"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="replies", verbose_name=_("member"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="replies", db_index=False, verbose_name=_("guide"))
    products = models.ManyToManyField(Product, related_name="+", verbose_name=_("products"))
    answered_at = models.DateTimeField(_("answered at"))
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    entry_id = models.BigIntegerField(editable=False)

    objects = SurveyReplyQuerySet.as_manager()

    class Meta:
        """A task has one reply that stands."""

        verbose_name = _("reply to a survey")
        verbose_name_plural = _("replies to surveys")
        constraints = [
            models.UniqueConstraint(
                fields=["task"], condition=Q(taken_back_at__isnull=True), name="surveyreply_one_stands"
            ),
        ]
        indexes = [
            models.Index(fields=["survey", "answered_at"], name="surveyreply_of_survey"),
            models.Index(fields=["post", "answered_at"], name="surveyreply_of_guide"),
            models.Index(fields=["task"], name="surveyreply_task"),
        ]

    def __str__(self) -> str:
        return f"{self.survey_id} · {self.task_id}"


class SurveyAnswerQuerySet(models.QuerySet["SurveyAnswer"]):
    """Questions to answers."""

    def visible_to(self, user: object) -> "SurveyAnswerQuerySet":
        """Narrow to the answers that stand, of the replies within this person's sight."""
        sight = sight_of(user, "surveys", "view")
        rows = self.filter(reply__taken_back_at__isnull=True)
        return rows if sight.everything else rows.filter(reply__post__store_id__in=store_ids_in(sight) or [])


class SurveyAnswer(models.Model):
    """The answer to one question: the number picked (of a choice its place, of yes 1, of no 0), or words."""

    append_only = True
    erasable = ("words",)

    reply = models.ForeignKey(SurveyReply, models.PROTECT, related_name="answers", db_index=False)
    question = models.ForeignKey(SurveyQuestion, models.PROTECT, related_name="answers", verbose_name=_("question"))
    number = models.PositiveSmallIntegerField(_("number picked"), null=True, blank=True)
    words = models.CharField(_("in her words"), max_length=LONGEST_ANSWER, blank=True, default="")

    objects = SurveyAnswerQuerySet.as_manager()

    class Meta:
        """A question is answered once in a reply, by a number or by words."""

        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["reply", "question"], name="surveyanswer_once"),
            models.CheckConstraint(condition=Q(number__isnull=True) | Q(words=""), name="surveyanswer_one_way"),
        ]

    def __str__(self) -> str:
        return self.said

    @property
    def said(self) -> str:
        """Say the answer in words."""
        if self.number is None:
            return self.words
        return dict(self.question.offered).get(self.number, str(self.number))

    @property
    def shown(self) -> str:
        """Show the answer as far as the reader may see it: her own words to those who see people."""
        return self.said if self.number is not None else eyes().words(self.words)


class FeedbackQuerySet(models.QuerySet["Feedback"]):
    """Questions to feedback."""

    def visible_to(self, user: object) -> "FeedbackQuerySet":
        """Narrow to what guides of the stores within this person's sight noted."""
        sight = sight_of(user, "surveys", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class Feedback(models.Model):
    """What a member said of a product or of the house without being asked, as her guide noted it."""

    append_only = True
    erasable = ("words",)

    class Kind(models.TextChoices):
        """What it is."""

        PRAISE = "praise", pgettext_lazy("feedback", "praise")
        COMPLAINT = "complaint", pgettext_lazy("feedback", "complaint")
        WISH = "wish", pgettext_lazy("feedback", "wish")

    ref = models.UUIDField(_("our number"), unique=True, editable=False)
    member = models.ForeignKey(Member, models.PROTECT, related_name="feedback", verbose_name=_("member"))
    post = models.ForeignKey(Post, models.PROTECT, related_name="+", db_index=False, verbose_name=_("guide"))
    product = models.ForeignKey(
        Product, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    words = models.CharField(_("in her words"), max_length=LONGEST_FEEDBACK, blank=True)
    at = models.DateTimeField(_("noted at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    objects = FeedbackQuerySet.as_manager()

    class Meta:
        """Feedback stands as it was noted."""

        verbose_name = _("feedback")
        verbose_name_plural = pgettext_lazy("plural", "feedback")
        indexes = [
            models.Index(fields=["at"], name="feedback_at"),
            models.Index(fields=["post", "at"], name="feedback_of_guide"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.member_id}"
