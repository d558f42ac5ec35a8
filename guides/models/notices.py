"""Notices: what HQ, a region or a store tells those who serve; one receipt for each of them, until it is read."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from guides.models.tasks import Brief
from stores.models import Post, Region, Store, sight_of, store_ids_in

LONGEST_TITLE, LONGEST_BODY = 60, 4000
MOST_REMINDERS = 3


class NoticeQuerySet(models.QuerySet["Notice"]):
    """Questions to notices."""

    def in_force(self, at: datetime) -> "NoticeQuerySet":
        """Narrow to those that still say something."""
        return self.filter(until__gt=at, withdrawal__isnull=True)

    def visible_to(self, user: object) -> "NoticeQuerySet":
        """Narrow to what this person sent, and to what reached the stores within her sight."""
        sight = sight_of(user, "notices", "view")
        if sight.everything:
            return self
        reached = NoticeReceipt.objects.filter(notice=OuterRef("pk"), post__store_id__in=store_ids_in(sight) or [])
        return self.filter(Exists(reached))


class Notice(models.Model):
    """One thing told to many: to whom, whether it must be read, until when it is in force; it stands as it was sent.

    `ref` names it outside and keeps it from being sent twice. Who gets a post while it is in force receives it too.
    """

    append_only = True
    erasable = ("title", "body")

    class Audience(models.TextChoices):
        """Where those work whom it is for."""

        BRAND = "brand", _("the whole brand")
        REGIONS = "regions", _("regions")
        STORES = "stores", _("stores")

    class Readers(models.TextChoices):
        """Whom of a store it is for."""

        EVERYBODY = "everybody", _("guides and managers")
        GUIDES = "guide", _("guides")
        MANAGERS = "manager", _("managers")

    ref = models.UUIDField(_("our number"), unique=True, editable=False)
    title = models.CharField(_("title"), max_length=LONGEST_TITLE)
    body = models.TextField(pgettext_lazy("notice", "text"), max_length=LONGEST_BODY)
    must_read = models.BooleanField(_("must be read"), default=False)
    audience = models.CharField(_("sent to"), max_length=8, choices=Audience)
    regions = models.ManyToManyField(Region, blank=True, related_name="+", verbose_name=_("regions"))
    stores = models.ManyToManyField(Store, blank=True, related_name="+", verbose_name=_("stores"))
    readers = models.CharField(_("for"), max_length=10, choices=Readers, default=Readers.EVERYBODY)
    brief = models.ForeignKey(
        Brief, models.PROTECT, null=True, blank=True, related_name="notices", verbose_name=_("task that comes with it")
    )
    due_days = models.PositiveSmallIntegerField(_("due after (days)"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"))
    until = models.DateTimeField(_("in force until"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        """A notice is in force for a while; a task that comes with it has its day."""

        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("sent_at")), name="notice_in_force_for_a_while"),
            models.CheckConstraint(
                condition=Q(brief__isnull=True, due_days__isnull=True) | Q(brief__isnull=False, due_days__isnull=False),
                name="notice_task_has_its_day",
            ),
        ]
        indexes = [
            models.Index(fields=["until"], name="notice_until"),
            models.Index(fields=["entry_id"], name="notice_entry"),
        ]

    def __str__(self) -> str:
        return self.title


class NoticeWithdrawal(models.Model):
    """That a notice says nothing any more: who sent it took it back, and said why."""

    append_only = True
    erasable = ("reason",)

    notice = models.OneToOneField(Notice, models.PROTECT, related_name="withdrawal", verbose_name=_("notice"))
    reason = models.CharField(_("reason"), max_length=200)
    at = models.DateTimeField(_("withdrawn at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, verbose_name=_("by")
    )
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Once, for a reason."""

        verbose_name = _("withdrawal of a notice")
        verbose_name_plural = _("withdrawals of notices")

    def __str__(self) -> str:
        return self.reason


class NoticeFile(models.Model):
    """A file that comes with a notice, kept beside its words: known by what it holds, not by its name."""

    append_only = True

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="files", db_index=False, verbose_name=_("notice"))
    nth = models.PositiveSmallIntegerField(_("nth"))
    name = models.CharField(_("file name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8)
    size = models.PositiveIntegerField(_("size"))
    content = models.BinaryField(_("content"))

    class Meta:
        """Files of a notice are counted."""

        verbose_name = _("file of a notice")
        verbose_name_plural = _("files of notices")
        constraints = [models.UniqueConstraint(fields=["notice", "nth"], name="noticefile_in_order")]

    def __str__(self) -> str:
        return self.name


class NoticeReceiptQuerySet(models.QuerySet["NoticeReceipt"]):
    """Questions to receipts."""

    def visible_to(self, user: object) -> "NoticeReceiptQuerySet":
        """Narrow to readers in the stores within this person's sight."""
        sight = sight_of(user, "notices", "view")
        if sight.everything:
            return self
        return self.filter(post__store_id__in=store_ids_in(sight) or [])


class NoticeReceipt(models.Model):
    """That a notice reached somebody who serves: when it came, when she read it, how often she was reminded."""

    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="receipts", db_index=False, verbose_name=_("notice")
    )
    post = models.ForeignKey(
        Post, models.PROTECT, related_name="notice_receipts", db_index=False, verbose_name=_("reader")
    )
    delivered_at = models.DateTimeField(_("delivered at"))
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(_("reminders"), default=0)
    last_reminded_at = models.DateTimeField(_("last reminded at"), null=True, blank=True)
    entry_id = models.BigIntegerField(editable=False)
    read_entry_id = models.BigIntegerField(null=True, editable=False)

    objects = NoticeReceiptQuerySet.as_manager()

    class Meta:
        """A notice reaches a post once; it is read after it came, and reminded of a few times at most."""

        verbose_name = _("receipt of a notice")
        verbose_name_plural = _("receipts of notices")
        constraints = [
            models.UniqueConstraint(fields=["notice", "post"], name="noticereceipt_once"),
            models.CheckConstraint(
                condition=Q(read_at__isnull=True, read_entry_id__isnull=True)
                | Q(read_at__gte=F("delivered_at"), read_entry_id__isnull=False),
                name="noticereceipt_read_whole",
            ),
            models.CheckConstraint(
                condition=Q(reminders=0, last_reminded_at__isnull=True)
                | Q(reminders__range=(1, MOST_REMINDERS), last_reminded_at__isnull=False),
                name="noticereceipt_reminded_a_few_times",
            ),
        ]
        indexes = [
            models.Index(fields=["post", "notice"], condition=Q(read_at__isnull=True), name="noticereceipt_unread"),
            models.Index(fields=["post", "delivered_at"], name="noticereceipt_of_post"),
            models.Index(fields=["entry_id"], name="noticereceipt_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} · {self.post_id}"
