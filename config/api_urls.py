"""Addresses of the API, below /api/v1/. Each app brings its own list, searched from top to bottom."""

from django.urls import URLPattern, URLResolver, include, path

# The busiest address, where usage is reported, is found first.
MODULES = [
    "vouchers.api_urls",
    "common.api_urls",
    "accounts.api_urls",
    "providers.api_urls",
    "marketplace.api_urls",
]

urlpatterns: list[URLPattern | URLResolver] = [path("", include(module)) for module in MODULES]
