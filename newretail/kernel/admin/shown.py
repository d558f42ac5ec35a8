"""What lists of the machine room share: states as badges, how long something took, filters by state and beginning."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from newretail.kernel import numbers
from newretail.kernel.verbadmin import DaySpan, Pick

STATE_TONES = {
    "waiting": "info", "running": "primary", "done": "success", "failed": "danger", "cancelled": "warning",
    "undone": "warning",
}  # fmt: skip


def took(since: datetime | None, until: datetime | None) -> str:
    """Say how long something took."""
    if since is None or until is None:
        return numbers.DASH
    seconds = max(0, round((until - since).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    return gettext("%(m)s min %(s)s s") % {"m": minutes, "s": rest} if minutes else gettext("%(s)s s") % {"s": rest}


class StatePick(Pick):
    """By state."""

    title, parameter_name, field = _("state"), "state", "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """List the states of this noun."""
        return list(model_admin.model.State.choices)


class StartedSpan(DaySpan):
    """By the day it began."""

    title, parameter, field = _("started at"), "started", "started_at"
