"""Addresses of the pages of schemes, applications and vouchers."""

from django.urls import path, re_path

from vouchers.grants.views import applications, designs, public, reviews, schemes, vouchers

urlpatterns = [
    path("schemes/", schemes.scheme_list, name="scheme_list"),
    path("schemes/new/", schemes.scheme_create, name="scheme_create"),
    path("schemes/design/", designs.scheme_design, name="scheme_design"),
    path("schemes/<str:code>/", schemes.scheme_detail, name="scheme_detail"),
    path("schemes/<str:code>/publish/", schemes.scheme_publish, name="scheme_publish"),
    path("schemes/<str:code>/apply/", applications.application_start, name="application_start"),
    path("precheck/", public.precheck, name="precheck"),
    path("notices/", public.notice_list, name="notice_list"),
    path("voucher-verification/", public.voucher_verify, name="voucher_verify"),
    path("applications/", applications.application_list, name="application_list"),
    path("applications/<str:code>/", applications.application_detail, name="application_detail"),
    path(
        "applications/<str:code>/change/",
        applications.application_update,
        name="application_update",
    ),
    path(
        "applications/<str:code>/check/", applications.application_check, name="application_check"
    ),
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
    path("reviews/", reviews.review_list, name="review_list"),
    path("reviews/<str:code>/", reviews.review_decide, name="review_decide"),
    path("issuing/", reviews.issue_list, name="issue_list"),
    path("wallet/", vouchers.wallet, name="wallet"),
    path("wallet/<str:code>/", vouchers.wallet_voucher, name="wallet_voucher"),
    path("vouchers/<str:code>/", vouchers.voucher_detail, name="voucher_detail"),
    re_path(
        r"^vouchers/(?P<code>[^/]+)/(?P<verb>freeze|unfreeze|revoke)/$",
        vouchers.voucher_step,
        name="voucher_step",
    ),
]
