"""Addresses of the wings' pages."""

from vouchers.audit import urls as audit
from vouchers.grants import urls as grants

app_name = "vouchers"

urlpatterns = [*grants.urlpatterns, *audit.urlpatterns]
