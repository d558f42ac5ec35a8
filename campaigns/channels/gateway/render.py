"""A message as a gateway takes it: JSON."""

import json

from campaigns.channels.letters import Letter


def message(letter: Letter) -> bytes:
    """Write a message; the same one is the same bytes."""
    told = {
        "id": str(letter.ref), "to": letter.to, "title": letter.title, "body": letter.body, "purpose": letter.purpose,
        "member_no": letter.member_no,
    }  # fmt: skip
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
