"""Addresses of the wings' API, below /api/v1/."""

from vouchers.audit import api_urls as audit
from vouchers.grants import api_urls as grants

urlpatterns = [*grants.urlpatterns, *audit.urlpatterns]
