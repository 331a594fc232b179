"""Settings of production; every secret and address comes from the environment."""

import re
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.conf.global_settings import FILE_UPLOAD_HANDLERS as FURTHER_HANDLERS
from django.utils.translation import gettext_lazy as _

from config import env, logging
from config.settings.api import REST_FRAMEWORK, SPECTACULAR_SETTINGS  # noqa: F401
from config.settings.schedule import CELERY_BEAT_SCHEDULE  # noqa: F401

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# --- who may ask -----------------------------------------------------------------------------
SECRET_KEY = env.text("SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
SITE_URL = env.text("SITE_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    # common comes first so that its templates win over those of the packages.
    "common",
    "accounts",
    "providers",
    "vouchers",
    "marketplace",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_htmx",
    "django_vite",
    "django_structlog",
    "pgtrigger",
    "csp",
]

MIDDLEWARE = [
    "common.request_bodies.BodyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.ActorMiddleware",
    "common.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "common.context.navigation",
            ],
        },
    }
]

# Signs the verification numbers printed on certificates: the first key makes them, all are accepted. Keys of
# their own let SECRET_KEY change without making certificates void.
VERIFICATION_KEYS = env.words("VERIFICATION_KEYS", SECRET_KEY.replace(",", ""))

# Secrets of keys that sign their requests follow from these: the first makes them, all are accepted.
REQUEST_SIGNING_KEYS = env.words("REQUEST_SIGNING_KEYS", SECRET_KEY.replace(",", ""))

# --- data ------------------------------------------------------------------------------------
# synchronous_commit stays on: an acknowledged transfer must survive the power going out.
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database(env.text("DATABASE_URL", "postgresql:///puhui")),
}
DATABASES["default"].update(
    ATOMIC_REQUESTS=False,
    CONN_MAX_AGE=None,  # a connection lives as long as its WSGI thread
    CONN_HEALTH_CHECKS=True,
)
DATABASES["default"]["OPTIONS"].setdefault("application_name", "puhui")
DATABASES["default"]["OPTIONS"].setdefault("options", "-c synchronous_commit=on")
DATABASES["default"]["OPTIONS"].setdefault("prepare_threshold", 0)  # psycopg.Cursor, not Django's

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "config.cache.SoftRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "puhui",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"

# --- background work -------------------------------------------------------------------------
CELERY_BROKER_URL = env.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": 2,
    "socket_timeout": 5,
    "visibility_timeout": 3600,
}
CELERY_TASK_PUBLISH_RETRY = False  # the caller must not hang when the broker is gone
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.number("WORKER_CONCURRENCY", 2)
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE_FILENAME = env.text(
    "BEAT_SCHEDULE_FILE", str(env.run_folder() / "celerybeat-schedule")
)

# --- seal: sha256, or sm3 (GB/T 32905-2016); each block names its own -----------------------
SEAL_ALGORITHM = env.text("SEAL_ALGORITHM", "sha256")

# --- sign-in ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_USER_DISPLAY = str
ACCOUNT_FORMS = {
    "add_email": "accounts.person_forms.MailAddressForm",
    "change_password": "accounts.person_forms.PasswordChangeForm",
    "login": "accounts.person_forms.SignInForm",
    "reset_password": "accounts.person_forms.PasswordResetForm",
    "reset_password_from_key": "accounts.person_forms.NewPasswordForm",
    "signup": "accounts.person_forms.SignUpForm",
}
# One address in front of granian may name the client; none when it is reached directly.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "普惠算力"
USERSESSIONS_TRACK_ACTIVITY = True
EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.text("EMAIL_HOST", "localhost")
EMAIL_PORT = env.number("EMAIL_PORT", 25)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=False)
EMAIL_TIMEOUT = 10  # seconds: well below the first pause of common.outbox
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "puhui@localhost")

# --- language and time -----------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS: list[Path] = []  # each app carries its own locale folder
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# The gallery of components is for looking at while building, never for readers.
COMPONENT_GALLERY = False

# Noto Sans SC (SIL Open Font License) from the npm package, for common.pdf.
PDF_FONT_FOLDER = env.text(
    "PDF_FONT_FOLDER", str(BASE_DIR / "node_modules" / "@expo-google-fonts" / "noto-sans-sc")
)

# --- static files ----------------------------------------------------------------------------
FRONTEND_DIST = BASE_DIR / "frontend" / "dist"
STATIC_URL = "/static/"
STATIC_ROOT: Path | None = Path(env.text("STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [("dist", FRONTEND_DIST)]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(env.run_folder() / "media")))
DJANGO_VITE = {
    "default": {
        "manifest_path": FRONTEND_DIST / "manifest.json",
        "static_url_prefix": "dist",
    }
}


def is_immutable(path: str, url: str) -> bool:
    """Tell whether a static file's name carries its digest (Vite's or the manifest storage's)."""
    return re.search(r"[.-][0-9A-Za-z_-]{8,12}\.\w+$", url) is not None


WHITENOISE_IMMUTABLE_FILE_TEST = is_immutable

# --- browser side ----------------------------------------------------------------------------
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
if env.flag("BEHIND_TLS_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SESSION_COOKIE_AGE = 12 * 3600  # seconds: a long working day
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000  # bytes
FILE_UPLOAD_HANDLERS = ["common.uploads.BoundedUploadHandler", *FURTHER_HANDLERS]

# --- matching --------------------------------------------------------------------------------
MATCH_STOCK_SECONDS = 1
"""How long a process answers needs from the stock it read before it asks whether it changed."""

# --- logs ------------------------------------------------------------------------------------
LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logging.dictionary(env.text("LOG_LEVEL", "INFO"))
logging.configure_structlog()
# Naming the user would load the session on every request, static files included.
DJANGO_STRUCTLOG_USER_ID_FIELD = ""
# Its way believes any X-Forwarded-For; common.request_logs believes our proxies only.
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
