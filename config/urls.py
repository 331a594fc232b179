"""Addresses of pages. Each app brings its own list; the API lives in api_urls."""

from django.urls import URLPattern, URLResolver, include, path

from config import health

# (prefix, module): searched from top to bottom.
PAGES = [
    ("", "common.urls"),
    ("accounts/", "accounts.urls"),
    ("accounts/", "allauth.urls"),
    ("", "providers.urls"),
    ("", "vouchers.urls"),
    ("", "marketplace.urls"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("api/v1/", include("config.api_urls")),
    *(path(prefix, include(module)) for prefix, module in PAGES),
]

handler404 = "common.refusals.not_found"
handler500 = "common.refusals.server_error"
