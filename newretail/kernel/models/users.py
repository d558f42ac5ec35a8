"""Who signs in, and who works here."""

from collections.abc import Iterator

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from newretail.kernel import masking
from newretail.kernel.users import People


class User(AbstractUser):
    """A person of the brand: staff number, one name, a phone; what she may do comes from her posts."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    last_login = None  # the access log tells; a login writes nothing to the person
    name = models.CharField(pgettext_lazy("of a person", "name"), max_length=80, blank=True)
    staff_no = models.CharField(_("staff no."), max_length=40, null=True, blank=True, unique=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    # Sessions carry this number: raised, all of hers end.
    session_no = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = People()  # type: ignore[misc]

    class Meta:
        """A user is named user; a name is one name in any case."""

        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.UniqueConstraint(Lower("username"), name="user_name_once_in_any_case")]

    def __str__(self) -> str:
        return masking.eyes().staff(self.name, self.staff_no or self.username, self.pk)

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the password and to the number of her sessions."""
        return self._bound(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Give what sessions were bound to under former keys of the site."""
        return (self._bound(secret) for secret in settings.SECRET_KEY_FALLBACKS)

    def _bound(self, secret: str | bytes) -> str:
        held = f"{self.password} {self.session_no}"
        return salted_hmac("newretail.session", held, secret=secret, algorithm="sha256").hexdigest()

    def get_full_name(self) -> str:
        """Give the one name a person has."""
        return self.name

    def get_short_name(self) -> str:
        """Give the one name a person has."""
        return self.name
