"""All settings, from the environment, with safe defaults. docs/operations.md lists each variable."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF

from cdp.runtime.places import Places

BASE_DIR = Path(__file__).resolve().parent.parent
PLACES = Places.of(Path(os.environ.get("VAR_DIR", str(BASE_DIR / "var"))))


def env_bool(name: str, default: bool) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def env_list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def kept_secret(path: Path) -> str:
    """The secret in the file, made on first use; exclusive creation lets two first starts agree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as new:
            new.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip()


SECRET_KEY = os.environ.get("SECRET_KEY") or kept_secret(PLACES.secret_key)
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS")
# What secrets of other systems (headers of feeds) are encrypted with: the first encrypts, each decrypts.
ENCRYPTION_KEYS = [*env_list("ENCRYPTION_KEYS"), SECRET_KEY, *SECRET_KEY_FALLBACKS]
DEBUG = env_bool("DEBUG", False)
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "*")
PUBLIC_URL = os.environ.get("PUBLIC_URL", f"http://127.0.0.1:{os.environ.get('PORT', '8000')}").rstrip("/")
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", PUBLIC_URL)
ON_TLS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "cdp",
    "cdp.common",
    "cdp.accounts",
    "cdp.profiles",
    "cdp.privacy",
    "cdp.events",
    "cdp.rules",
    "cdp.analytics",
    "cdp.connectors",
    "identity",
    "segments",
    "scoring",
    "campaigns",
    "cdp.operations",
    "cdp.help",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "django_htmx",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
]

MIDDLEWARE = [
    "cdp.operations.middleware.Observed",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "cdp.accounts.middleware.SessionSeen",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "cdp.urls"
WSGI_APPLICATION = "cdp.wsgi.application"
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

DATABASE_URL = os.environ.get("DATABASE_URL") or PLACES.database_url
BROKER_URL = os.environ.get("BROKER_URL") or PLACES.broker_url
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=600, conn_health_checks=True)}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ.get("CACHE_URL") or PLACES.cache_url,
        # A cache that hangs counts as away: no page waits for it.
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 12}  # type: ignore[assignment]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:login"

# Five wrong passwords for a person from an address pause that pair; see cdp/accounts/lockout.py for the wider limits.
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "cdp.accounts.lockout.username_tried"
AXES_CLIENT_IP_CALLABLE = "cdp.common.client_ip.client_ip"
AXES_LOCKOUT_CALLABLE = "cdp.accounts.lockout.locked_out"
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
BEHIND_PROXY = env_bool("BEHIND_PROXY", False)
OTP_TOTP_ISSUER = "Tributary"
INVITATION_DAYS = int(os.environ.get("INVITATION_DAYS", "7"))
PASSWORD_RESET_TIMEOUT = 3600

# The product's own mail (invitations, password resets): to files until a server is named.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = PLACES.var / "mail"
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM", "Tributary <tributary@localhost>")

SEND_PROCESSES = int(os.environ.get("SEND_PROCESSES") or max(1, int(os.environ.get("LIVE_PROCESSES") or "2") // 2))
"""Of the live ones, at a time: the others take in events and keep segments meanwhile."""
SEND_LEASE_S = float(os.environ.get("SEND_LEASE_S", "300"))

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ON_TLS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if ON_TLS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ON_TLS
# Entering the browsers' preload list cannot be undone: that is for the owner of the domain to ask for.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_SSL_REDIRECT = ON_TLS and env_bool("SSL_REDIRECT", True)
# Who asks for these asks the process itself, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "https:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}

LANGUAGE_CODE = "en"
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "static/"
STATIC_ROOT = Path(os.environ.get("STATIC_DIR") or PLACES.static)
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = PLACES.media
# The fingerprints of everybody who was erased, beside the database: what a restore of an older backup takes out again.
ERASED_LIST = PLACES.var / "erased.json"

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["cdp.accounts.token_auth.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["cdp.accounts.token_auth.HasScope"],
    "DEFAULT_THROTTLE_CLASSES": ["cdp.accounts.token_auth.TokenThrottle"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["cdp.common.api_json.StrictJson"],
    "EXCEPTION_HANDLER": "cdp.common.api.answer_to",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tributary",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api",
}

CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_DEFAULT_QUEUE = "live"
CELERY_TASK_SOFT_TIME_LIMIT = 3300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 7200} if BROKER_URL.startswith("redis") else {}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(PLACES.beat_schedule)

LOG_FORMAT = "json" if os.environ.get("LOG_FORMAT", "line").strip().lower() == "json" else "line"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "cdp.common.masking.MaskedFormatter",
            "format": "{asctime} {levelname:.1s} {name}: {message}",
            "style": "{",
        },
        "json": {"()": "cdp.common.masking.JsonFormatter"},
    },
    "filters": {"route": {"()": "cdp.common.masking.RouteNotPath"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT, "filters": ["route"]},
        "counted": {"class": "cdp.operations.logs.counted.CountingHandler"},
    },
    "root": {"handlers": ["stderr", "counted"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        # What the web server brings along would write lines of its own kind.
        "uvicorn": {"handlers": [], "propagate": True, "level": "WARNING"},
        # It would write the whole address of each request.
        "uvicorn.access": {"handlers": [], "propagate": False},
        "django.request": {"level": "ERROR"},
        # Their debug lines hold whole addresses and headers.
        "httpcore": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        # Celery says on each lost connection what a later version will do then.
        "py.warnings": {"level": "ERROR"},
    },
}

# What may be asked on behalf of people here besides the public internet: addresses that begin like one of these.
# The demo shop's own pages are ours to ask for.
OUTBOUND_OWN = env_list("OUTBOUND_OWN") + ([f"{PUBLIC_URL}/demo/"] if env_bool("DEMO", True) else [])
OUTBOUND_PORTS = [int(port) for port in env_list("OUTBOUND_PORTS", "80,443,8080,8443")]

# What this shop reports money in, and how long things are kept.
REPORTING_CURRENCY = os.environ.get("REPORTING_CURRENCY", "EUR")
BACKUP_KEEP = int(os.environ.get("BACKUP_KEEP") or "7")
BACKUP_TO = os.environ.get("BACKUP_TO", "")
# What may read /metrics from elsewhere than this machine.
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")
INBOX_LIMIT_MB = int(os.environ.get("INBOX_LIMIT_MB", "4096"))
WEBHOOK_DAYS = int(os.environ.get("WEBHOOK_DAYS", "14"))
API_REQUESTS_PER_MIN = int(os.environ.get("API_REQUESTS_PER_MIN", "1200"))
READOUT_SLOW_S = float(os.environ.get("READOUT_SLOW_S", "0.1"))
SEGMENT_CLAIM_LIMIT_S = float(os.environ.get("SEGMENT_CLAIM_LIMIT_S", "5"))
SEGMENT_REFRESH_LIMIT_S = float(os.environ.get("SEGMENT_REFRESH_LIMIT_S", "600"))
SOURCE_EVENTS_PER_S = int(os.environ.get("SOURCE_EVENTS_PER_S", "0"))

# How long a click waits for what comes along with it before it is called a person's; how many soft bounces are enough.
HIT_HOLD_S = float(os.environ.get("HIT_HOLD_S", "10"))
SOFT_BOUNCES = int(os.environ.get("SOFT_BOUNCES", "3"))
SOFT_BOUNCE_DAYS = int(os.environ.get("SOFT_BOUNCE_DAYS", "30"))
HONEYPOT = env_bool("HONEYPOT", True)
