"""Addresses of billing's pages."""

from django.urls import path

from vouchers.billing import paths  # noqa: F401 - registers the converter
from vouchers.billing.views import bills, files, funds, periods, statements, usage

urlpatterns = [
    path("usage/statements/", statements.statement_list, name="statement_list"),
    path("usage/statements/<month:month>/", statements.statement_month, name="statement_month"),
    path("usage/statements/<month:month>/file/", statements.statement_file, name="statement_file"),
    path("usage/", usage.usage_list, name="usage_list"),
    path("usage/upload/", usage.usage_upload, name="usage_upload"),
    path("usage/batches/", usage.batch_list, name="usagebatch_list"),
    path("usage/batches/<str:code>/", usage.batch_detail, name="usagebatch_detail"),
    path("usage/batches/<str:code>/result.csv", usage.batch_result, name="usagebatch_result"),
    path("bills/", bills.bill_list, name="bill_list"),
    path("bills/<str:code>/", bills.bill_detail, name="bill_detail"),
    path("bills/<str:code>/confirm/", bills.bill_confirm, name="bill_confirm"),
    path("bills/<str:code>/files/<slug:form>/", files.bill_file, name="bill_file"),
    path("bills/months/<month:month>/files/<slug:form>/", files.month_file, name="month_file"),
    path(
        "periods/<month:month>/files/<slug:form>/",
        files.bureau_month_file,
        name="bureau_month_file",
    ),
    path("funds/", funds.funds_detail, name="funds_detail"),
    path("funds/budget/", funds.budget_edit, name="budget_edit"),
    path("deposits/new/", funds.deposit_create, name="deposit_create"),
    path("periods/", periods.period_list, name="period_list"),
    path("periods/<month:month>/close/", periods.period_close, name="period_close"),
]
