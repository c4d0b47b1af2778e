"""All settings, read from the environment.

Without DATABASE_URL and REDIS_URL the embedded servers' addresses are read from
``var/embedded.env``, which ``grid_platform.embedded`` writes while they run.
"""

from pathlib import Path

from csp.constants import NONE, SELF, UNSAFE_INLINE
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
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "guardian",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "grids",
    "accounts",
    "events",
    "dispatch",
    "inbox",
    "imports",
    "webhooks",
    "live",
    "search",
    "desks",
    "push",
    "complaints",
    "incidents",
    "phone",
    "supervision",
    "operations",
    "exports",
    "demo",
]

MIDDLEWARE = [
    "grid_platform.log_context.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "grid_platform.text_gzip.TextGZipMiddleware",
    "csp.middleware.CSPMiddleware",
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
    "desks.api.sender.SenderMiddleware",
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
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
"""HSTS for subdomains and in browsers' lists: this site does not speak for its neighbours."""
SECURE_REDIRECT_EXEMPT = ["^(healthz|readyz|metrics)$"]
"""Asked over plain HTTP from within: by the container's health check and the monitoring."""
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        # Charts write their tooltips' looks into style attributes; style elements and scripts come from files.
        "style-src-attr": [UNSAFE_INLINE],
        "img-src": [SELF, "data:", "blob:", *environment.origins("MAP_TILES_URL")],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
"""What a page may load and do: its own files only, so that text somebody slipped into a page stays text."""

LIVE_URL = environment.text("LIVE_URL", "/live/")
"""Where pages hear of changes: a path of this site, which its proxy sends to the live process; an address of another
host; ':8001/live/', a port of this host; 'off': pages ask by themselves only."""
LIVE_ORIGINS = environment.words("LIVE_ORIGINS")
"""Origins of pages that may listen from elsewhere; without one only pages of the live process's own host and port."""
CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] = [SELF, *environment.live_sources(LIVE_URL)]

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
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEMO_MODE
"""The demo serves every application's files where they lie; in service collectstatic gathers them."""
STATICFILES_DIRS: list[Path | tuple[str, Path]] = [BASE_DIR / "static"]
if (BASE_DIR / "static_built").is_dir():  # What phone/build.mjs makes of it.
    STATICFILES_DIRS.append(BASE_DIR / "static_built")
if (BASE_DIR / "node_modules").is_dir():
    STATICFILES_DIRS += [
        (name, BASE_DIR / "node_modules" / package)
        for name, package in (
            ("tabler", "@tabler/core/dist"),
            ("icons", "@tabler/icons-webfont/dist"),
            ("leaflet", "leaflet/dist"),
            ("echarts", "echarts/dist"),
            ("qr", "qr"),
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
VOICE_MAX_BYTES = 3_000_000
VIDEO_MAX_BYTES = 20_000_000
EVIDENCE_MAX_RECORDINGS = 3
"""Voice messages, and as many videos."""
EXPORT_KEPT_DAYS = environment.whole_number("EXPORT_KEPT_DAYS", 7, minimum=1)
"""Then an export's file is removed; its row stays as the log."""
EXPORTS_AT_ONCE = environment.whole_number("EXPORTS_AT_ONCE", 1, minimum=1)
"""Fewer than the workers have hands: the others are for the loop."""
MAP_TILES_URL = environment.text("MAP_TILES_URL")
"""Leaflet tile template in WGS84 or CGCS2000 web mercator; without one the map shows boundaries only."""

# The API ----------------------------------------------------------------------------------------

API_PER_MINUTE = environment.whole_number("API_PER_MINUTE", 600)
"""Requests of one person; half of it of one token, five times as many of an address's tokens. 0: no limit."""
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.token_login.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["accounts.throttle.ApiThrottle"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "desks.api.reading.AlwaysJson",
    "DEFAULT_SCHEMA_CLASS": "desks.api.openapi.ApiSchema",
    "EXCEPTION_HANDLER": "desks.errors.api_exception_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": _("Grid Platform"),
    "DESCRIPTION": _(
        "Events, moves, files, inbox and rates as JSON: the same rules as the pages. Times are ISO 8601, coordinates "
        "WGS84 unless a datum is named. A refusal has a stable code; long lists come in pages by cursor."
    ),
    "VERSION": "1.0.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,  # a file to be sent is bytes, not an address
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "desks.api.openapi.complete",
    ],
    "ENUM_NAME_OVERRIDES": {
        "State": "events.models.State",
        "IncidentState": "incidents.models.Incident.State",
        "ComplaintState": "complaints.models.Complaint.State",
        "Urgency": "events.models.Urgency",
        "Source": "events.models.Source",
        "Level": "grids.models.Level",
        "EvidenceKind": "events.models.Evidence.Kind",
        "OrganizationKind": "accounts.models.Organization.Kind",
        "TokenScope": "accounts.tokens.TokenScope",
        "InputKind": "dispatch.workflow.Kind",
    },
}

# Webhooks ---------------------------------------------------------------------------------------

WEBHOOK_ALLOWED_NETWORKS = environment.networks("WEBHOOK_ALLOWED_NETWORKS")
"""Networks that are not public and may be sent to all the same, such as the government's intranet."""
WEBHOOK_LOOPBACK = environment.flag("WEBHOOK_LOOPBACK")
"""To try a receiver on this very machine, without HTTPS too; refused in service."""

# Hints to phones --------------------------------------------------------------------------------

VAPID_PRIVATE_KEY = environment.text("VAPID_PRIVATE_KEY")
"""Signs what is pushed to browsers; without one nothing is, but the demo makes its own (``push.keys``)."""
VAPID_SUBJECT = environment.text("VAPID_SUBJECT", "mailto:demo@grid.example" if DEMO_MODE else "")
"""Whom the push services may write to: 'mailto:ops@grid.example.gov.cn'."""
PUSH_HOSTS = environment.words(
    "PUSH_HOSTS",
    "fcm.googleapis.com,push.services.mozilla.com,push.apple.com,notify.windows.com",
)
"""Push services of browsers, and what stands below them. A browser names its own, so nothing else is sent to."""

# Jobs -------------------------------------------------------------------------------------------

CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TIMEZONE = "UTC"

METRICS_TOKEN = environment.text("METRICS_TOKEN")
METRICS_NETWORKS = environment.networks("METRICS_NETWORKS")
"""Who may read /metrics: with 'Authorization: Bearer <token>', or from these addresses; nobody without either."""

LOG_JSON = environment.flag("LOG_JSON", default=not (DEBUG or DEMO_MODE))
LOG_REQUESTS = environment.flag("LOG_REQUESTS", default=not (DEBUG or DEMO_MODE))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "grid_platform.log_lines.Line",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
        "json": {"()": "grid_platform.log_lines.JsonLine"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "json" if LOG_JSON else "line"},
    },
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},  # not the mail with the whole request in it
        "django.db.backends": {"level": "INFO"},  # below, statements with their values, whatever LOG_LEVEL is
        "django.template": {"level": "INFO"},  # below, everything a page was to show
        "celery.apps": {"level": "INFO"},  # a worker says when it takes tasks
        "grid_platform.log_context": {"level": "INFO" if LOG_REQUESTS else "WARNING"},
    },
    "root": {"handlers": ["console"], "level": environment.text("LOG_LEVEL", "WARNING")},
}
