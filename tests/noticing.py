"""Notices of the cast: sent by HQ, by 李督导 over East China, by 王店长 of the store in Shanghai."""

import uuid
from datetime import timedelta
from typing import Any

from guides.actions import notices
from guides.actions.notices import Told
from guides.models import Notice, NoticeReceipt
from guides.queries.notices import Audience
from newretail.kernel.models import User
from stores.models import Region, Store
from tests import serving, sights, world

MONTH = timedelta(days=30)


def hq() -> User:
    """Somebody at HQ."""
    return User.objects.filter(username="hq").first() or sights.person("hq")


def told(**more: Any) -> Told:
    """What a notice says: it must be read."""
    usual = {
        "title": "五一价格调整",
        "body": "五月一日起新价格生效。\n请更换价签。",
        "until": world.NOW + MONTH,
        "must_read": True,
    }
    return Told(**{**usual, **more})


def stores(*codes: str, **more: Any) -> Audience:
    """Those of these stores."""
    found = Store.objects.filter(code__in=codes).values_list("pk", flat=True)
    return Audience(Notice.Audience.STORES, stores=tuple(found), **more)


def regions(*names: str, **more: Any) -> Audience:
    """Those of these regions."""
    found = Region.objects.filter(name__in=names).values_list("pk", flat=True)
    return Audience(Notice.Audience.REGIONS, regions=tuple(found), **more)


def send(audience: Audience | None = None, **more: Any) -> Notice:
    """Send a notice, to the whole brand unless said otherwise."""
    given = {name: more.pop(name) for name in ("ref", "within", "files", "at", "by") if name in more}
    usual = {"ref": uuid.uuid4(), "within": None, "at": world.NOW, "by": given.get("by") or hq()}
    return notices.send(told=told(**more), audience=audience or Audience(Notice.Audience.BRAND), **{**usual, **given})


def read(notice: Notice, staff_no: str, at: Any = world.NOW) -> int:
    """Let somebody read it."""
    return notices.read(
        notice=notice.ref, posts=[serving.post(staff_no).pk], at=at, by=serving.guide(staff_no)
    )  # fmt: skip


def reached(notice: Notice) -> list[str]:
    """The numbers of those it reached."""
    rows = NoticeReceipt.objects.filter(notice=notice)
    return sorted(rows.values_list("post__user__staff_no", flat=True))
