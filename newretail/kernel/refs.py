"""Numbers of our own that forms and addresses carry, read from what was sent."""

import uuid


def number(text: str) -> uuid.UUID | None:
    """Read the number of an action or a row; None where it is none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None
