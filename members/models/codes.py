"""The member's code at the till: which of them have been shown and taken."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from members.models.member import Member


class MemberCodeUse(models.Model):
    """That a member's code of one span of time was taken at a till, for one purchase; nobody takes it again."""

    append_only = True

    member = models.ForeignKey(Member, models.PROTECT, related_name="code_uses", verbose_name=_("member"))
    step = models.BigIntegerField()
    source = models.CharField(_("source"), max_length=40)
    source_no = models.CharField(_("purchase no."), max_length=64)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A code is taken once."""

        verbose_name = _("use of a member code")
        verbose_name_plural = _("uses of member codes")
        constraints = [models.UniqueConstraint(fields=["member", "step"], name="membercodeuse_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.step}"
