"""Addresses of the wings' pages."""

from vouchers.audit import urls as audit
from vouchers.billing import urls as billing
from vouchers.grants import urls as grants

app_name = "vouchers"

urlpatterns = [*grants.urlpatterns, *billing.urlpatterns, *audit.urlpatterns]
