"""Set a brand's settings."""

from datetime import datetime

from newretail.kernel import brand
from newretail.kernel.actions import journal
from newretail.kernel.models import Setting, User
from newretail.kernel.verbs import Refused, verb


class UnknownSetting(Refused):
    """There is no such setting."""

    code = "unknown_setting"
    sentence = "There is no setting named %(key)s."


@verb
def put(*, key: str, value: object, at: datetime, by: User | None = None) -> Setting:
    """Give a setting a new value; the former ones stay as history.

    Refuses: UnknownSetting.
    Writes: kernel.setting.put.
    """
    if key not in brand.DEFAULTS:
        raise UnknownSetting(key=key)
    row = Setting.objects.create(key=key, value=value, set_at=at, by=by)
    journal.write("kernel.setting.put", at=at, by=by, subject=key)
    return row
