"""Addresses of the wings' pages."""

from vouchers.audit import urls as audit

app_name = "vouchers"

urlpatterns = [*audit.urlpatterns]
