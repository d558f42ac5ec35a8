"""Who needs a second factor and who has one; how the library that keeps it is bound to this house."""

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.encoding import force_bytes

from newretail.kernel import brand, scopes

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


def _keys() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = (hashlib.sha256(b"newretail.factor:" + force_bytes(secret)).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in hashes])


class FactorAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted with the site's key; the phone shows the brand and the user name."""

    def get_totp_issuer(self) -> str:
        """Name the brand."""
        return str(connection.tenant)  # type: ignore[attr-defined]

    def encrypt(self, text: str) -> str:
        """Encrypt what is kept."""
        return _keys().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Decrypt what was kept, with the key at work or a former one."""
        return _keys().decrypt(encrypted_text.encode()).decode()
