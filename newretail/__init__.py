"""newretail: the roof. It composes the floors by name and decides nothing."""

from newretail.celery import app as celery_app

__all__ = ["celery_app"]
