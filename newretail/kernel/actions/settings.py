"""Set a brand's settings."""

from datetime import datetime

from django.db import connection
from django.db.models import JSONField, Value
from django.utils.translation import gettext_noop

from newretail.kernel import brand, sql
from newretail.kernel.actions import journal
from newretail.kernel.declared import DECLARED, Declared
from newretail.kernel.models import Setting, User
from newretail.kernel.verbs import Refused, verb

LOCK = "SELECT pg_advisory_xact_lock(hashtext('kernel.setting:' || current_schema()), hashtext(%(key)s))"


class UnknownSetting(Refused):
    """There is no such setting."""

    code = "unknown_setting"
    sentence = gettext_noop("There is no setting named %(key)s; known: %(known)s.")


class BadValue(Refused):
    """The setting cannot hold this."""

    code = "bad_value"
    sentence = gettext_noop("The setting %(key)s cannot hold this value; allowed: %(allowed)s.")


class Fixed(Refused):
    """Past days and amounts rest on it."""

    code = "setting_fixed"
    sentence = gettext_noop(
        "%(name)s is fixed: members or orders are recorded, and their days and amounts rest on it."
        " A brand with another one begins anew."
    )


class ChangedMeanwhile(Refused):
    """Somebody else set it since it was shown."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody changed %(name)s in the meantime; look at the new value first.")


def _judge(key: str, declared: Declared, value: object, seen: int | None) -> None:
    if not declared.holds(value):
        raise BadValue(key=key, allowed=declared.allowed)
    newest = Setting.objects.filter(key=key).order_by("-id").values_list("pk", flat=True).first() or 0
    if seen is not None and seen != newest:
        raise ChangedMeanwhile(name=declared.name)
    if declared.of_tenant and value != brand.setting(key) and brand.is_trading():
        raise Fixed(name=declared.name)


def _keep_in_brand(declared: Declared, value: object) -> None:
    """Write into the brand's own row what stands there."""
    tenant = connection.tenant  # type: ignore[attr-defined]
    type(tenant)._default_manager.filter(pk=tenant.pk).update(**{declared.of_tenant: value})
    setattr(tenant, declared.of_tenant, value)


@verb
def put(*, key: str, value: object, at: datetime, by: User | None = None, seen: int | None = None) -> Setting:
    """Give a setting a new value; the former ones stay as history.

    `seen` is the id of the newest row when the value was shown, 0 when there was none: two people who set it at once do
    not overwrite each other. The zone and the currency are fixed once the brand trades.
    Refuses: UnknownSetting, BadValue, Fixed, ChangedMeanwhile.
    Writes: kernel.setting.put.
    """
    if key not in DECLARED:
        raise UnknownSetting(key=key, known=", ".join(DECLARED))
    declared = DECLARED[key]
    sql.rows(LOCK, {"key": key})
    _judge(key, declared, value, seen)
    # None is a value here: JSON's null, not an absent column.
    row = Setting.objects.create(key=key, value=Value(value, JSONField()), set_at=at, by=by)
    if declared.of_tenant:
        _keep_in_brand(declared, value)
    journal.write("kernel.setting.put", at=at, by=by, subject=key)
    return row
