"""Phones shown whole: who saw whose, when and what for."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from members.models.member import Member


class PhoneReveal(models.Model):
    """That somebody was shown a member's whole phone, with her reason; the `nth` of hers on that business day."""

    append_only = True
    erasable = ("note",)

    class Reason(models.TextChoices):
        """What a whole phone is needed for."""

        ORDER = "order", _("to settle an order")
        DELIVERY = "delivery", _("to deliver or hand over goods")
        SERVICE = "service", _("after-sales service")
        COMPLAINT = "complaint", _("to answer a complaint")
        VERIFY = "verify", _("to check who she is")
        TASK = "task", _("to call her for a task")
        OTHER = "other", _("something else, as written")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="phone_reveals", db_index=False, verbose_name=_("member")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)
    note = models.CharField(_("in words"), max_length=200, blank=True)
    revealed_at = models.DateTimeField(_("revealed at"), db_index=True)
    day = models.DateField(_("day"))
    nth = models.PositiveIntegerField(_("reveal of the day"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Each of a person's reveals of a day has a number of its own; "other" says what for."""

        verbose_name = _("phone reveal")
        verbose_name_plural = _("phone reveals")
        constraints = [
            models.UniqueConstraint(fields=["by", "day", "nth"], name="phonereveal_nth_once"),
            models.CheckConstraint(condition=Q(nth__gte=1), name="phonereveal_from_one"),
            models.CheckConstraint(condition=~Q(reason="other", note=""), name="phonereveal_other_in_words"),
        ]
        indexes = [models.Index(fields=["member", "revealed_at", "id"], name="phonereveal_life")]

    def __str__(self) -> str:
        return f"{self.by_id} {self.day} {self.nth}"
