"""Materials and what came of them: a picture that can be handed in, a poster, shares, openings that the app tells."""

import uuid
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from PIL import Image

from guides.actions import materials, shares
from guides.actions.materials import Content
from guides.actions.shares import Visit
from guides.models import Material, Share
from tests import serving, world

PHONE = Visit("203.0.113.7", "WeChat")
LATER = world.NOW + timedelta(hours=1)


def picture(kind: str = "PNG", size: tuple[int, int] = (400, 300), **more: Any) -> bytes:
    """A picture as somebody hands it in."""
    out = BytesIO()
    Image.new("RGB", size, "#c33").save(out, kind, **more)
    return out.getvalue()


def draft(code: str = "TEA", **more: Any) -> Material:
    """The draft of a material: words about tea, unless said otherwise."""
    places = {name: more.pop(name) for name in ("stores", "regions", "picture") if name in more}
    usual = {"title": "明前龙井到店", "kind": "text", "category": "product", "words": "今年的新茶到了，来店里尝一杯。"}
    return materials.keep(code=code, content=Content({**usual, **more}, **places), at=world.NOW)


def material(code: str = "TEA", **more: Any) -> Material:
    """A published material."""
    return materials.publish(material=draft(code, **more), at=world.NOW)


def share(code: str = "TEA", staff_no: str = "G1", at: datetime = world.NOW, **more: Any) -> Share:
    """A guide shares a material."""
    given = {"ref": uuid.uuid4(), "channel": "chat", **more}
    return shares.share(material=code, post=serving.post(staff_no), by=serving.guide(staff_no), at=at, **given)


def opened(shared: Share, visit: Visit = PHONE, at: datetime = LATER) -> uuid.UUID | None:
    """Somebody opens its link."""
    return shares.open_link(share=shared, visit=visit, at=at)
