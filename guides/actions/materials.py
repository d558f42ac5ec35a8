"""The content centre: a material is drafted, published, replaced by its next version, withdrawn."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_noop

from guides.models import Material, Picture
from newretail.kernel import sql
from newretail.kernel.actions import journal
from newretail.kernel.files import pictures
from newretail.kernel.models import User
from newretail.kernel.verbs import Refused, verb

State = Material.State
HOLD = "SELECT pg_advisory_xact_lock(hashtext('guides.material'), hashtext(%(code)s))"
KEEP_PICTURE = """
INSERT INTO guides_picture (digest, body, entry_id) VALUES (%(digest)s, %(body)s, %(entry)s)
ON CONFLICT (digest) DO NOTHING
"""


class BadMaterial(Refused):
    """What it says does not hold together."""

    code = "bad_material"
    sentence = gettext_noop("The material cannot be kept: %(why)s")


class NotToBeMoved(Refused):
    """It does not stand where this could be done."""

    code = "material_stands"
    sentence = gettext_noop("Version %(version)s of this material is %(state)s: this cannot be done with it.")


class MaterialChanged(Refused):
    """Somebody else kept it meanwhile."""

    code = "changed_meanwhile"
    sentence = gettext_noop("Somebody has changed this material meanwhile; look at it as it stands now.")


@dataclass(frozen=True)
class Content:
    """What a version says: its fields by name, a new picture as it was handed in, who may use it (ids)."""

    fields: Mapping[str, Any]
    picture: bytes | None = None
    stores: list[int] = field(default_factory=list)
    regions: list[int] = field(default_factory=list)


@verb
def keep(
    *, code: str, content: Content, at: datetime, by: User | None = None, seen: int | None = None
) -> Material:  # fmt: skip
    """Keep the draft of a material: the one there is, or a new version after those that stand as they are.

    A new version without a picture of its own takes over that of the version before. `seen`: the `entry_id` of the
    version that was shown.
    Refuses: MaterialChanged, BadMaterial, BadPicture.
    Writes: guides.material.kept.
    """
    sql.rows(HOLD, {"code": code})
    last = Material.objects.filter(code=code).order_by("-version").first()
    if seen is not None and seen != (last.entry_id if last else 0):
        raise MaterialChanged
    if last and last.state == State.DRAFT:
        draft = last
    else:
        draft = Material(code=code, version=last.version + 1 if last else 1, picture=last.picture if last else None)
    for name, value in content.fields.items():
        setattr(draft, name, value)
    line = journal.write("guides.material.kept", at=at, by=by, subject=code, version=draft.version, kind=draft.kind)
    if content.picture is not None:
        draft.picture = _pictured(content.picture, line.pk)
    draft.by, draft.entry_id = by, line.pk
    try:
        draft.full_clean(validate_unique=False)
    except ValidationError as error:
        raise BadMaterial(why=" ".join(error.messages)) from None
    draft.save()
    draft.stores.set(content.stores)
    draft.regions.set(content.regions)
    return draft


def _pictured(data: bytes, entry: int) -> Picture:
    small = pictures.made_small(data)
    digest = hashlib.sha256(small).hexdigest()
    sql.execute(KEEP_PICTURE, {"digest": digest, "body": small, "entry": entry})
    return Picture.objects.get(digest=digest)


def _held(material: Material) -> Material:
    sql.rows(HOLD, {"code": material.code})
    return Material.objects.get(pk=material.pk)


@verb
def publish(*, material: Material, at: datetime, by: User | None = None) -> Material:
    """Publish a draft: from now on guides share it, instead of the version published before.

    Refuses: NotToBeMoved.
    Writes: guides.material.published.
    """
    row = _held(material)
    if row.state != State.DRAFT:
        raise NotToBeMoved(version=row.version, state=row.get_state_display())
    Material.objects.filter(code=row.code, state=State.PUBLISHED).update(state=State.REPLACED)
    line = journal.write("guides.material.published", at=at, by=by, subject=row.code, version=row.version)
    row.state, row.published_at, row.entry_id = State.PUBLISHED, at, line.pk
    row.save()
    return row


@verb
def withdraw(*, material: Material, at: datetime, by: User | None = None) -> Material:
    """Withdraw a material: nobody shares it any more, and the links shared of any version lead to nothing.

    Refuses: NotToBeMoved.
    Writes: guides.material.withdrawn.
    """
    row = _held(material)
    if row.state != State.PUBLISHED:
        raise NotToBeMoved(version=row.version, state=row.get_state_display())
    shown = Material.objects.filter(code=row.code, state__in=[State.PUBLISHED, State.REPLACED])
    line = journal.write("guides.material.withdrawn", at=at, by=by, subject=row.code, versions=shown.count())
    shown.update(state=State.WITHDRAWN)
    row.refresh_from_db()
    row.entry_id = line.pk
    row.save()
    return row
