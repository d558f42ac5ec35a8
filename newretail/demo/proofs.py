"""What guides of the demo's busiest store showed by photos: approved, given back, or waiting for the manager."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from PIL import Image, ImageDraw

from guides.actions import evidence, tasks
from guides.actions.tasks import Result, Wording
from guides.models import Brief, Task, TaskPhoto
from newretail.demo import logins
from newretail.kernel import clock, sql
from newretail.kernel.files.shrinking import jpeg
from newretail.kernel.models import User

SOURCE = "demo:display"
WORDING = Wording(
    title="端架陈列检查", reason=Brief.Reason.OTHER, purpose="service", wants_evidence=True, wants_approval=True,
    why="按陈列图布置端架，拍照上传，店长核对后通过",
)  # fmt: skip
ASKED = """
SELECT NULL::bigint AS member_id, id AS post_id, %(source)s AS source, '{}'::jsonb AS facts,
  %(at)s::timestamptz + interval '10 hours' AS due_at, %(at)s::timestamptz + interval '7 days' AS expires_at
FROM stores_post WHERE role = 'guide' AND until IS NULL AND store_id = %(store)s
"""
MISSING = "第二层缺价签，请补齐后重拍"
SIZE, SHELVES, GOODS = (960, 720), 3, ("#c0392b", "#e1a63b", "#3d8b5f", "#3a6ea5", "#8e5a9b")


def show(*, at: datetime) -> int:
    """Ask the guides for a photo of a display and let them hand it in, as yesterday; how many photos there are."""
    store = logins.busiest()
    manager = User.objects.filter(posts__store=store, posts__role="manager", posts__until__isnull=True).first()
    if manager is None or TaskPhoto.objects.exists():
        return 0
    morning = clock.day_start(clock.business_day(at) - timedelta(days=1)) + timedelta(hours=9)
    _ask(store.pk, morning)
    for turn, task in enumerate(Task.objects.filter(source=SOURCE).select_related("post__user").order_by("post_id")):
        _hand_in(task, turn, morning + timedelta(hours=2, minutes=13 * turn))
        _judge(task, turn, manager, morning + timedelta(hours=8))
    return TaskPhoto.objects.count()


@transaction.atomic
def _ask(store: int, at: datetime) -> None:
    sql.temporary("tmp_display", ASKED, {"source": SOURCE, "store": store, "at": at}, analyze=False)
    tasks.assign(table="tmp_display", brief=tasks.brief(wording=WORDING, at=at), at=at)


def _hand_in(task: Task, turn: int, at: datetime) -> None:
    within, by = [task.post_id], task.post.user
    evidence.add(task=task.ref, within=within, photo=_shelves(turn), at=at, by=by)
    tasks.complete(task=task.ref, within=within, result=Result("done"), at=at + timedelta(minutes=1), by=by)


def _judge(task: Task, turn: int, manager: User, at: datetime) -> None:
    """Leave the first to the manager who signs in; of the others most are approved."""
    given: dict[str, Any] = {"task": task.ref, "within": [task.post_id], "at": at, "by": manager}
    if turn % 4 == 3:
        tasks.give_back(**given, reason=MISSING)
    elif turn:
        tasks.approve(**given)


def _shelves(turn: int) -> bytes:
    """Draw shelves with goods in rows and a price tag below each row."""
    picture = Image.new("RGB", SIZE, "#ece6da")
    pen = ImageDraw.Draw(picture)
    for shelf in range(SHELVES):
        board = 230 + shelf * 220
        for place in range(11):
            left, high = 50 + place * 79, 110 + (place * 17 + shelf * 29 + turn * 13) % 50
            pen.rectangle((left, board - high, left + 62, board), fill=GOODS[(place // 3 + shelf + turn) % len(GOODS)])
        pen.rectangle((30, board, 930, board + 26), fill="#8a6f4d")
        for tag in range(4):
            pen.rectangle((70 + tag * 235, board + 4, 150 + tag * 235, board + 22), fill="#ffffff")
    return jpeg(picture)
