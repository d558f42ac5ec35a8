"""Change what a person signs in with; close her account and open it again."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext_noop

from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb


@verb
def change_password(*, user: User, password: str, at: datetime, by: User | None = None) -> None:
    """Give a person a new password; her other sessions end with the old one.

    Writes: kernel.password.changed.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    journal.write("kernel.password.changed", at=at, by=by, subject=f"user:{user.pk}")


class OwnAccount(Refused):
    """Nobody closes her own account."""

    code = "own_account"
    sentence = gettext_noop("Nobody closes her own account: another HQ operator does.")


class AsItIs(Refused):
    """It is so already."""

    code = "as_it_is"
    sentence = gettext_noop("The account is so already.")


def _turn(user: User, *, active: bool) -> None:
    turned = User.objects.filter(pk=user.pk, is_active=not active).update(
        is_active=active, session_no=F("session_no") + 1
    )
    if not turned:
        raise AsItIs


@verb
def close(*, user: User, at: datetime, by: User | None = None) -> None:
    """Let a person sign in no more; her sessions end, her posts and deeds stay.

    Refuses: OwnAccount, AsItIs.
    Writes: kernel.user.closed.
    """
    if by is not None and by.pk == user.pk:
        raise OwnAccount
    _turn(user, active=False)
    journal.write("kernel.user.closed", at=at, by=by, subject=f"user:{user.pk}")


@verb
def reopen(*, user: User, at: datetime, by: User | None = None) -> None:
    """Let a person whose account was closed sign in again, with the password and second factor she had.

    Refuses: AsItIs.
    Writes: kernel.user.reopened.
    """
    _turn(user, active=True)
    journal.write("kernel.user.reopened", at=at, by=by, subject=f"user:{user.pk}")
