"""Addresses of the wings' pages."""

from vouchers.audit import urls as audit
from vouchers.billing import urls as billing

app_name = "vouchers"

urlpatterns = [*billing.urlpatterns, *audit.urlpatterns]
