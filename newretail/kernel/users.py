"""User names: one name in any case is one name."""

from typing import Any

from django.contrib.auth.models import UserManager
from django.http import HttpRequest


class People(UserManager):  # type: ignore[type-arg]
    """Finds people by user name, whatever its case."""

    def get_by_natural_key(self, username: str | None) -> Any:
        """Find the one person of this name."""
        return self.get(username__iexact=username)


def name_tried(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Name who was tried at, in small letters: tries at BOSS and boss are tries at one."""
    return str((credentials or {}).get("username") or request.POST.get("username") or "").lower()
