"""Addresses of the wings' API, below /api/v1/."""

from vouchers.audit import api_urls as audit
from vouchers.billing import api_urls as billing
from vouchers.grants import api_urls as grants

urlpatterns = [*billing.urlpatterns, *grants.urlpatterns, *audit.urlpatterns]
