"""A contest of the small house that is closed."""

from datetime import timedelta

from analytics.actions import contests
from tests import contesting, world


def closed():
    """A contest of the days before, in which somebody won."""
    contesting.published(code="laws", prizes=["奖金", "电影票"])
    contests.close(code="laws", at=world.NOW + timedelta(days=40))
