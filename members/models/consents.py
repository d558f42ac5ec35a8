"""What she allows: for which purpose, by which channel, under which wording; and the link by which she says so."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.models.member import Member
from stores.models import sight_of, store_ids_in


class TouchChannel(models.TextChoices):
    """By what a member is reached; uses of her data that are bound to no channel stand with `any`."""

    WECOM = "wecom", _("WeCom, one to one")
    WECOM_MASS = "wecom_mass", _("WeCom, to many")
    MOMENTS = "moments", _("WeChat moments")
    OFFICIAL = "official", _("WeChat official account")
    MINIAPP = "miniapp", _("mini-programme")
    SMS = "sms", _("SMS")
    CALL = "call", _("phone call")
    AI_CALL = "ai_call", _("call by a voice robot")
    EMAIL = "email", _("e-mail")
    ANY = "any", _("whatever the channel")


class Purpose(models.TextChoices):
    """What for: the first three are touches by a channel, the last two are uses of her data."""

    SERVICE = "service", _("service notices")
    CARE = "care", _("care and greetings")
    MARKETING = "marketing", _("offers and news")
    PERSONALISATION = "personalisation", _("offers chosen for her")
    PROFILING = "profiling", _("evaluation of her purchases")


TOUCHING = (Purpose.SERVICE, Purpose.CARE, Purpose.MARKETING)
USING = (Purpose.PERSONALISATION, Purpose.PROFILING)
CHANNELS = tuple(channel for channel in TouchChannel if channel is not TouchChannel.ANY)
FITS = Q(purpose__in=TOUCHING) & ~Q(channel="any") | Q(purpose__in=USING, channel="any")


class Source(models.TextChoices):
    """Where she said it."""

    TILL = "till", _("at the till")
    MINIAPP = "miniapp", _("in the mini-programme")
    PAGE = "page", _("on her page")
    IMPORT = "import", _("in a file")
    API = "api", _("by another system")
    GUIDE = "guide", _("to a guide")
    HQ = "hq", _("to HQ")


class ConsentText(models.Model):
    """The wording of one purpose in one version; once published it stays as it is."""

    append_only = True

    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    version = models.PositiveIntegerField(_("version"))
    title_zh = models.CharField(_("title in Chinese"), max_length=80)
    body_zh = models.TextField(_("text in Chinese"), max_length=4_000)
    title_en = models.CharField(_("title in English"), max_length=80)
    body_en = models.TextField(_("text in English"), max_length=4_000)
    published_at = models.DateTimeField(_("published at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """Versions of a purpose are counted from one."""

        verbose_name = _("consent text")
        verbose_name_plural = _("consent texts")
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="consenttext_once"),
            models.CheckConstraint(condition=Q(version__gte=1), name="consenttext_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} {self.version}"

    @property
    def title(self) -> str:
        """Give its title in the language at work."""
        return self.title_zh if (get_language() or "").startswith("zh") else self.title_en

    @property
    def body(self) -> str:
        """Give its wording in the language at work."""
        return self.body_zh if (get_language() or "").startswith("zh") else self.body_en


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Questions to consents."""

    def visible_to(self, user: object) -> "ConsentQuerySet":
        """Narrow to the consents of members within this person's sight."""
        sight = sight_of(user, "consents", "view")
        if sight.everything:
            return self
        return self.filter(member__home_store_id__in=store_ids_in(sight) or [])


class Consent(models.Model):
    """That she gave or withdrew a consent: when, under which wording, where, and what proves it.

    The newest row of (member, channel, purpose) is how it stands; of two of one instant the withdrawal.
    """

    append_only = True

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="consents", db_index=False, verbose_name=_("member")
    )
    channel = models.CharField(_("touch channel"), max_length=12, choices=TouchChannel)
    purpose = models.CharField(_("purpose"), max_length=16, choices=Purpose)
    given = models.BooleanField(_("given"))
    stated_at = models.DateTimeField(_("stated at"))
    text = models.ForeignKey(
        ConsentText, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("consent text")
    )
    source = models.CharField(_("source"), max_length=8, choices=Source)
    proof = models.CharField(_("proof"), max_length=80, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        """A statement stands once; what is given names its wording and its proof."""

        verbose_name = _("consent")
        verbose_name_plural = _("consents")
        constraints = [
            models.UniqueConstraint(fields=["member", "channel", "purpose", "stated_at", "given"], name="consent_once"),
            models.CheckConstraint(condition=FITS, name="consent_channel_fits_purpose"),
            models.CheckConstraint(
                condition=Q(given=False) | Q(text__isnull=False) & ~Q(proof=""), name="consent_given_is_proven"
            ),
        ]
        indexes = [
            models.Index(
                F("member"), F("channel"), F("purpose"), F("stated_at").desc(), F("given"), F("id").desc(),
                name="consent_newest",
            ),
            models.Index(fields=["member", "stated_at", "id"], name="consent_life"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.channel} · {self.purpose}"


class GuardianConsent(models.Model):
    """That a guardian of a member under 14 agreed, or no longer does; the newest counts. Who it was the proof tells."""

    append_only = True

    class Relation(models.TextChoices):
        """Who she is to the child."""

        PARENT = "parent", _("parent")
        GUARDIAN = "guardian", _("other guardian")

    member = models.ForeignKey(
        Member, models.PROTECT, related_name="guardian_consents", db_index=False, verbose_name=_("member")
    )
    given = models.BooleanField(_("given"))
    stated_at = models.DateTimeField(_("stated at"))
    relation = models.CharField(_("relation"), max_length=8, choices=Relation)
    source = models.CharField(_("source"), max_length=8, choices=Source)
    proof = models.CharField(_("proof"), max_length=80)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    class Meta:
        """A statement stands once."""

        verbose_name = _("guardian's consent")
        verbose_name_plural = _("guardians' consents")
        constraints = [
            models.UniqueConstraint(fields=["member", "stated_at", "given"], name="guardianconsent_once"),
            models.CheckConstraint(condition=~Q(proof=""), name="guardianconsent_is_proven"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} · {self.relation}"


class ConsentLinkQuerySet(models.QuerySet["ConsentLink"]):
    """Questions to links."""

    def open(self, at: datetime) -> "ConsentLinkQuerySet":
        """Keep those that lead somewhere."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class ConsentLink(models.Model):
    """A link by which a member comes to her own page; of its token only a digest is kept."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="consent_links", verbose_name=_("member"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires at"), db_index=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, verbose_name=_("by"))
    entry_id = models.BigIntegerField(editable=False)

    objects: Any = ConsentLinkQuerySet.as_manager()

    class Meta:
        """The newest first."""

        verbose_name = _("link to her page")
        verbose_name_plural = _("links to her page")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.member_id} {self.issued_at:%Y-%m-%d}"
