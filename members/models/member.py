"""Who she is: the member, the identities that lead to her, her level and tags."""

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Right
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from stores.models import Region, Store, sight_of, store_ids_in

TONES = {"purchase": "orange", "operation": "teal", "attribute": "blue", "life": "green", "personal": "purple"}


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


class TagQuerySet(models.QuerySet["Tag"]):
    """Questions to tags."""

    def visible_to(self, user: object) -> "TagQuerySet":
        """Narrow to the brand's tags and those of the places whose members this person sees."""
        sight = sight_of(user, "member_tags", "view")
        if sight.everything:
            return self
        stores = store_ids_in(sight) or []
        return self.of_stores(stores) if stores else self.none()

    def of_stores(self, stores: Sequence[int]) -> "TagQuerySet":
        """Narrow to the brand's tags and those of these stores and their regions."""
        own = Q(store_id__in=stores) | Q(region__store__in=stores)
        return self.filter(pk__in=Tag.objects.filter(Q(store=None, region=None) | own).order_by().values("pk"))


class Tag(models.Model):
    """A word put on members: its family and colour, whose it is, who answers for it, how long it holds.

    A tag of a region or a store is neither seen nor set outside of it.
    """

    class Family(models.TextChoices):
        """What a tag speaks of (购买/运营/属性/生活/个性化)."""

        PURCHASE = "purchase", _("purchase")
        OPERATION = "operation", _("operation")
        ATTRIBUTE = "attribute", _("attribute")
        LIFE = "life", _("life")
        PERSONAL = "personal", _("personal")

    class Colour(models.TextChoices):
        """In which colour it is drawn; none is its family's."""

        GREY = "grey", _("grey")
        RED = "red", _("red")
        ORANGE = "orange", _("orange")
        GREEN = "green", _("green")
        TEAL = "teal", _("teal")
        BLUE = "blue", _("blue")
        PURPLE = "purple", _("purple")

    name = models.CharField(_("name"), max_length=60, unique=True)
    family = models.CharField(_("family of tags"), max_length=10, choices=Family, default=Family.PERSONAL)
    colour = models.CharField(_("colour"), max_length=8, choices=Colour, blank=True, default="")
    region = models.ForeignKey(Region, models.PROTECT, null=True, blank=True, verbose_name=_("region's own"))
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, verbose_name=_("store's own"))
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="tags", verbose_name=_("owner")
    )
    expires_days = models.PositiveIntegerField(_("holds for (days)"), null=True, blank=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    objects = TagQuerySet.as_manager()

    class Meta:
        """Tags stand by name; one is the brand's, a region's or a store's."""

        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=Q(region__isnull=True) | Q(store__isnull=True), name="tag_of_one_place"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def owner_no(self) -> str:
        """Give the staff number of its owner."""
        return (self.owner.staff_no or "") if self.owner else ""

    @property
    def region_name(self) -> str:
        """Name the region whose own it is."""
        return self.region.name if self.region else ""

    @property
    def store_code(self) -> str:
        """Give the code of the store whose own it is."""
        return self.store.code if self.store else ""

    @property
    def tone(self) -> str:
        """Give the colour it is drawn in: its own, or its family's."""
        return self.colour or TONES[self.family]


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
    # Who was erased stays as a number that leads to nobody.
    erased_at = models.DateTimeField(_("erased at"), null=True, blank=True, editable=False)
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
            models.Index(fields=["entry_id"], name="member_entry"),
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


class TagSource(models.TextChoices):
    """Who put a tag on a member."""

    HAND = "hand", _("by hand")
    IMPORT = "import", _("a file")
    RULE = "rule", _("a rule")
    SCORE = "score", _("a score")
    WECOM = "wecom", _("WeCom")


class MemberTag(models.Model):
    """A tag on a member, through the day before `expires_on`; `TagMove` tells how it came there."""

    derived = "source = 'rule'"  # what a rule put on her goes with its member

    member = models.ForeignKey(Member, models.CASCADE, related_name="tag_links")
    tag = models.ForeignKey(Tag, models.PROTECT, related_name="member_links")
    source = models.CharField(_("set by"), max_length=6, choices=TagSource, default=TagSource.IMPORT)
    set_at = models.DateTimeField(_("set at"))
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("by")
    )
    expires_on = models.DateField(_("until"), null=True)
    entry_id = models.BigIntegerField(default=0, editable=False)

    class Meta:
        """A tag sits on a member once."""

        verbose_name = _("tag of a member")
        verbose_name_plural = _("tags of members")
        constraints = [models.UniqueConstraint(fields=["member", "tag"], name="membertag_once")]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(expires_on__isnull=False), name="membertag_expiry"),
        ]

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
        EMAIL = "email", _("e-mail address")
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
