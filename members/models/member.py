"""Who she is: the member, the identities that lead to her, her level and tags."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stores.models import Store, sight_of, store_ids_in


class Level(models.Model):
    """A step of the membership."""

    code = models.CharField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=60)
    rank = models.PositiveSmallIntegerField(_("rank"), unique=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """Levels stand by rank."""

        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["rank"]

    def __str__(self) -> str:
        return self.name


class Tag(models.Model):
    """A word put on members: to which family it belongs, who answers for it, how long it holds."""

    class Family(models.TextChoices):
        """What a tag speaks of (购买/运营/属性/生活/个性化)."""

        PURCHASE = "purchase", _("purchase")
        OPERATION = "operation", _("operation")
        ATTRIBUTE = "attribute", _("attribute")
        LIFE = "life", _("life")
        PERSONAL = "personal", _("personal")

    name = models.CharField(_("name"), max_length=60, unique=True)
    family = models.CharField(_("family of tags"), max_length=10, choices=Family, default=Family.PERSONAL)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tags", verbose_name=_("owner")
    )
    expires_days = models.PositiveIntegerField(_("holds for (days)"), null=True, blank=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """Tags stand by name."""

        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def owner_no(self) -> str:
        """Give the staff number of its owner."""
        return (self.owner.staff_no or "") if self.owner else ""


class SeatCounter(models.Model):
    """The next free seat: members are numbered densely, whatever the database's ids do."""

    next_seat = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.next_seat}"


class MemberQuerySet(models.QuerySet["Member"]):
    """Questions to members."""

    def living(self) -> "MemberQuerySet":
        """Narrow to the rows in which persons live: merged ones live on in another."""
        return self.filter(merged_into__isnull=True)

    def visible_to(self, user: object) -> "MemberQuerySet":
        """Narrow to the members of the stores within this person's sight."""
        sight = sight_of(user, "members", "view")
        if sight.everything:
            return self
        return self.filter(home_store_id__in=store_ids_in(sight) or [])

    def whose_phone_is_for(self, user: object) -> "MemberQuerySet":
        """Narrow to the members whose whole phone this person may ask for."""
        sight = sight_of(user, "phones", "reveal")
        return self if sight.everything else self.filter(home_store_id__in=store_ids_in(sight) or [])


class Member(models.Model):
    """One person, one member."""

    class Gender(models.TextChoices):
        """As told by the member."""

        UNKNOWN = "", _("unknown")
        FEMALE = "f", _("female")
        MALE = "m", _("male")

    class Calendar(models.TextChoices):
        """In which calendar a birthday is kept."""

        SOLAR = "solar", _("solar")
        LUNAR = "lunar", _("lunar")

    member_no = models.CharField(_("member no."), max_length=40, unique=True)
    seat = models.PositiveIntegerField(_("seat"), unique=True, editable=False)
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=80, blank=True)
    name_pinyin = models.CharField(_("pinyin"), max_length=200, blank=True, db_index=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True, db_index=True)
    gender = models.CharField(_("gender"), max_length=1, choices=Gender, blank=True, default="")
    birth_year = models.PositiveSmallIntegerField(_("birth year"), null=True, blank=True)
    birth_month = models.PositiveSmallIntegerField(_("birth month"), null=True, blank=True)
    birth_day = models.PositiveSmallIntegerField(_("birth day"), null=True, blank=True)
    birthday_calendar = models.CharField(_("birthday calendar"), max_length=5, choices=Calendar, default=Calendar.SOLAR)
    joined_at = models.DateTimeField(_("joined at"), db_index=True)
    # Not told by anybody, the joining is derived: it moves back to her earliest order.
    joined_told = models.BooleanField(_("joining told"), default=True, editable=False)
    home_store = models.ForeignKey(
        Store, models.PROTECT, null=True, blank=True, related_name="members", verbose_name=_("home store")
    )
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, verbose_name=_("level"))
    source = models.CharField(_("source"), max_length=40, blank=True)
    # Where the person lives on who has several rows: always a row that is itself not merged, one step away.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged_here",
        db_index=False, verbose_name=_("merged into"),
    )  # fmt: skip
    entry_id = models.BigIntegerField(default=0, editable=False)

    objects = MemberQuerySet.as_manager()

    class Meta:
        """A birthday is whole or absent, and found by store; a phone is found by its last four digits too."""

        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes = [
            models.Index(Right("phone", 4), name="member_phone_tail"),
            models.Index(
                fields=["home_store", "birth_month", "birth_day"],
                condition=Q(birth_month__isnull=False),
                name="member_birthday",
            ),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="member_merged"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(birth_month__isnull=True, birth_day__isnull=True)
                | Q(birth_month__range=(1, 12), birth_day__range=(1, 31)),
                name="member_birthday_whole",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=F("id")), name="member_not_merged_into_herself"
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.member_no


class MemberTag(models.Model):
    """A tag on a member."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="member_links")
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """A tag sits on a member once."""

        constraints = [models.UniqueConstraint(fields=["member", "tag"], name="membertag_once")]

    def __str__(self) -> str:
        return f"{self.member_id} · {self.tag_id}"


class Identity(models.Model):
    """Something by which a member is recognised."""

    class Kind(models.TextChoices):
        """Kinds of identity."""

        PHONE = "phone", _("phone")
        CARD = "card", _("card no.")
        UNIONID = "unionid", _("WeChat unionid")
        OPENID = "openid", _("WeChat openid")
        EXTERNAL = "external_userid", _("WeCom external_userid")
        MALL = "mall", _("mall id")
        PAYER = "payer", _("payer id")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    value = models.CharField(_("value"), max_length=120)
    member = models.ForeignKey(Member, models.CASCADE, related_name="identities", verbose_name=_("member"))
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """An identity leads to one member."""

        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = [models.UniqueConstraint(fields=["kind", "value"], name="identity_once")]

    def __str__(self) -> str:
        return self.get_kind_display()
