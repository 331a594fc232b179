"""Addresses of the audit's pages."""

from django.urls import path

from vouchers.audit.views import audits, claims, operations, payees, settlements, splits

urlpatterns = [
    path("claims/", claims.claim_list, name="claim_list"),
    path("claims/prefill/", claims.claim_prefill, name="claim_prefill"),
    path("claims/<str:code>/", claims.claim_detail, name="claim_detail"),
    path("claims/<str:code>/submit/", claims.claim_submit, name="claim_submit"),
    path("claims/<str:code>/invoice/", claims.claim_invoice, name="claim_invoice"),
    path("audits/", audits.audit_list, name="audit_list"),
    path("audits/<str:code>/", audits.audit_detail, name="audit_detail"),
    path("audits/<str:code>/decide/", audits.audit_decide, name="audit_decide"),
    path("audits/<str:code>/invoice/", audits.audit_invoice, name="audit_invoice"),
    path("settlements/", settlements.settlement_list, name="settlement_list"),
    path(
        "settlements/new/<str:scheme_code>/",
        settlements.settlement_create,
        name="settlement_create",
    ),
    path("settlements/<str:code>/", settlements.settlement_detail, name="settlement_detail"),
    path("settlements/<str:code>/sign/", settlements.settlement_sign, name="settlement_sign"),
    path("settlements/<str:code>/pay/", settlements.settlement_pay, name="settlement_pay"),
    path(
        "settlements/<str:code>/payment-file/", settlements.settlement_file, name="settlement_file"
    ),
    path("settlements/<str:code>/split-sheet/", splits.split_sheet, name="settlement_splits"),
    path("pool-income/", splits.pool_income, name="pool_income"),
    path(
        "settlements/<str:code>/results/",
        settlements.settlement_results,
        name="settlement_results",
    ),
    path("payee-account/", payees.payee_account, name="payee_account"),
    path("operations/", operations.operations, name="operations"),
    path("operations/check/", operations.operations_check, name="operations_check"),
]
