"""Addresses of the pages of schemes, applications and vouchers."""

from django.urls import path, re_path

from vouchers.grants.views import (
    applications,
    bulk,
    certificates,
    desk,
    drafts,
    evidence,
    letters,
    public,
    queue,
    reviews,
    revocations,
    schemes,
    supplements,
    vouchers,
)

APPLICATION = "applications/<str:code>/"

urlpatterns = [
    path("schemes/", schemes.scheme_list, name="scheme_list"),
    path("schemes/new/", schemes.scheme_create, name="scheme_create"),
    path("schemes/<str:code>/", schemes.scheme_detail, name="scheme_detail"),
    path("schemes/<str:code>/publish/", schemes.scheme_publish, name="scheme_publish"),
    path("schemes/<str:code>/apply/", drafts.application_start, name="application_start"),
    path("precheck/", public.precheck, name="precheck"),
    path("notices/", public.notice_list, name="notice_list"),
    path("voucher-verification/", public.voucher_verify, name="voucher_verify"),
    path("applications/", applications.application_list, name="application_list"),
    path("applications/<str:code>/", applications.application_detail, name="application_detail"),
    path(
        f"{APPLICATION}sections/<slug:section>/",
        drafts.application_section,
        name="application_section",
    ),
    path(f"{APPLICATION}check/", drafts.application_check, name="application_check"),
    path(f"{APPLICATION}evidence/", evidence.evidence_list, name="evidence_list"),
    path(f"{APPLICATION}evidence/reuse/", evidence.evidence_reuse, name="evidence_reuse"),
    path(f"{APPLICATION}evidence/<uuid:file>/", evidence.evidence_file, name="evidence_file"),
    path(
        f"{APPLICATION}evidence/<uuid:file>/remove/",
        evidence.evidence_remove,
        name="evidence_remove",
    ),
    path(f"{APPLICATION}supplement/", supplements.supplement_answer, name="supplement_answer"),
    path(
        "applications/<str:code>/submit/",
        applications.application_submit,
        name="application_submit",
    ),
    path(
        "applications/<str:code>/confirmation/",
        applications.application_confirmation,
        name="application_confirmation",
    ),
    path(
        "applications/<str:code>/withdraw/",
        applications.application_withdraw,
        name="application_withdraw",
    ),
    path("applications/<str:code>/notice/", reviews.notice_publish, name="notice_publish"),
    path("applications/<str:code>/issue/", reviews.voucher_issue, name="voucher_issue"),
    path("reviews/", queue.review_list, name="review_list"),
    path("reviews/<str:code>/", reviews.review_decide, name="review_decide"),
    path("reviews/<str:code>/claim/", queue.review_claim, name="review_claim"),
    path("reviews/<str:code>/release/", queue.review_release, name="review_release"),
    path("issuing/", queue.issue_list, name="issue_list"),
    path("bulk/", bulk.bulk_list, name="bulk_list"),
    path("bulk/new/", bulk.bulk_create, name="bulk_create"),
    path("bulk/<str:code>/", bulk.bulk_detail, name="bulk_detail"),
    path("bulk/<str:code>/approve/", bulk.bulk_approve, name="bulk_approve"),
    path("bulk/<str:code>/result/", bulk.bulk_result, name="bulk_result"),
    path("desk/", desk.desk_rules, name="desk_rules"),
    path("remarks/", desk.remark_list, name="remark_list"),
    path("remarks/usual/", desk.remark_usual, name="remark_usual"),
    path("remarks/<str:code>/retire/", desk.remark_retire, name="remark_retire"),
    path("letter-templates/", letters.letter_templates, name="letter_templates"),
    path("letter-templates/<slug:kind>/", letters.letter_template, name="letter_template"),
    path("letters/<str:code>/", letters.letter_detail, name="letter_detail"),
    path("revocations/", revocations.revocation_list, name="revocation_list"),
    path("revocations/<str:code>/", revocations.revocation_detail, name="revocation_detail"),
    path(
        "revocations/<str:code>/approve/",
        revocations.revocation_approve,
        name="revocation_approve",
    ),
    path("wallet/", vouchers.wallet, name="wallet"),
    path("wallet/<str:code>/", vouchers.wallet_voucher, name="wallet_voucher"),
    path(
        "wallet/<str:code>/certificate/", certificates.wallet_certificate, name="wallet_certificate"
    ),
    path("vouchers/<str:code>/", vouchers.voucher_detail, name="voucher_detail"),
    path(
        "vouchers/<str:code>/certificate/",
        certificates.voucher_certificate,
        name="voucher_certificate",
    ),
    re_path(
        r"^vouchers/(?P<code>[^/]+)/(?P<verb>freeze|unfreeze|extend|revoke)/$",
        vouchers.voucher_step,
        name="voucher_step",
    ),
]
