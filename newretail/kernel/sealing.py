"""Secrets that must be read again are kept encrypted with the site's key; each kind with a key of its own."""

import base64
import hashlib
from datetime import datetime
from typing import Protocol

from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.utils.encoding import force_bytes


def _keys(kind: str) -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    hashes = (hashlib.sha256(f"newretail.{kind}:".encode() + force_bytes(secret)).digest() for secret in secrets)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(each)) for each in hashes])


def seal(kind: str, text: str) -> str:
    """Encrypt what is kept."""
    return _keys(kind).encrypt(text.encode()).decode()


def unseal(kind: str, sealed: str) -> str:
    """Decrypt what was kept, with the key at work or a former one."""
    return _keys(kind).decrypt(sealed.encode()).decode()


class Renewed(Protocol):
    """Whoever has a secret, and for a while the former beside it."""

    secret: str
    former_secret: str
    former_until: datetime | None


def at_work(kind: str, holder: Renewed, at: datetime) -> tuple[str, ...]:
    """Unseal the secret at work, and the former while it lives."""
    lives = holder.former_secret and holder.former_until and at < holder.former_until
    sealed = (holder.secret, *((holder.former_secret,) if lives else ()))
    return tuple(unseal(kind, each) for each in sealed)
