"""Who signs in, and who works here."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person of the brand: staff number, one name, a phone; what she may do comes from her posts."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    last_login = None  # the access log tells; a login writes nothing to the person
    name = models.CharField(_("name"), max_length=80, blank=True)
    staff_no = models.CharField(_("staff no."), max_length=40, null=True, blank=True, unique=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    joined_on = models.DateField(_("joined on"), null=True, blank=True)

    class Meta:
        """A user is named user."""

        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.name or self.username

    def get_full_name(self) -> str:
        """Give the one name a person has."""
        return self.name

    def get_short_name(self) -> str:
        """Give the one name a person has."""
        return self.name
