"""How far the person asking sees, for the pages of the admin: read from the table of rights."""

from dataclasses import dataclass
from typing import Any

from newretail.kernel import scopes
from newretail.kernel.scopes import Reach


@dataclass(frozen=True)
class Sees:
    """How far a person sees: the whole brand, some places, or nothing."""

    everything: bool
    nothing: bool


def sight(user: Any) -> Sees:
    """Tell how far a person sees places."""
    seen = scopes.reach(user, "stores", "view")
    return Sees(everything=seen == Reach.BRAND, nothing=seen == Reach.NONE)
