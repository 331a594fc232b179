"""Addresses of the audit's API, below /api/v1/."""

from django.urls import path

from vouchers.audit.api import burndowns, claims, debts, payees, settlements, splits

urlpatterns = [
    path("claims/", claims.ClaimListView.as_view(), name="api-claim-list"),
    path("claims/prefill/", claims.ClaimPrefillView.as_view(), name="api-claim-prefill"),
    path("claims/<str:code>/", claims.ClaimView.as_view(), name="api-claim-read"),
    path("claims/<str:code>/lines/", claims.ClaimLineListView.as_view(), name="api-claim-lines"),
    path("claims/<str:code>/submit/", claims.ClaimSubmitView.as_view(), name="api-claim-submit"),
    path("audits/", claims.AuditListView.as_view(), name="api-audit-list"),
    path("audits/<str:code>/", claims.AuditView.as_view(), name="api-audit-read"),
    path("audits/<str:code>/lines/", claims.AuditLineListView.as_view(), name="api-audit-lines"),
    path("audits/<str:code>/pass/", claims.AuditPassView.as_view(), name="api-audit-pass"),
    path("audits/<str:code>/return/", claims.AuditReturnView.as_view(), name="api-audit-return"),
    path("settlements/", settlements.SettlementListView.as_view(), name="api-settlement-list"),
    path(
        "settlements/<str:code>/", settlements.SettlementView.as_view(), name="api-settlement-read"
    ),
    path(
        "settlements/<str:code>/sign/",
        settlements.SettlementSignView.as_view(),
        name="api-settlement-sign",
    ),
    path(
        "settlements/<str:code>/pay/",
        settlements.SettlementPayView.as_view(),
        name="api-settlement-pay",
    ),
    path(
        "settlements/<str:code>/payment-file/",
        settlements.SettlementFileView.as_view(),
        name="api-settlement-file",
    ),
    path(
        "settlements/<str:code>/results/",
        payees.SettlementResultsView.as_view(),
        name="api-settlement-results",
    ),
    path("payee-account/", payees.PayeeAccountView.as_view(), name="api-payee-account"),
    path("payments/", settlements.PaymentListView.as_view(), name="api-payment-list"),
    path("pool-income/", splits.PoolIncomeListView.as_view(), name="api-pool-income-list"),
    path("schemes/<str:code>/burn-down/", burndowns.BurnDownView.as_view(), name="api-burn-down"),
    path("debts/", debts.DebtListView.as_view(), name="api-debt-list"),
    path("debts/<str:code>/", debts.DebtView.as_view(), name="api-debt-read"),
    path("debts/<str:code>/repayments/", debts.DebtReceiveView.as_view(), name="api-debt-receive"),
    path(
        "debts/<str:code>/write-offs/", debts.DebtWriteOffView.as_view(), name="api-debt-write-off"
    ),
    path(
        "write-offs/<str:code>/approve/",
        debts.WriteOffApproveView.as_view(),
        name="api-write-off-approve",
    ),
    path(
        "write-offs/<str:code>/decline/",
        debts.WriteOffDeclineView.as_view(),
        name="api-write-off-decline",
    ),
    path("dues/", debts.DueListView.as_view(), name="api-due-list"),
    path("invariants/", settlements.InvariantListView.as_view(), name="api-invariant-list"),
]
