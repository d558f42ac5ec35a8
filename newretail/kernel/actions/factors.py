"""A second factor beside the password: a code by the clock from somebody's phone, and spare codes on paper."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.db.models import F
from django.utils.translation import gettext_noop

from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

SECONDS = 30  # RFC 6238, section 5.2: the step of the clock
DRIFT = 1  # a phone's clock may be one step off, either way
DIGITS = 6
Kind = Authenticator.Type


class WrongCode(Refused):
    """The code is not the one of now, or was used before."""

    code = "wrong_code"
    sentence = gettext_noop("This code is not right, or was used before. Wait for the next one.")


class HasFactor(Refused):
    """There is one already."""

    code = "has_factor"
    sentence = gettext_noop("A second factor is set up already.")


class NoFactor(Refused):
    """There is none."""

    code = "no_factor"
    sentence = gettext_noop("This person has no second factor.")


class OwnFactor(Refused):
    """Nobody resets her own."""

    code = "own_factor"
    sentence = gettext_noop("Nobody resets her own second factor: another HQ operator does, or the command line.")


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Find the step of the clock whose code this is, one step of drift allowed; None: none of them."""
    given = code.replace(" ", "")
    if not (given.isascii() and given.isdigit() and len(given) == DIGITS):
        return None
    now = int(at.timestamp()) // SECONDS
    steps = range(now - DRIFT, now + DRIFT + 1)
    return next((n for n in steps if hmac.compare_digest(format_hotp_value(hotp_value(secret, n)), given)), None)


def _held(user: User) -> dict[str, Authenticator]:
    """Lock a person's row, then give what she holds: two deeds on one person's factor queue."""
    User.objects.select_for_update().get(pk=user.pk)
    return {row.type: row for row in Authenticator.objects.filter(user=user)}


def _spare_codes(user: User) -> Sequence[str]:
    codes: list[str] = RecoveryCodes.activate(user).get_unused_codes()
    return codes


@verb
def add(*, user: User, secret: str, code: str, at: datetime) -> Sequence[str]:
    """Set a person's second factor up with a secret that her phone took over; give her spare codes, shown once.

    Refuses: HasFactor, WrongCode.
    Writes: kernel.factor.added.
    """
    if Kind.TOTP in _held(user):
        raise HasFactor
    step = step_of(secret, code, at)
    if step is None:
        raise WrongCode
    kept = TOTP.activate(user, secret).instance
    kept.data["step"], kept.last_used_at = step, at
    kept.save(update_fields=["data", "last_used_at"])
    journal.write("kernel.factor.added", at=at, by=user, subject=f"user:{user.pk}")
    return _spare_codes(user)


@verb
def prove(*, user: User, code: str, at: datetime) -> Authenticator:
    """Take a code as proof: one of the clock later than the last one taken, or a spare code nobody used.

    Refuses: WrongCode.
    Writes: kernel.spare_code.used, when it was a spare code.
    """
    held = _held(user)
    totp, spare = held.get(Kind.TOTP), held.get(Kind.RECOVERY_CODES)
    step = step_of(decrypt(totp.data["secret"]), code, at) if totp else None
    if totp and step is not None and step > totp.data.get("step", -1):
        totp.data["step"], totp.last_used_at = step, at
        totp.save(update_fields=["data", "last_used_at"])
        return totp
    if spare and RecoveryCodes(spare).validate_code(code):
        journal.write("kernel.spare_code.used", at=at, by=user, subject=f"user:{user.pk}")
        return spare
    raise WrongCode


@verb
def renew(*, user: User, at: datetime) -> Sequence[str]:
    """Give a person new spare codes; the former ones are void.

    Refuses: NoFactor.
    Writes: kernel.factor.renewed.
    """
    held = _held(user)
    if Kind.TOTP not in held:
        raise NoFactor
    if Kind.RECOVERY_CODES in held:
        held[Kind.RECOVERY_CODES].delete()
    journal.write("kernel.factor.renewed", at=at, by=user, subject=f"user:{user.pk}")
    return _spare_codes(user)


@verb
def remove(*, user: User, at: datetime) -> None:
    """Take a person's second factor off, as she wishes.

    Refuses: NoFactor.
    Writes: kernel.factor.removed.
    """
    _drop(user)
    journal.write("kernel.factor.removed", at=at, by=user, subject=f"user:{user.pk}")


@verb
def reset(*, user: User, at: datetime, by: User | None = None) -> None:
    """Take off the second factor of somebody who lost it; her sessions end. `by` is none on the command line.

    Refuses: NoFactor, OwnFactor.
    Writes: kernel.factor.reset.
    """
    if by is not None and by.pk == user.pk:
        raise OwnFactor
    _drop(user)
    User.objects.filter(pk=user.pk).update(session_no=F("session_no") + 1)
    journal.write("kernel.factor.reset", at=at, by=by, subject=f"user:{user.pk}")


def _drop(user: User) -> None:
    held = _held(user)
    if not held:
        raise NoFactor
    for row in held.values():
        row.delete()
