"""Addresses of the API of schemes, applications and vouchers, below /api/v1/."""

from django.urls import path

from vouchers.grants.api import (
    applications,
    bulk,
    changes,
    designs,
    evidence,
    letters,
    notices,
    progress,
    queue,
    rounds,
    schemes,
    supplements,
    vouchers,
)

APPLICATION = "applications/<str:code>/"
VOUCHER = "vouchers/<str:code>/"

urlpatterns = [
    path("schemes/", schemes.SchemeListView.as_view(), name="api-schemes"),
    path("schemes/<str:code>/", schemes.SchemeView.as_view(), name="api-scheme-read"),
    path(
        "schemes/<str:code>/publish/",
        schemes.SchemePublishView.as_view(),
        name="api-scheme-publish",
    ),
    path("schemes/<str:code>/text/", designs.DesignTextView.as_view(), name="api-scheme-text"),
    path("schemes/<str:code>/round/", rounds.RoundView.as_view(), name="api-round"),
    path("scheme-checks/", designs.DesignCheckView.as_view(), name="api-scheme-check"),
    path("scheme-drafts/", designs.DesignDraftView.as_view(), name="api-scheme-draft"),
    path("prechecks/", schemes.PrecheckView.as_view(), name="api-precheck-answer"),
    path("announcements/", notices.AnnouncementListView.as_view(), name="api-announcements"),
    path(
        "announcement-previews/",
        notices.AnnouncementPreviewView.as_view(),
        name="api-announcement-preview",
    ),
    path(
        "announcements/<str:code>/objections/",
        notices.ObjectionRaiseView.as_view(),
        name="api-objection-raise",
    ),
    path("objections/", notices.ObjectionListView.as_view(), name="api-objection-list"),
    path(
        "objections/<str:code>/decide/",
        notices.ObjectionDecideView.as_view(),
        name="api-objection-decide",
    ),
    path(
        "objections/<str:code>/evidence/",
        notices.ObjectionFileView.as_view(),
        name="api-objection-file",
    ),
    path("notices/", schemes.NoticeListView.as_view(), name="api-notice-list"),
    path("applications/", applications.ApplicationListView.as_view(), name="api-applications"),
    path(APPLICATION, applications.ApplicationView.as_view(), name="api-application"),
    path(
        f"{APPLICATION}prepare/",
        applications.ApplicationPrepareView.as_view(),
        name="api-application-prepare",
    ),
    path(
        f"{APPLICATION}submit/",
        applications.ApplicationSubmitView.as_view(),
        name="api-application-submit",
    ),
    path(
        f"{APPLICATION}withdraw/",
        applications.ApplicationWithdrawView.as_view(),
        name="api-application-withdraw",
    ),
    path(
        f"{APPLICATION}receipt/",
        progress.ApplicationReceiptView.as_view(),
        name="api-application-receipt",
    ),
    path(
        f"{APPLICATION}timeline/",
        progress.ApplicationTimelineView.as_view(),
        name="api-application-timeline",
    ),
    path(f"{APPLICATION}evidence/", evidence.EvidenceListView.as_view(), name="api-evidence"),
    path(
        f"{APPLICATION}evidence/reuse/",
        evidence.EvidenceReuseView.as_view(),
        name="api-evidence-reuse",
    ),
    path(
        f"{APPLICATION}evidence/<uuid:file>/",
        evidence.EvidenceView.as_view(),
        name="api-evidence-file",
    ),
    path(
        f"{APPLICATION}supplements/",
        supplements.SupplementListView.as_view(),
        name="api-supplements",
    ),
    path(
        f"{APPLICATION}supplement/",
        supplements.SupplementSaveView.as_view(),
        name="api-supplement-save",
    ),
    path(
        f"{APPLICATION}supplement/answer/",
        supplements.SupplementAnswerView.as_view(),
        name="api-supplement-answer",
    ),
    path(f"{APPLICATION}reviews/", applications.ReviewListView.as_view(), name="api-review-decide"),
    path(f"{APPLICATION}notice/", applications.NoticeView.as_view(), name="api-notice-publish"),
    path(f"{APPLICATION}voucher/", applications.IssueView.as_view(), name="api-voucher-issue"),
    path("wallet/", vouchers.WalletView.as_view(), name="api-wallet-read"),
    path(VOUCHER, vouchers.VoucherView.as_view(), name="api-voucher-read"),
    path(
        f"{VOUCHER}certificate/",
        vouchers.VoucherCertificateView.as_view(),
        name="api-voucher-certificate",
    ),
    path(f"{VOUCHER}freeze/", vouchers.VoucherFreezeView.as_view(), name="api-voucher-freeze"),
    path(
        f"{VOUCHER}unfreeze/", vouchers.VoucherUnfreezeView.as_view(), name="api-voucher-unfreeze"
    ),
    path(f"{VOUCHER}extend/", changes.VoucherExtendView.as_view(), name="api-voucher-extend"),
    path(
        f"{VOUCHER}revocations/", changes.VoucherRevokeView.as_view(), name="api-revocation-propose"
    ),
    path("revocations/", changes.RevocationListView.as_view(), name="api-revocation-list"),
    path("revocations/<str:code>/", changes.RevocationView.as_view(), name="api-revocation-read"),
    path(
        "revocations/<str:code>/approve/",
        changes.RevocationApproveView.as_view(),
        name="api-revocation-approve",
    ),
    path(
        "revocations/<str:code>/decline/",
        changes.RevocationDeclineView.as_view(),
        name="api-revocation-decline",
    ),
    path("reviews/", queue.QueueView.as_view(), name="api-review-list"),
    path(f"{APPLICATION}claim/", queue.ClaimView.as_view(), name="api-application-claim"),
    path(f"{APPLICATION}release/", queue.ReleaseView.as_view(), name="api-application-release"),
    path("desk/", queue.DeskView.as_view(), name="api-desk"),
    path("remarks/", queue.RemarkListView.as_view(), name="api-remarks"),
    path("remarks/<str:code>/retire/", queue.RemarkRetireView.as_view(), name="api-remark-retire"),
    path("letters/", letters.LetterListView.as_view(), name="api-letter-list"),
    path("letters/<str:code>/", letters.LetterView.as_view(), name="api-letter-read"),
    path("letter-templates/", letters.TemplateListView.as_view(), name="api-letter-template-list"),
    path(
        "letter-templates/<slug:kind>/",
        letters.TemplateView.as_view(),
        name="api-letter-template-save",
    ),
    path("bulk-previews/", bulk.BulkPreviewView.as_view(), name="api-bulk-preview"),
    path("bulk/", bulk.BulkListView.as_view(), name="api-bulk-list"),
    path("bulk/<str:code>/", bulk.BulkView.as_view(), name="api-bulk-read"),
    path("bulk/<str:code>/approve/", bulk.BulkApproveView.as_view(), name="api-bulk-approve"),
    path("bulk/<str:code>/decline/", bulk.BulkDeclineView.as_view(), name="api-bulk-decline"),
    path("voucher-verifications/", vouchers.VerificationView.as_view(), name="api-voucher-verify"),
]
