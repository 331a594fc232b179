"""Addresses of the audit's API, below /api/v1/."""

from django.urls import path

from vouchers.audit.api import claims, disputes, payees, settlements, splits

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
    path("bills/<str:code>/dispute/", disputes.BillDisputeView.as_view(), name="api-bill-dispute"),
    path("disputes/", disputes.DisputeListView.as_view(), name="api-dispute-list"),
    path("disputes/<str:code>/", disputes.DisputeView.as_view(), name="api-dispute-read"),
    path(
        "disputes/<str:code>/statements/",
        disputes.DisputeStatementView.as_view(),
        name="api-dispute-say",
    ),
    path(
        "disputes/<str:code>/accept/",
        disputes.DisputeAcceptView.as_view(),
        name="api-dispute-accept",
    ),
    path(
        "disputes/<str:code>/withdraw/",
        disputes.DisputeWithdrawView.as_view(),
        name="api-dispute-withdraw",
    ),
    path(
        "disputes/<str:code>/decide/",
        disputes.DisputeDecideView.as_view(),
        name="api-dispute-decide",
    ),
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
    path("invariants/", settlements.InvariantListView.as_view(), name="api-invariant-list"),
]
