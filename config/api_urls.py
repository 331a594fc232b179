"""Addresses of the API, below /api/v1/. Each app brings its own list."""

from django.urls import URLPattern, URLResolver, include, path

MODULES = [
    "common.api_urls",
    "accounts.api_urls",
    "providers.api_urls",
    "vouchers.api_urls",
    "marketplace.api_urls",
]

urlpatterns: list[URLPattern | URLResolver] = [path("", include(module)) for module in MODULES]
