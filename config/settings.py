"""All settings. What differs between installations comes from the environment.

All bad variables are named at once. Each may be given as `NAME_FILE` instead: the path of a file
that holds the value. Development is the default; `PRODUCTION=true` asks for what must not be
left to a default, and switches the browser's defences on.
"""

import os
import secrets
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import FileAwareEnv
from kombu import Exchange, Queue

from config import addresses
from config.appearance import UNFOLD  # noqa: F401 -- a setting

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = FileAwareEnv(eager=False, strip_whitespace=True)
for parser in (addresses.database, addresses.redis, addresses.mail):
    env.add_parser(f"{parser.__name__}_url", parser)

PRODUCTION = env.bool("PRODUCTION", default=False)
STACK = {} if PRODUCTION else addresses.running_stack(VAR_DIR / "stack.json")
DEBUG = env.bool("DEBUG", default=False)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.list("CSRF_TRUSTED_ORIGINS", default=[])
DATABASE = env.database_url(
    "DATABASE_URL", default=STACK.get("database_url", "postgresql:///mediation")
)
DATABASE_POOL = env.int("DATABASE_POOL", default=0)  # connections per process; 0: one per thread
REDIS_URL = env.redis_url("REDIS_URL", default=STACK.get("redis_url", "redis://127.0.0.1:6379/0"))
MAIL = env.mail_url("EMAIL_URL", default="console:")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mediation@localhost")
CASE_LINK = env.str("CASE_LINK", default="http://127.0.0.1:8000/cases/{case_no}")
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
PROXIES = env.int("PROXIES", default=0)  # how many proxies of ours stand in front
# Rates of requests (mediation/throttling.py) times this; 0: none. Scripts try things fast.
RATES_TIMES = env.int("RATES_TIMES", default=1 if PRODUCTION else 20)
SECRET_KEY = env.str("SECRET_KEY", default="")
FILES_ROOT = env.path("FILES_ROOT", default=VAR_DIR / "files")
FILES_STORAGE = env.str(
    "FILES_STORAGE", default="django.core.files.storage.FileSystemStorage"
)  # a class; anything but the default finds its own settings
STATIC_ROOT = env.path("STATIC_ROOT", default=VAR_DIR / "static" if PRODUCTION else None)
env.seal()


def development_key() -> str:
    """Make a key at the first start and keep it in var/, so that log-ins outlive a restart."""
    path = VAR_DIR / "secret_key"
    VAR_DIR.mkdir(exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


if PRODUCTION and (DEBUG or not SECRET_KEY):
    raise ImproperlyConfigured("PRODUCTION needs a SECRET_KEY, and DEBUG off")
SECRET_KEY = SECRET_KEY or development_key()

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # before the admin: its templates take the place of the admin's
    "mediation.desk.apps.DeskConfig",  # django.contrib.admin, with a site of ours
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "django_scopes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "cases",
    "mediation",
    "notifications",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.headers.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

# No ATOMIC_REQUESTS: transactions begin in mediation/steps.py.
DATABASES = {"default": {**DATABASE, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
if DATABASE_POOL:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL}
    DATABASES["default"] |= {"CONN_MAX_AGE": 0, "CONN_HEALTH_CHECKS": False}  # the pool's business

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "admin:login"
OTP_TOTP_ISSUER = "Mediation"  # how an authenticator app names what its codes are for
OTP_TOTP_SYNC = False  # a code counts within half a minute of our own clock

TIME_ZONE = "UTC"
USE_TZ = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

STATIC_URL = "static/"
# Production runs `collectstatic`, for hashed names and compression; elsewhere files are served
# from where they are installed.
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # Private: no address leads there, only signed links through a view of ours.
    "files": {"BACKEND": FILES_STORAGE}
    | (
        {
            "OPTIONS": {
                "location": FILES_ROOT,
                "base_url": None,
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            }
        }
        if FILES_STORAGE == "django.core.files.storage.FileSystemStorage"
        else {}
    ),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}

globals().update(MAIL)
EMAIL_TIMEOUT = 20  # seconds
# How refunds are paid, by the name in a marketplace's account. Without an account the marketplace
# is instructed by a signed webhook, except in development: there the sandbox pretends to pay.
GATEWAYS = {
    "sandbox": "mediation.gateways.sandbox.Sandbox",
    "webhook": "mediation.gateways.webhook.Webhook",
}
DEFAULT_GATEWAY = "webhook" if PRODUCTION else "sandbox"

NOTIFICATIONS = {
    "KEEP_LETTERS": not PRODUCTION,  # as written, for the admin
    "ALLOW_LOOPBACK": not PRODUCTION,  # webhooks to this very machine
    "LINK": CASE_LINK,
    "SMS_DAILY_CAP": 10,
}

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["cases.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": ["cases.tokens.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["mediation.throttling.Throttle"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "cases.schemas.Described",
    "DEFAULT_METADATA_CLASS": None,  # OPTIONS would run serializers without a request
    "EXCEPTION_HANDLER": "mediation.errors.handle",
    "NUM_PROXIES": PROXIES,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mediation",
    "DESCRIPTION": "After-sales cases: applications, clocks, mediators, refunds.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": ["cases.schemas.add_problem"],  # choices stay where they are used
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# The database holds the truth; Celery only wakes somebody up. A lost message is found by a sweep.
CELERY_BROKER_URL = addresses.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a broker that is down is waited for, always
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,  # seconds, longer than any task may run
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,  # the default waits for ever on a half-open connection
    "socket_connect_timeout": 2,
    "health_check_interval": 25,
    "sep": ":",
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 240  # seconds
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 10.0  # seconds that a running task may still take
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
QUEUES = ("deadlines", "effects", "letters")
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in QUEUES]
CELERY_TASK_DEFAULT_QUEUE = "effects"
CELERY_TASK_ROUTES = {
    "mediation.tasks.lapse": {"queue": "deadlines"},
    "mediation.tasks.return_leases": {"queue": "deadlines"},
    "mediation.tasks.run_effects": {"queue": "effects"},
    "mediation.tasks.deliver": {"queue": "letters"},
    "mediation.tasks.make_thumbnails": {"queue": "letters"},  # refunds do not wait for them
    "mediation.tasks.sweep_files": {"queue": "letters"},
    "mediation.tasks.watch_conduct": {"queue": "letters"},
}
# Safety nets: the bootstep in time and the ring after a commit normally come first.
# `expires` (seconds) keeps a worker that was away from waking up to a hill of sweeps.
CELERY_BEAT_SCHEDULER = "config.celery:Scheduler"
CELERY_BEAT_SCHEDULE = (
    {
        task: {"task": f"mediation.tasks.{task}", "schedule": 30, "options": {"expires": 28}}
        for task in (
            "lapse",
            "return_leases",
            "run_effects",
            "deliver",
            "make_thumbnails",
            "sweep_pauses",
        )
    }
    | {
        task: {
            "task": f"mediation.tasks.{task}",
            "schedule": 3600,
            "options": {"expires": 3000},
        }
        for task in ("sweep_files", "watch_conduct")
    }
    | {
        f"canary of {queue}": {
            "task": "config.canary",
            "schedule": 15,
            "options": {"queue": queue, "expires": 14},
        }
        for queue in QUEUES
    }
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = ["^livez$", "^readyz$", "^metrics$"]  # asked by neighbours, plainly
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    if PROXIES:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
