"""Settings every machine shares; whatever differs comes from the environment."""

from pathlib import Path

import environ
from django.utils.translation import gettext_lazy as _
from kombu import Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

# Whoever reads settings wakes workers through this app; the child that reads a file does without both.
from newretail.celery import app as celery_app  # noqa: F401
from newretail.platform.home import complete_addresses, given_secret, secret, state_home
from newretail.schedule import BEAT, NIGHT, NIGHT_LANE, ONLY, QUEUED_LANE, ROUTES, WEBHOOKS_LANE

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()
complete_addresses()

SECRET_KEY = env.str("SECRET_KEY", default="") or secret("django")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])  # the tenant table is the list of hosts
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)  # how many proxies of our own stand before us
METRICS_TOKEN = env.str("METRICS_TOKEN", default="") or given_secret("metrics")
METRICS_ON_LOOPBACK = True
WEBHOOKS_PLAIN_HTTP = env.bool("WEBHOOKS_PLAIN_HTTP", default=False)  # for development: endpoints without TLS

SHARED_APPS = ["newretail.platform", "django_tenants"]
TENANT_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "newretail.kernel",
    "stores",
    "members",
    "guides",
    "campaigns",
    "analytics",
    "newretail.demo",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "import_export",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
INSTALLED_APPS = SHARED_APPS + TENANT_APPS
TENANT_MODEL = "platform.Brand"
TENANT_DOMAIN_MODEL = "platform.Domain"
TENANT_LIMIT_SET_CALLS = True  # direct connections only, see docs/house.md
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
ORIGINAL_BACKEND = "newretail.db"

MIDDLEWARE = [
    "newretail.platform.middleware.HealthMiddleware",
    "newretail.platform.middleware.MetricsMiddleware",
    "newretail.platform.middleware.ProxyMiddleware",
    "newretail.platform.watch.WatchMiddleware",
    "newretail.platform.middleware.BrandMiddleware",
    "newretail.kernel.api.gate.ApiMiddleware",
    "newretail.kernel.middleware.CharsetMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "newretail.kernel.api.inbox.InboxMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "newretail.kernel.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "newretail.kernel.api.gate.KeyMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "newretail.kernel.middleware.SettingsMiddleware",
    "newretail.kernel.middleware.PersonMiddleware",
    "newretail.kernel.middleware.ClockMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "newretail.kernel.middleware.PolicyMiddleware",
    "newretail.kernel.middleware.ScopeMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "newretail.urls"
WSGI_APPLICATION = "newretail.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

_role = env.str("DB_ROLE", default="app")
_url = env.str("DATABASE_URL", default="postgres://newretail_app@127.0.0.1:5432/newretail")
if _role == "owner":
    _url = env.str("DATABASE_OWNER_URL", default=_url)
DATABASES = {
    "default": {
        **environ.Env.db_url_config(_url),
        "ENGINE": "django_tenants.postgresql_backend",
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.str("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # What all processes count together.
    "counters": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_FUNCTION": "django_tenants.cache.make_key",  # keys carry the brand
        "OPTIONS": {"socket_timeout": 0.5, "socket_connect_timeout": 0.5, "retry": Retry(NoBackoff(), 0)},
    },
}
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 3500  # below half the visibility timeout; a wake that is lost comes again in a minute
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False  # its lines go the way of all others
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 7200,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
}
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = BEAT
LANES = (NIGHT_LANE, QUEUED_LANE, WEBHOOKS_LANE)
CELERY_TASK_QUEUES = [Queue(lane) for lane in LANES]
CELERY_TASK_DEFAULT_QUEUE = NIGHT_LANE
CELERY_TASK_ROUTES = ROUTES
CELERY_BEAT_SCHEDULE_FILENAME = str(state_home() / "beat")
CELERY_TASK_TENANT_CACHE_SECONDS = 60
NIGHT_JOBS = NIGHT
NIGHT_ONLY = ONLY

AUTH_USER_MODEL = "kernel.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_CALLABLE = "newretail.kernel.users.name_tried"  # names know no case: nor do the tries at them
AXES_LOCKOUT_TEMPLATE = "429.html"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
# The second factor is kept by django-allauth; its mails, sign-up pages and limits (axes counts) are not used.
ACCOUNT_ADAPTER = "newretail.kernel.second_factor.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_RATE_LIMITS = False
MFA_ADAPTER = "newretail.kernel.second_factor.FactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.str("STATIC_ROOT", default=None)
STATICFILES_DIRS = [
    BASE_DIR / "static",
    *(
        [("echarts", BASE_DIR / "node_modules" / "echarts" / "dist")]
        if (BASE_DIR / "node_modules" / "echarts" / "dist").is_dir()
        else []
    ),
]
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = state_home() / "media"
IMPORT_EXPORT_USE_TRANSACTIONS = True

REST_FRAMEWORK = {"DEFAULT_SCHEMA_CLASS": "newretail.kernel.api.schema.Schema", "UNAUTHENTICATED_USER": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "newretail",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": False,
    "APPEND_COMPONENTS": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}},
    "SECURITY": [{"key": []}],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "newretail.kernel.api.illustrate.tell",
        "newretail.kernel.api.refusals.share",
    ],
}

WRITE_GUARD = env.bool("WRITE_GUARD", default=False)
if WRITE_GUARD:
    from newretail.kernel.guard import GuardedCursor

    DATABASES["default"]["OPTIONS"] = {"cursor_factory": GuardedCursor}

from newretail.settings.logs import LOGGING  # noqa: E402, F401
from newretail.settings.policy import *  # noqa: E402, F403
from newretail.settings.unfold import UNFOLD  # noqa: E402, F401
