"""Wordings, consents and planned touches, made by the product's own verbs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from members import importers
from members.actions import consents, touches
from members.models import Member, Purpose
from newretail.kernel import sql
from newretail.kernel.files.outcome import Outcome
from newretail.kernel.files.rows import batch_of
from newretail.kernel.verbs import verb
from tests import world

LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)


def texts(*purposes: str) -> None:
    """Publish a wording for each purpose, all of them unless said otherwise."""
    for purpose in purposes or Purpose.values:
        consents.publish(
            purpose=purpose, title_zh="授权", body_zh=f"同意{purpose}", title_en="Consent", body_en=f"I agree: {purpose}",
            at=LONG_AGO,
        )  # fmt: skip


def row(member_no: str = "V1", **more: Any) -> dict[str, Any]:
    """A statement as a file holds it: V1 allows offers by SMS."""
    usual = {"channel": "sms", "purpose": "marketing", "decision": "given", "source": "till", "proof": "T-1"}
    return {"member_no": member_no, **usual, **more}


def say(*rows: dict[str, Any], at: datetime = world.NOW) -> Outcome:
    """Record statements."""
    return consents.record(batch=batch_of(importers.CONSENTS, rows), at=at)


def withdraw(*rows: dict[str, Any], at: datetime = world.NOW) -> Outcome:
    """Record withdrawals."""
    return consents.withdraw(batch=batch_of(importers.CONSENTS, rows), at=at)


@verb
def plan(*, numbers: Sequence[str], source: str = "campaigns.wave:1", channel: str = "sms",
         purpose: str = "marketing", at: datetime = world.NOW, terms: touches.Terms = touches.USUAL) -> int:  # fmt: skip
    """Plan a touch of each of these members, due at once."""
    sql.temporary(
        "tmp_to_touch",
        "SELECT id AS member_id, %(channel)s::text AS channel, %(purpose)s::text AS purpose,"
        " %(at)s::timestamptz AS planned_for, NULL::bigint AS content_id, NULL::bigint AS post_id, '' AS not_wanted FROM members_member WHERE member_no = ANY(%(numbers)s)",
        {"channel": channel, "purpose": purpose, "at": at, "numbers": list(numbers)},
    )
    return touches.plan(table="tmp_to_touch", source=source, at=at, terms=terms)


def claim(channel: str = "sms", most: int = 100, at: datetime = world.NOW) -> list[touches.Claimed]:
    """Claim what is due."""
    return touches.claim(channel=channel, most=most, at=at)


def member(number: str = "V1") -> Member:
    """Give a member by her number."""
    return Member.objects.get(member_no=number)
