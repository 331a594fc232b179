"""Addresses of billing's API, below /api/v1/."""

from django.urls import path

from vouchers.billing import paths  # noqa: F401 - registers the converter
from vouchers.billing.api import bills, files, funds, periods, usage

urlpatterns = [
    path("usage/", usage.UsageView.as_view(), name="api-usage"),
    path("bills/", bills.BillListView.as_view(), name="api-bill-list"),
    path("bills/<str:code>/", bills.BillView.as_view(), name="api-bill-read"),
    path("bills/<str:code>/confirm/", bills.BillConfirmView.as_view(), name="api-bill-confirm"),
    path("bills/<str:code>/files/<slug:form>/", files.BillFileView.as_view(), name="api-bill-file"),
    path(
        "bills/months/<month:month>/files/<slug:form>/",
        files.MonthFileView.as_view(),
        name="api-month-file",
    ),
    path(
        "periods/<month:month>/files/<slug:form>/",
        files.BureauMonthFileView.as_view(),
        name="api-bureau-month-file",
    ),
    path("funds/", funds.FundsView.as_view(), name="api-funds-read"),
    path("funds/budget/", funds.BudgetView.as_view(), name="api-budget"),
    path("deposits/", funds.DepositView.as_view(), name="api-deposit-record"),
    path("periods/<month:month>/", periods.PeriodView.as_view(), name="api-period-preview"),
    path(
        "periods/<month:month>/close/", periods.PeriodCloseView.as_view(), name="api-period-close"
    ),
]
