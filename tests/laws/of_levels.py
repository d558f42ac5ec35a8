"""Levels of the small house's guides: 阿强 was lifted by hand, had a month of grace and went down; what breaks their laws."""

from datetime import date, timedelta

from guides.actions import guide_levels
from newretail.kernel.guard import writing
from stores.models import Post
from tests import earning, serving, world


def told():
    """April left 阿强 a month of grace, May took his level."""
    with writing("tests"):
        Post.objects.filter(role=Post.Role.GUIDE).update(since=earning.FIRST)
    lifted = {"reason": "转岗", "at": world.NOW - timedelta(days=60), "by": earning.boss()}
    guide_levels.override(user=serving.guide("G9"), level=2, **lifted)
    guide_levels.assess(month=date(2026, 4, 1), kpis=None, at=world.NOW - timedelta(days=40))
    guide_levels.assess(month=date(2026, 5, 1), kpis=None, at=world.NOW)


ONE = "(SELECT {}(id) FROM guides_guideassessment WHERE outcome = '{}')"
BREAKS = {
    "a guide is assessed from the level she stood at": "UPDATE guides_guideassessment SET before = 3"
    f" WHERE id = {ONE.format('max', 'demoted')}",
    "an assessment says what it did": "UPDATE guides_guideassessment SET outcome = 'promoted'"
    f" WHERE id = {ONE.format('max', 'kept')}",
    "a guide's level moves as she was assessed": "UPDATE guides_guidelevelmove SET level = 3"
    " WHERE assessment_id IS NOT NULL",
    "levels of a guide follow one another in time": "UPDATE guides_guidelevelmove SET from_at = '2020-01-01'"
    " WHERE assessment_id IS NOT NULL",
    **{
        f"every guides_{table} row has its journal line": f"UPDATE guides_{table} SET entry_id = -1 WHERE {where}"
        for table, where in (
            ("guideassessment", f"id = {ONE.format('max', 'kept')}"),
            ("guidelevelmove", "assessment_id IS NULL"),
        )
    },
}
