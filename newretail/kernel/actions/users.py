"""Change what a person signs in with."""

from datetime import datetime

from newretail.kernel.actions import journal
from newretail.kernel.models import User
from newretail.kernel.verbs import verb


@verb
def change_password(*, user: User, password: str, at: datetime, by: User | None = None) -> None:
    """Give a person a new password; her other sessions end with the old one.

    Writes: kernel.password.changed.
    """
    user.set_password(password)
    user.save(update_fields=["password"])
    journal.write("kernel.password.changed", at=at, by=by, subject=f"user:{user.pk}")
