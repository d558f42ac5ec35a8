"""Fictional Chinese names, one per key, and telephone numbers from a placeholder range."""

import numpy as np
import numpy.typing as npt

from newretail.demo import draws, words

# The dozen commonest surnames cover a third of the people, the rare ones few.
COMMON, USUAL = 12, 40
WEIGHTS = [3.0 if place < COMMON else 1.0 if place < USUAL else 0.5 for place in range(len(words.SURNAMES))]

MEMBER_PHONES = 13_800_000_000
STAFF_PHONES = 13_800_010_000
PHONES = 10_000


def spoken(keys: npt.ArrayLike, female: npt.NDArray[np.bool_], name: str) -> npt.NDArray[np.object_]:
    """Give each key a surname and a given name that fits the gender."""
    surnames = draws.pick(keys, f"{name}.surname", words.SURNAMES, WEIGHTS)
    women = draws.pick(keys, f"{name}.female", words.FEMALE)
    men = draws.pick(keys, f"{name}.male", words.MALE)
    return surnames + np.where(female, women, men)


def phones(count: int, first: int) -> list[str]:
    """List `count` telephone numbers, none twice.

    The ranges 1380000NNNN and 1380001NNNN hold 10 000 each and never meet.
    """
    if count > PHONES:
        raise ValueError(f"only {PHONES} placeholder numbers, {count} wanted")
    return [str(first + step) for step in range(count)]
