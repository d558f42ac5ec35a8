"""Settings behind TLS: cookies only over HTTPS, hosts named, static files collected, a log line for each request."""

from django.core.exceptions import ImproperlyConfigured

from newretail.settings.base import *  # noqa: F403
from newretail.settings.base import LOGGING, STATIC_ROOT, TRUSTED_PROXIES, env
from newretail.settings.logs import REQUESTS

DEBUG = False
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[])
if not ALLOWED_HOSTS:
    raise ImproperlyConfigured("ALLOWED_HOSTS: name the hosts that lead here, separated by commas")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
# Believed only where TRUSTED_PROXIES says that a proxy of our own writes it: anybody can send the header.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=True)
METRICS_ON_LOOPBACK = False  # a proxy on this machine would make everybody local: only the token opens

LOGGING["loggers"][REQUESTS]["level"] = env.str("LOG_REQUESTS", default="INFO")

if STATIC_ROOT:
    WHITENOISE_USE_FINDERS = False
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
