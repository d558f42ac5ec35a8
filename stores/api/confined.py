"""What a system confined to a store may not do: change what the whole brand shares."""

from django.utils.translation import gettext_noop
from rest_framework.request import Request

from newretail.kernel.api.problems import Problem
from newretail.kernel.scopes import Resource
from stores.models import sight_of

CONFINED = gettext_noop("This key is confined to a store: it cannot change what the whole brand shares.")


def must_reach_the_brand(request: Request, resource: Resource) -> None:
    """Let only those pass whose right to change reaches the whole brand.

    Raises Problem: confined_key.
    """
    if not sight_of(request.user, resource, "change").everything:
        raise Problem(403, "confined_key", CONFINED)
