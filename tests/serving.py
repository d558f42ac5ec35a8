"""Guides and whom they serve: 小美 and 小丽 of the store in Shanghai, 阿强 of the one in Guangzhou; bonds, tasks."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.test import Client

from guides.actions import bonds, escalations, tasks
from guides.actions.escalations import Problem
from guides.actions.tasks import Result, Wording
from guides.models import Bond, Brief, Escalation, Task
from newretail.kernel import sql
from newretail.kernel.models import User
from newretail.kernel.verbs import verb
from stores.models import Post
from tests import world

SHOP = (
    {"staff_no": "G2", "name": "小丽", "store_code": "SH01", "role": "guide"},
    {"staff_no": "G9", "name": "阿强", "store_code": "GZ01", "role": "guide"},
)
DAY = timedelta(days=1)


def shops() -> None:
    """The chain of `world`, with two guides in Shanghai and one in Guangzhou; 小美 serves 张三."""
    world.chain()
    world.staff(*SHOP)
    bind("V1", "G1")


def guide(staff_no: str) -> User:
    """Somebody of the staff, by number."""
    return User.objects.get(staff_no=staff_no)


def post(staff_no: str) -> Post:
    """Where she stands now."""
    return Post.objects.get(user__staff_no=staff_no, until__isnull=True)


def phone(staff_no: str, language: str = "zh-hans") -> Client:
    """Her phone, signed in."""
    client = Client(headers={"host": "localhost"})
    client.cookies["django_language"] = language
    client.force_login(guide(staff_no), backend="django.contrib.auth.backends.ModelBackend")
    return client


def bind(member_no: str, staff_no: str, source: str = "scan", at: datetime = world.NOW) -> bonds.Bound:
    """Let a member add a guide."""
    return bonds.bind_one(member=world.member(member_no), post=post(staff_no), source=source, at=at)


def served(member_no: str) -> str:
    """The number of the guide who serves her, nothing where nobody does."""
    found = Bond.objects.open().filter(member__member_no=member_no).select_related("post__user").first()
    return found.post.user.staff_no if found else ""


def brief(**more: Any) -> Brief:
    """A brief: birthday wishes by name, unless said otherwise."""
    usual: dict[str, Any] = {
        "title": "生日关怀", "reason": "birthday", "why": "{days} 天后生日", "words": "{name}，生日快乐！",
    }  # fmt: skip
    return tasks.brief(wording=Wording(**{**usual, **more}), at=world.NOW)


ROWS = """
SELECT m.id AS member_id, p.id AS post_id, x.source, x.facts, %(due)s::timestamptz AS due_at,
  %(until)s::timestamptz AS expires_at
FROM jsonb_to_recordset(%(rows)s::jsonb) x(member_no text, staff_no text, source text, facts jsonb)
JOIN kernel_user u ON u.staff_no = x.staff_no JOIN stores_post p ON p.user_id = u.id AND p.until IS NULL
LEFT JOIN members_member m ON m.member_no = x.member_no
"""


@verb
def assign(*, brief: Brief, rows: list[dict[str, Any]], at: datetime = world.NOW, due: timedelta = DAY,
           kept: timedelta = 7 * DAY, **more: Any) -> int:  # fmt: skip
    """Assign tasks of these rows (member_no, staff_no, source, facts)."""
    import json

    given = {"rows": json.dumps(rows), "due": at + due, "until": at + kept}
    sql.temporary("tmp_assigning", ROWS, given, analyze=False)
    return tasks.assign(table="tmp_assigning", brief=brief, at=at, **more)


def give(member_no: str | None, staff_no: str, source: str = "tests:1", **more: Any) -> Task:
    """Give one guide one task for one member; who covers for her may have it."""
    row = {"member_no": member_no, "staff_no": staff_no, "source": source, "facts": {"days": 3}}
    assign(brief=more.pop("brief", None) or brief(), rows=[row], **more)
    hers = Q(post=post(staff_no)) | Q(covers=post(staff_no))
    return Task.objects.get(hers, source=source, member__member_no=member_no)


def complete(task: Task, outcome: str = "sent", at: datetime = world.NOW, **more: Any) -> Task:
    """Let whoever it is given to record what came of it."""
    task.refresh_from_db()
    return tasks.complete(
        task=task.ref, within=[task.post_id], result=Result(outcome, **more), at=at, by=task.post.user
    )  # fmt: skip


def take_up(staff_no: str, at: datetime = world.NOW, **more: Any) -> Escalation:
    """Let somebody take a problem up."""
    given: dict[str, Any] = {"title": "退货纠纷", "words": "顾客要求退货，已超过七天。", "post": post(staff_no), **more}
    ref = given.pop("ref", None) or uuid.uuid4()
    return escalations.begin(ref=ref, problem=Problem(**given), at=at, by=guide(staff_no))
