"""How each address reads the table of rights: its view's mark, its list's noun, or its name here; else it is shut."""

import functools
from collections.abc import Callable
from inspect import unwrap
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from newretail.kernel import scopes
from newretail.kernel.scopes import Action, Resource

V = TypeVar("V", bound=Callable[..., HttpResponseBase])
Right = tuple[Resource, Action]

# Open to strangers: the way in, the choice of a language, the door that leads home, what finds a missing slash;
# the inbox, which knows who comes by the signature; a member's own page, which knows her by the link;
# what a guide shared, which knows nobody; the page on which whoever scanned a guide's code joins;
# how the API describes itself, which names no row.
OPEN = frozenset(
    {
        "home",
        "set_language",
        "login",
        "account_login",
        "mfa_authenticate",
        "admin:login",
        "catch_all_view",
        "inbox",
        "own_page",
        "join",
        "guide_enter",
        "guide_manifest",
        "tracked_link",
        "tracked_picture",
        "tracked_stay",
        "guide_wecom",
        "guide_wecom_back",
        "api:openapi",
        "api:reference",
    }
)
# Pages of packages, and views that look at a request before its form is read, by the name of their address.
NAMED: dict[str, Right] = {
    "admin:index": ("home", "view"),
    "imports:new": ("imports", "run"),
    "admin:jsi18n": ("home", "view"),
    "admin:logout": ("account", "view"),
    "admin:password_change": ("account", "change"),
    "admin:password_change_done": ("account", "view"),
}
# What the pages of a list do, by the ending of their name; the other pages Django offers there stay shut.
OF_A_LIST: dict[str, Action] = {"changelist": "view", "change": "view", "export": "export", "views": "view"}


def right_at(name: str, view: Any, method: str = "GET") -> Right | None:
    """Tell which right an address reads; None where it has none and is shut.

    At an address of the API the method says whether it is to see or to change.
    """
    marked: Right | None = getattr(view, "scope", None)
    door: Any = getattr(view, "cls", None)
    if hasattr(door, "action_at"):
        marked = (door.resource, door.action_at(method))
    if marked is not None:
        return marked
    resource = getattr(getattr(view, "model_admin", None) or getattr(unwrap(view), "__self__", None), "resource", None)
    listed = getattr(view, "model_admin", None)
    ending = name.rpartition("_")[2]
    action = OF_A_LIST.get(ending) or getattr(listed, "offers", {}).get(ending)
    return (resource, action) if resource and action else NAMED.get(name)


def name_at(name: str, view: Any) -> str:
    """Name an address: by its URL name, or by its view where it has none."""
    return name or str(getattr(view, "__name__", ""))


def judge(request: HttpRequest, right: Right) -> HttpResponseBase | None:
    """Answer who may not: strangers are sent to sign in, others get 403."""
    if not request.user.is_authenticated:
        if hasattr(request, "api_key"):
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        return redirect_to_login(request.get_full_path())
    if scopes.may(request.user, *right):
        return None
    raise PermissionDenied


def scoped(resource: Resource, action: Action = "view") -> Callable[[V], V]:
    """Let a view, or a method that is one, run for those who may do this.

    Which rows she reaches is the view's own question to `.visible_to(user)`; what that leaves out answers 404.
    """

    def mark(view: V) -> V:
        @functools.wraps(view)
        def judged(*args: Any, **kwargs: Any) -> HttpResponseBase:
            request = next(given for given in args if isinstance(given, HttpRequest))
            refused = judge(request, (resource, action))
            return refused if refused is not None else view(*args, **kwargs)

        judged.scope = (resource, action)  # type: ignore[attr-defined]
        return cast("V", judged)

    return mark
