"""Who needs a second factor and who has one; how the library that keeps it is bound to this house."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.db import connection
from django.http import HttpRequest

from newretail.kernel import brand, scopes, sealing

BACKEND = "django.contrib.auth.backends.ModelBackend"


def asked_of(user: Any) -> bool:
    """Tell whether the brand asks this person for a second factor, by her roles."""
    return bool(scopes.roles_of(user) & scopes.SECOND_FACTOR) and brand.setting("mfa_required") == "on"


def held_by(user: Any) -> bool:
    """Tell whether a person has one."""
    return bool(Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists())


def missing(user: Any) -> bool:
    """Tell whether a person has still to set up what the brand asks her for."""
    return asked_of(user) and not held_by(user)


class AccountAdapter(DefaultAccountAdapter):
    """Signing in, without mails and without messages."""

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in by the one way there is to be known again."""
        user.backend = BACKEND
        super().login(request, user)

    def add_message(self, *_given: Any, **_named: Any) -> None:
        """Say nothing: the page that follows says it."""

    def send_notification_mail(self, *_given: Any, **_named: Any) -> None:
        """Send nothing: the journal tells."""


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted with the site's key; the phone shows the brand and the user name."""

    def get_totp_issuer(self) -> str:
        """Name the brand."""
        return str(connection.tenant)  # type: ignore[attr-defined]

    def encrypt(self, text: str) -> str:
        """Encrypt what is kept."""
        return sealing.seal("factor", text)

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what was kept, with the key at work or a former one."""
        return sealing.unseal("factor", encrypted_text)
