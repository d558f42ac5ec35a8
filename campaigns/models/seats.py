"""A set of members as a string of bits, one for each seat."""

from typing import Any

from django.db import models

WIDTH = 65_536  # seats; strings grow by so many bits, so that all that are in use are of one length


def width_for(seats: int) -> int:
    """Give the length in bits that holds so many seats."""
    return max(1, -(-seats // WIDTH)) * WIDTH


class SeatsField(models.Field):  # type: ignore[type-arg]  # generic to the type checker alone
    """PostgreSQL's `bit varying`; it is written and read by statements of ours, its rows leave it out."""

    def db_type(self, connection: Any) -> str:
        """Name the column's type."""
        return "bit varying"
