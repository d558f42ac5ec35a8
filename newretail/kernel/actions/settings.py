"""Set a brand's settings."""

from datetime import datetime

from django.db.models import JSONField, Value
from django.utils.translation import gettext_noop

from newretail.kernel import brand
from newretail.kernel.actions import journal
from newretail.kernel.models import Setting, User
from newretail.kernel.verbs import Refused, verb


class UnknownSetting(Refused):
    """There is no such setting."""

    code = "unknown_setting"
    sentence = gettext_noop("There is no setting named %(key)s; known: %(known)s.")


class BadValue(Refused):
    """The setting cannot hold this."""

    code = "bad_value"
    sentence = gettext_noop("The setting %(key)s cannot hold this value.")


@verb
def put(*, key: str, value: object, at: datetime, by: User | None = None) -> Setting:
    """Give a setting a new value; the former ones stay as history.

    Refuses: UnknownSetting, BadValue.
    Writes: kernel.setting.put.
    """
    if key not in brand.DECLARED:
        raise UnknownSetting(key=key, known=", ".join(brand.DECLARED))
    if not brand.DECLARED[key].holds(value):
        raise BadValue(key=key)
    # None is a value here: JSON's null, not an absent column.
    row = Setting.objects.create(key=key, value=Value(value, JSONField()), set_at=at, by=by)
    journal.write("kernel.setting.put", at=at, by=by, subject=key)
    return row
