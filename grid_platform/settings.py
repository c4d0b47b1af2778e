"""All settings, read from the environment.

Without DATABASE_URL and REDIS_URL the embedded servers' addresses are read from
``var/embedded.env``, which ``grid_platform.embedded`` writes while they run.
"""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from grid_platform import embedded, environment

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(environment.text("VAR_DIR", str(BASE_DIR / "var")))

DEBUG = environment.flag("DEBUG")
DEMO_MODE = environment.flag("DEMO_MODE")
"""One-click log-ins, a demo banner and a fixed secret key; never in production."""

SECRET_KEY = (
    "demo-only-secret-key-never-use-it-in-service"
    if DEMO_MODE
    else environment.required("SECRET_KEY", "generate one, or set DEMO_MODE=1 to try the product")
)
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", "*" if DEMO_MODE else "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.words("CSRF_TRUSTED_ORIGINS")

# The servers ------------------------------------------------------------------------------------

_addresses = embedded.addresses(VAR_DIR)
DATABASE_URL = environment.text("DATABASE_URL") or _addresses.get("DATABASE_URL", "")
DATABASE_OWNER_URL = (
    environment.text("DATABASE_OWNER_URL")
    or (not environment.text("DATABASE_URL") and _addresses.get("DATABASE_OWNER_URL", ""))
    or DATABASE_URL
)
"""Migrations run as the owner; web and worker run as the application's role, which can append
steps but never change them."""
REDIS_URL = environment.text("REDIS_URL") or _addresses.get("REDIS_URL", "")
if not DATABASE_URL or not REDIS_URL:
    raise ImproperlyConfigured(
        "No database or Redis is known: set DATABASE_URL and REDIS_URL, "
        "or start the embedded servers with 'make services'."
    )

AS_OWNER = environment.flag("AS_OWNER")
DATABASES = {
    "default": environment.database("DATABASE_URL", DATABASE_OWNER_URL if AS_OWNER else DATABASE_URL)
    | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True},
}
APPLICATION_ROLE = environment.database("DATABASE_URL", DATABASE_URL)["USER"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The applications -------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "guardian",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "grids",
    "accounts",
    "events",
    "dispatch",
    "inbox",
    "webhooks",
    "desks",
    "supervision",
    "demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.private_pages.private_pages",
    "axes.middleware.AxesMiddleware",
    "accounts.middleware.AccessMiddleware",
]

ROOT_URLCONF = "grid_platform.urls"
WSGI_APPLICATION = "grid_platform.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "desks.context.page",
            ],
        },
    },
]

# People -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.PostBackend",
    "guardian.backends.ObjectPermissionBackend",
]
ANONYMOUS_USER_NAME = None
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "desks:home"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "accounts.passwords.ThreeKindsValidator"},
]
PASSWORD_MAX_AGE_DAYS = environment.whole_number("PASSWORD_MAX_AGE_DAYS", 0 if DEMO_MODE else 90)
"""After so many days the password must be changed; 0: never."""
REQUIRE_SECOND_FACTOR = environment.flag("REQUIRE_SECOND_FACTOR", default=not DEMO_MODE)
"""Desks and administrators need an authenticator or a passkey besides the password."""
OTP_TOTP_ISSUER = environment.text("SITE_NAME", "全科网格")
"""How authenticators and passkeys name this site."""
BEHIND_PROXY = environment.flag("BEHIND_PROXY")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
"""Hours a locked account waits."""
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_VERBOSE = False
AXES_CLIENT_IP_CALLABLE = "accounts.device.address_of"
AXES_DISABLE_ACCESS_LOG = True
"""The audit log has it."""

SESSION_ENGINE = "accounts.sessions"
SESSION_IDLE_MINUTES = environment.whole_number("SESSION_IDLE_MINUTES", 30, minimum=2)
SESSION_IDLE_MINUTES_PHONE = environment.whole_number("SESSION_IDLE_MINUTES_PHONE", 12 * 60, minimum=2)
"""A log-in ends after so long without a sign of life: at desks, and of grid workers and agencies."""
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "desks.errors.csrf_failure"

HTTPS = environment.flag("HTTPS", default=not (DEBUG or DEMO_MODE))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
"""Per process. Nothing that decides needs Redis to be up."""

# Language and time ------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# Files ------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "static_collected"
WHITENOISE_USE_FINDERS = DEMO_MODE
"""The demo serves every application's files where they lie; in service collectstatic gathers them."""
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
if (BASE_DIR / "node_modules").is_dir():
    STATICFILES_DIRS += [
        (name, BASE_DIR / "node_modules" / package)
        for name, package in (
            ("tabler", "@tabler/core/dist"),
            ("icons", "@tabler/icons-webfont/dist"),
            ("leaflet", "leaflet/dist"),
            ("echarts", "echarts/dist"),
        )
        if (BASE_DIR / "node_modules" / package).is_dir()
    ]
MEDIA_ROOT = Path(environment.text("MEDIA_ROOT", str(VAR_DIR / "media")))
"""Never served directly: every file goes through the scope rule."""
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_500_000

EVIDENCE_MAX_BYTES = 15_000_000
EVIDENCE_MAX_PIXELS = 50_000_000
EVIDENCE_MAX_PHOTOS = 9
MAP_TILES_URL = environment.text("MAP_TILES_URL")
"""Leaflet tile template in WGS84 or CGCS2000 web mercator; without one the map shows boundaries only."""

# The API ----------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "desks.errors.api_exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Grid Platform",
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
}

# Webhooks ---------------------------------------------------------------------------------------

WEBHOOK_ALLOWED_NETWORKS = environment.networks("WEBHOOK_ALLOWED_NETWORKS")
"""Networks that are not public and may be sent to all the same, such as the government's intranet."""
WEBHOOK_LOOPBACK = environment.flag("WEBHOOK_LOOPBACK")
"""To try a receiver on this very machine, without HTTPS too; refused in service."""

# Jobs -------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "grid_platform.log_lines.Line",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # not the mail with the whole request in it
        "celery.apps": {"level": "INFO"},  # a worker says when it takes tasks
    },
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING")},
}
