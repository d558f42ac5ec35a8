"""What came of surveys: how many were asked and answered, what they said, by question, product and guide."""

from django.db.models import QuerySet

from guides.models import Survey


def newest() -> QuerySet[Survey]:
    """Give the newest version of each survey."""
    return Survey.objects.order_by("code", "-version").distinct("code")


def latest(code: str) -> Survey | None:
    """Find the newest version of one."""
    return Survey.objects.filter(code=code).order_by("-version").first() if code else None
