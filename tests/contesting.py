"""Contests the tests speak of."""

from datetime import date
from typing import Any

from analytics.actions import contests
from analytics.actions.contests import Rules
from analytics.models import Contest
from tests import world


def rules(**more: Any) -> Rules:
    """The rules of a contest of June's sales between all guides, unless said otherwise."""
    usual: dict[str, Any] = {
        "code": "june", "name": "六月冠军赛", "metric": "sales", "first_day": date(2026, 6, 1),
        "last_day": date(2026, 6, 30), "prizes": ["奖金 500 元", "电影票"],
    }  # fmt: skip
    return Rules(**{**usual, **more})


def published(**more: Any) -> Contest:
    """A contest that runs."""
    kept = contests.keep(rules=rules(**more), at=world.NOW)
    return contests.publish(code=kept.code, at=world.NOW)
