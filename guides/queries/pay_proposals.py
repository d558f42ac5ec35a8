"""What the product ships as a first draft of credit rules and of a commission scheme."""

from typing import Any

from guides.models.levels import FIRST_LEVEL, LAST_LEVEL
from guides.queries.policy_terms import EVERYWHERE

LOWEST_RATE_BP, RATE_STEP_BP = 200, 20  # 2 % at level 1, a fifth of a percent more at each level above


def credit_rules() -> dict[str, Any]:
    """Propose rules of credits: an order in a store is hers who sold it, one online hers who serves and who shared.

    The share of a role that nobody has goes to the other; an order of nobody's customer stays with the house.
    """
    return {
        "share_days": 7,
        "channels": {"store": {"seller": 10_000}, EVERYWHERE: {"bonded": 7_000, "sharer": 3_000}},
    }


def scheme() -> dict[str, Any]:
    """Propose a commission scheme: all of it is there to be changed, amounts in cents, rates in basis points."""
    levels = range(FIRST_LEVEL, LAST_LEVEL + 1)
    return {
        "levels": {str(level): LOWEST_RATE_BP + RATE_STEP_BP * (level - FIRST_LEVEL) for level in levels},
        "fresh_bp": 12_000,
        "most_bp": 1_000,
        "return_days": 7,
        "bounty_cents": 500,
        "bounty_days": 30,
        "task_cents": 100,
        "tasks_most": 60,
        "steps": [
            {"from_cents": 2_000_000, "pay_cents": 10_000},
            {"from_cents": 5_000_000, "pay_cents": 30_000},
            {"from_cents": 10_000_000, "pay_cents": 80_000},
        ],
        "recovery_bp": 3_000,
    }
