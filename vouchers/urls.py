"""Addresses of the wings' pages."""

from vouchers.grants import urls as grants

app_name = "vouchers"

urlpatterns = [*grants.urlpatterns]
