"""Why nothing can be said: every answer about lift holds either figures or one of these."""

from enum import StrEnum


class Reason(StrEnum):
    """What is missing before a figure would mean something."""

    EMPTY = "empty"  # an arm holds nobody
    ALONE = "alone"  # an arm holds one person, so nothing tells how far people differ
    SAME = "same"  # all of an arm spent the same, mostly nothing: an interval would feign certainty
    NO_SPEND = "no_spend"  # the mean that a percentage would be of is not above zero
    FEW = "few"  # fewer than five are expected in an arm, where chi-square does not hold
    UNREACHABLE = "unreachable"  # no share of this audience is large enough
