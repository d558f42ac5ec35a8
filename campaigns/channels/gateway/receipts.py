"""What a gateway tells of a message: in its answer, or when it is asked."""

import json
import uuid

from campaigns.channels import letters
from members.actions.touches import Settlement
from members.models import Touch

State, Reason = Touch.State, Touch.Reason
# What it may say, and what that is in the ledger.
SAYS: dict[str, tuple[str, str]] = {
    "sent": (State.SENT, ""),
    "waiting": (State.WAITING, ""),
    "failed": (State.FAILED, Reason.REFUSED),
    "unreachable": (State.FAILED, Reason.UNREACHABLE),
    "refused": (State.REFUSED, Reason.DECLINED),
    "not_friends": (State.REFUSED, Reason.NOT_FRIENDS),
    "over_quota": (State.OVER_QUOTA, Reason.QUOTA),
}


def settlement(ref: uuid.UUID, answer: str, cost_cents: int) -> Settlement | None:
    """Read an answer: `{"state": …}`; None where it says nothing that we know."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    state = said.get("state") if isinstance(said, dict) else None
    if not isinstance(state, str) or state not in SAYS:
        return None
    stands, reason = SAYS[state]
    return Settlement(ref, stands, reason, cost_cents if stands in (State.SENT, State.WAITING) else 0)


def of_refusal(ref: uuid.UUID) -> Settlement:
    """Say what an answer of the 4xx means: it did not take it."""
    return letters.failed(ref, Reason.REFUSED)
