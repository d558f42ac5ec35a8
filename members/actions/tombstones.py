"""Keep those away who were erased: keyed digests of what they were known by, compared where people come in."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from members.models import Member, Tombstone
from newretail.kernel import brand, sql
from newretail.kernel.files import identities, storage

PLACE = "tombstones"  # a folder of the brand: what a backup from before an erasure does not know
BLOCK = 64  # bytes of a block of SHA-256
HELD = "SELECT EXISTS (SELECT FROM members_tombstone)"
# A known number that leads to nobody any more.
GONE_NUMBER = "EXISTS (SELECT FROM members_member e WHERE e.member_no = i.member_no AND e.erased_at IS NOT NULL)"
REFUSE = """
UPDATE tmp_members i SET error = 'person_erased', error_column = CASE {cases} END
WHERE i.error IS NULL AND ({any})
"""
STRIKE = "UPDATE tmp_orders_in i SET {struck} WHERE {any}"


def _keys() -> list[bytes]:
    """Derive the brand's keys, of the site's secret and of former ones, the first for what is written now."""
    schema: str = connection.schema_name  # type: ignore[attr-defined]
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [
        hmac.digest(secret if isinstance(secret, bytes) else secret.encode(), f"tombstone:{schema}".encode(), "sha256")
        for secret in secrets
    ]


def digest_of(kind: str, value: str) -> str:
    """Give the digest under which an identity lies."""
    return hmac.digest(_keys()[0], f"{kind}:{value}".encode(), "sha256").hex()


def _pads() -> sql.Params:
    """Give the two padded keys of each key: with them the database computes the same digests (RFC 2104)."""
    given: sql.Params = {}
    for number, key in enumerate(_keys()):
        block = key.ljust(BLOCK, b"\0")
        given[f"inner{number}"] = bytes(byte ^ 0x36 for byte in block)
        given[f"outer{number}"] = bytes(byte ^ 0x5C for byte in block)
    return given


def _lies_sql(kind: str, column: str) -> str:
    """Write the question whether a tombstone lies for what a column says."""
    digests = ", ".join(
        f"encode(sha256(%(outer{number})s || sha256(%(inner{number})s || convert_to('{kind}:' || {column}, 'UTF8'))),"
        " 'hex')"
        for number in range(len(_keys()))
    )
    return f"EXISTS (SELECT FROM members_tombstone b WHERE b.digest IN ({digests}))"


def _questions(*, known_by: bool = True) -> dict[str, str]:
    """Write for each column the question whether what it says was an erased person's."""
    of_others = {
        column: f"i.{column} IS NOT NULL AND {_lies_sql(kind, f'i.{column}')}"
        for column, kind in identities.KINDS.items()
    }
    return {"member_no": GONE_NUMBER, **(of_others if known_by else {})}


def refuse() -> None:
    """Refuse the members of `tmp_members` who were erased; part of the verb that records them."""
    if sql.rows(HELD)[0][0]:
        asked = _questions()
        cases = " ".join(f"WHEN {question} THEN '{column}'" for column, question in asked.items())
        sql.execute(REFUSE.format(cases=cases, any=" OR ".join(asked.values())), _pads())


def strike() -> None:
    """Let the orders of `tmp_orders_in` that were erased persons' come in without them.

    With the setting `erased_orders` on fresh_member their identities stay, and may lead to a member anew.
    """
    if not sql.rows(HELD)[0][0]:
        return
    asked = _questions(known_by=brand.setting("erased_orders") != "fresh_member")
    struck = ", ".join(
        f"{column} = CASE WHEN {question} THEN NULL ELSE i.{column} END" for column, question in asked.items()
    )
    sql.execute(STRIKE.format(struck=struck, any=" OR ".join(asked.values())), _pads())


def lies_for(kind: str, value: str) -> bool:
    """Tell whether an identity was an erased person's."""
    said = f"{kind}:{value}".encode()
    digests = [hmac.digest(key, said, "sha256").hex() for key in _keys()]
    return Tombstone.objects.filter(digest__in=digests).exists()


def lay(member: Member, identities: Iterable[tuple[str, str]], *, at: datetime, entry_id: int) -> int:
    """Lay a tombstone for each identity (kind, value) of a member who is erased; part of the verb that erases."""
    digests = sorted({digest_of(kind, value) for kind, value in identities})
    rows = [Tombstone(digest=digest, member=member, erased_at=at, entry_id=entry_id) for digest in digests]
    return len(Tombstone.objects.bulk_create(rows, ignore_conflicts=True))


def _path_of(member: Member) -> Path:
    return storage.folder(PLACE) / f"{hashlib.sha256(member.member_no.encode()).hexdigest()[:32]}.json"


def write_down(member: Member, digests: Sequence[str], at: datetime) -> None:
    """Write an erasure down beside the database; digests alone, which a restored database is compared with."""
    path = _path_of(member)
    if not path.exists():
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps({"erased_at": at.isoformat(), "digests": sorted(digests)}), encoding="ascii")
        draft.chmod(0o600)
        draft.replace(path)


def written_down() -> list[list[str]]:
    """Read the erasures of this brand that stand beside its database: the digests of each."""
    return [
        json.loads(path.read_text(encoding="ascii"))["digests"] for path in sorted(storage.folder(PLACE).glob("*.json"))
    ]


KNOWN_AGAIN = """
SELECT DISTINCT coalesce(m.merged_into_id, m.id) FROM members_identity d JOIN members_member m ON m.id = d.member_id
WHERE m.erased_at IS NULL AND encode(sha256(%(outer{n})s || sha256(%(inner{n})s
  || convert_to(d.kind || ':' || d.value, 'UTF8'))), 'hex') = ANY(%(digests)s) ORDER BY 1
"""


def back_again() -> list[int]:
    """Find members (ids) whom a restored database knows again although they were erased."""
    digests = [digest for each in written_down() for digest in each]
    if not digests:
        return []
    found: set[int] = set()
    for number in range(len(_keys())):
        rows = sql.rows(KNOWN_AGAIN.format(n=number), {**_pads(), "digests": digests})
        found |= {pk for (pk,) in rows}
    return sorted(found)
