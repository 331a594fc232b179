"""Addresses of the API of schemes, applications and vouchers, below /api/v1/."""

from django.urls import path

from vouchers.grants.api import applications, schemes, vouchers

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
    path("prechecks/", schemes.PrecheckView.as_view(), name="api-precheck-answer"),
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
    path(f"{VOUCHER}revoke/", vouchers.VoucherRevokeView.as_view(), name="api-voucher-revoke"),
    path("voucher-verifications/", vouchers.VerificationView.as_view(), name="api-voucher-verify"),
]
