"""The page of limits says what the code holds."""

import pytest

from members.actions import points
from members.api import orders, purchases, whom
from newretail.kernel import guesses
from newretail.kernel.actions import answers, endpoints
from newretail.kernel.api import items, paging, strict, views
from newretail.kernel.declared import DECLARED
from tests.architecture.tree import ROOT

PAGE = (ROOT / "docs/integrators/limits.md").read_text(encoding="utf-8")
TOLD = {
    "body of a request": strict.MOST_BYTES, "depth of a body": strict.DEEPEST, "items of a batch": items.MOST,
    "lines of an order": orders.MOST_LINES, "or of a purchase": purchases.MOST_LINES, "items on a page": paging.MOST,
    "`Idempotency-Key`": views.LONGEST_KEY, "points of one move": points.MOST_POINTS,
    "lead to nobody": whom.MOST_MISSES, "wrong coupon": guesses.MOST, "endpoints of": endpoints.MOST_ENDPOINTS,
    "the same answer": int(answers.KEPT_FOR.total_seconds()) // 3600,
    "whole phones": DECLARED["phone_reveals_each_day"].default, "refund that waits": DECLARED["parked_refund_days"].default,
    "events kept": DECLARED["event_days"].default,
}  # fmt: skip


@pytest.mark.parametrize(("what", "most"), TOLD.items(), ids=TOLD)
def test_each_limit_is_told_as_it_is(what, most):
    told = [line for line in PAGE.splitlines() if line.startswith("| ") and what in line]
    assert len(told) == 1
    assert str(most) in told[0].split("|")[2]
