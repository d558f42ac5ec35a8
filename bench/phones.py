"""Pages of a guide's phone: of one who has a page full to do and to serve, beside one of hundreds and thousands."""

from datetime import datetime
from statistics import median
from time import perf_counter

from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.actions import scores
from bench.figures import Figure, at_most
from bench.ground import BIG, HOSTS, Ground, brand
from bench.pages import MOST_QUERIES
from guides.actions import bonds, tasks
from guides.actions.tasks import Wording
from guides.models import Brief
from newretail.kernel import clock, sql
from newretail.kernel.models import User
from stores.models import Post

PAGES = {"tasks": "/g/", "customers": "/g/customers/", "radar": "/g/radar/", "results": "/g/results/"}
JUDGED, NOT_COUNTED = "tasks", ("search_path", "django_session")
FEW, MANY_TASKS, MANY_CUSTOMERS = 31, 500, 3000  # a page shows thirty
# Members nobody serves yet, as many as are wished.
SERVED = """
SELECT m.id AS member_id, %(post)s::bigint AS post_id, %(at)s::timestamptz AS began_at FROM members_member m
WHERE m.erased_at IS NULL AND m.merged_into_id IS NULL
  AND NOT EXISTS (SELECT FROM guides_bond b WHERE b.member_id = m.id) ORDER BY m.id LIMIT %(many)s
"""
TO_DO = """
SELECT b.member_id, b.post_id, 'phones' AS source, '{"days": 3}'::jsonb AS facts,
  %(at)s::timestamptz + interval '1 day' AS due_at, %(at)s::timestamptz + interval '7 days' AS expires_at
FROM guides_bond b WHERE b.post_id = %(post)s AND b.ended_at IS NULL ORDER BY b.member_id LIMIT %(many)s
"""


class Phone:
    """A guide signed in, who serves so many members and has so many tasks."""

    def __init__(self, post: Post, brief: Brief, customers: int, to_do: int, at: datetime) -> None:
        with transaction.atomic():
            sql.temporary("tmp_serving", SERVED, {"post": post.pk, "at": at, "many": customers})
            self.customers = bonds.bind(table="tmp_serving", source="hand", at=at).made
            sql.temporary("tmp_doing", TO_DO, {"post": post.pk, "at": at, "many": to_do})
            self.tasks = tasks.assign(table="tmp_doing", brief=brief, at=at)
        self.client = Client(headers={"host": HOSTS[BIG]})
        user = User.objects.get(pk=post.user_id)
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def open(self, path: str) -> float:
        """Open a page by the clock."""
        began = perf_counter()
        answer = self.client.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return perf_counter() - began

    def queries(self, path: str) -> int:
        """Count a page's queries; what finds the brand and the session is none of them."""
        with CaptureQueriesContext(connection) as asked:
            self.open(path)
        return sum(not any(word in q["sql"] for word in NOT_COUNTED) for q in asked.captured_queries)


def measure(ground: Ground) -> list[Figure]:
    """Open the tabs of two phones in turns."""
    ground.say("phones of guides")
    with brand(BIG):
        at = clock.now()
        if scores.live_day() is None:  # the radar reads portraits
            scores.score(as_of=clock.business_day(at), at=at)
        brief = tasks.brief(wording=Wording("问候", Brief.Reason.OTHER, words="{name}，您好"), at=at)
        posts = Post.objects.filter(role="guide", until__isnull=True).order_by("-pk")[:2]
        small = Phone(posts[0], brief, FEW, FEW, at)
        big = Phone(posts[1], brief, MANY_CUSTOMERS, MANY_TASKS, at)
        sql.vacuum("guides_bond", "guides_task", "members_portrait")
    return [_tab(name, path, small, big, ground.scale.visits) for name, path in PAGES.items()]


def _tab(name: str, path: str, small: Phone, big: Phone, times: int) -> Figure:
    queries = max(phone.queries(path) for phone in (small, big))
    few, many = zip(*((small.open(path), big.open(path)) for _ in range(times)), strict=True)
    here, there = median(many), median(few)
    figure = Figure(
        f"phone, {name}: {big.tasks} tasks, {big.customers:,} customers", f"{here * 1000:.0f} ms, {queries} queries",
        f"{small.tasks} tasks, {small.customers} customers {there * 1000:.0f} ms", here / there,
    )  # fmt: skip
    if name != JUDGED:
        return figure
    figure = at_most(figure, 1.5)
    figure.target += f", ≤ {MOST_QUERIES} queries"
    figure.ok = bool(figure.ok) and queries <= MOST_QUERIES
    return figure
