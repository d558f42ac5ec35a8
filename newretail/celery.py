"""Celery wakes workers; the work itself is rows in Postgres."""

import os

from tenant_schemas_celery.app import CeleryApp

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newretail.settings.base")
app = CeleryApp("newretail")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
