"""Settings of `make run`: the launcher's own servers, plain HTTP on this machine."""

from config import env

env.default("SECRET_KEY", "development-only-" + "x" * 48)
env.default("ALLOWED_HOSTS", "127.0.0.1,localhost")

from config.settings.base import *  # noqa: E402, F403
from config.settings.base import STORAGES  # noqa: E402

# Off even here, so that refusals and missing pages look as they will in production.
DEBUG = env.flag("DEBUG", default=False)
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
LANGUAGE_COOKIE_SECURE = False

# No collectstatic step: whitenoise serves from the source folders.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = True
STATIC_ROOT = None

EMAIL_BACKEND = env.text("EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = env.run_folder() / "mail"
COMPONENT_GALLERY = env.flag("COMPONENT_GALLERY", default=False)
