"""Settings of the suite: only speed and guards are added."""

import os

os.environ.setdefault("SECRET_KEY", "tests only")
os.environ["WRITE_GUARD"] = "1"

from newretail.settings.base import *  # noqa: F403
from newretail.settings.base import CACHES, DATABASES, LOGGING

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
CACHES = {name: {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": name} for name in CACHES}
DATABASES["default"]["CONN_MAX_AGE"] = 0
LOGGING = {**LOGGING, "root": {"handlers": ["console"], "level": "ERROR"}}
CELERY_TASK_ALWAYS_EAGER = False
