"""Addresses of the audit's API, below /api/v1/."""

from django.urls import path

from vouchers.audit.api import (
    burndowns,
    cases,
    claims,
    debts,
    disputes,
    inquiries,
    line_files,
    payees,
    periods,
    refunds,
    risks,
    rooms,
    samples,
    settlements,
    splits,
)
from vouchers.billing import paths  # noqa: F401 - registers the converter of months

urlpatterns = [
    path("claims/", claims.ClaimListView.as_view(), name="api-claim-list"),
    path("claims/prefill/", claims.ClaimPrefillView.as_view(), name="api-claim-prefill"),
    path("claims/<str:code>/", claims.ClaimView.as_view(), name="api-claim-read"),
    path("claims/<str:code>/lines/", claims.ClaimLineListView.as_view(), name="api-claim-lines"),
    path("claims/<str:code>/submit/", claims.ClaimSubmitView.as_view(), name="api-claim-submit"),
    path(
        "claims/<str:code>/confirm/", refunds.ClaimConfirmView.as_view(), name="api-claim-confirm"
    ),
    path("claims/<str:code>/refuse/", refunds.ClaimRefuseView.as_view(), name="api-claim-refuse"),
    path("audits/", claims.AuditListView.as_view(), name="api-audit-list"),
    path("audits/<str:code>/", claims.AuditView.as_view(), name="api-audit-read"),
    path("audits/<str:code>/lines/", claims.AuditLineListView.as_view(), name="api-audit-lines"),
    path("audits/<str:code>/pass/", claims.AuditPassView.as_view(), name="api-audit-pass"),
    path("audits/<str:code>/return/", claims.AuditReturnView.as_view(), name="api-audit-return"),
    path("audits/<str:code>/sides/", periods.AuditSidesView.as_view(), name="api-audit-sides"),
    path(
        "usage/statements/<month:month>/",
        periods.StatementSidesView.as_view(),
        name="api-statement-sides",
    ),
    path("settlements/periods/", periods.PeriodLockListView.as_view(), name="api-period-lock-list"),
    path(
        "settlements/periods/<str:scheme_code>/<month:month>/",
        periods.PeriodTotalsView.as_view(),
        name="api-period-totals",
    ),
    path(
        "settlements/periods/<str:scheme_code>/<month:month>/lock/",
        periods.PeriodLockView.as_view(),
        name="api-period-lock",
    ),
    path(
        "settlements/<str:code>/lines/",
        line_files.LineFileListView.as_view(),
        name="api-line-file-list",
    ),
    path(
        "settlements/<str:code>/lines/<slug:form>/",
        line_files.LineFileView.as_view(),
        name="api-line-file-read",
    ),
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
    path("schemes/<str:code>/burn-down/", burndowns.BurnDownView.as_view(), name="api-burn-down"),
    path("risks/", risks.RiskFlagListView.as_view(), name="api-risk-list"),
    path("risks/<str:code>/", risks.RiskFlagView.as_view(), name="api-risk-read"),
    path("risks/<str:code>/dismiss/", risks.RiskFlagDismissView.as_view(), name="api-risk-dismiss"),
    path("risks/<str:code>/confirm/", risks.RiskFlagConfirmView.as_view(), name="api-risk-confirm"),
    path("cases/", cases.CaseListView.as_view(), name="api-case-list"),
    path("cases/<str:code>/", cases.CaseView.as_view(), name="api-case-read"),
    path("cases/<str:code>/take/", cases.CaseTakeView.as_view(), name="api-case-take"),
    path("cases/<str:code>/notes/", cases.CaseNoteView.as_view(), name="api-case-note"),
    path("cases/<str:code>/letters/", cases.CaseAskView.as_view(), name="api-case-ask"),
    path("cases/<str:code>/sign/", cases.CaseSignView.as_view(), name="api-case-sign"),
    path("inquiries/", inquiries.InquiryListView.as_view(), name="api-inquiry-list"),
    path("inquiries/<str:code>/", inquiries.InquiryView.as_view(), name="api-inquiry-read"),
    path(
        "inquiries/<str:code>/answer/",
        inquiries.InquiryAnswerView.as_view(),
        name="api-inquiry-answer",
    ),
    path("samples/", samples.SampleListView.as_view(), name="api-sample-list"),
    path("samples/<str:code>/", samples.SampleView.as_view(), name="api-sample-read"),
    path(
        "samples/<str:code>/items/", samples.SampleItemListView.as_view(), name="api-sample-items"
    ),
    path(
        "samples/<str:code>/items/<int:position>/",
        samples.SampleFindView.as_view(),
        name="api-sample-find",
    ),
    path("room/<str:code>/", rooms.RoomView.as_view(), name="api-room-look"),
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
