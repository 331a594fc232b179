"""Addresses of the audit's pages."""

from django.urls import path

from vouchers.audit.views import (
    audits,
    cases,
    claims,
    conclusions,
    inquiries,
    operations,
    payees,
    risks,
    samples,
    settlements,
    splits,
)

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
    path("risks/", risks.risk_list, name="risk_list"),
    path("risks/scan/", risks.risk_scan, name="risk_scan"),
    path("risks/<str:code>/", risks.risk_detail, name="risk_detail"),
    path("risks/<str:code>/decide/", risks.risk_decide, name="risk_decide"),
    path("samples/", samples.sample_list, name="sample_list"),
    path("samples/new/", samples.sample_create, name="sample_create"),
    path("samples/<str:code>/", samples.sample_detail, name="sample_detail"),
    path("samples/<str:code>/draw/", samples.sample_draw, name="sample_draw"),
    path("samples/<str:code>/export/", samples.sample_export, name="sample_export"),
    path("samples/<str:code>/items/<int:position>/", samples.sample_item, name="sample_item"),
    path("cases/", cases.case_list, name="case_list"),
    path("cases/new/", cases.case_create, name="case_create"),
    path("cases/<str:code>/", cases.case_detail, name="case_detail"),
    path("cases/<str:code>/take/", cases.case_take, name="case_take"),
    path("cases/<str:code>/give/", cases.case_give, name="case_give"),
    path("cases/<str:code>/plan/", cases.case_plan, name="case_plan"),
    path("cases/<str:code>/note/", cases.case_note, name="case_note"),
    path("cases/<str:code>/ask/", cases.case_ask, name="case_ask"),
    path("cases/<str:code>/conclude/", conclusions.case_conclude, name="case_conclude"),
    path("cases/<str:code>/sign/", conclusions.case_sign, name="case_sign"),
    path("cases/<str:code>/entries/<int:position>/", cases.case_file, name="case_file"),
    path("inquiries/", inquiries.inquiry_list, name="inquiry_list"),
    path("inquiries/<str:code>/", inquiries.inquiry_detail, name="inquiry_detail"),
    path("inquiries/<str:code>/answer/", inquiries.inquiry_answer, name="inquiry_answer"),
    path(
        "inquiries/<str:code>/entries/<int:position>/", inquiries.inquiry_file, name="inquiry_file"
    ),
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
