"""Addresses of the wings' API, below /api/v1/."""

from vouchers.audit import api_urls as audit

urlpatterns = [*audit.urlpatterns]
