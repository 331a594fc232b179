"""Addresses of the API of supply."""

from django.urls import path

from providers.api import (
    bank,
    facilities,
    figures,
    latencies,
    licenses,
    marks,
    offerings,
    price_imports,
    registrations,
    sheets,
    subscriptions,
    windows,
)

urlpatterns = [
    path("providers/", registrations.ProviderList.as_view(), name="api-provider-list"),
    path(
        "providers/<str:code>/",
        registrations.ProviderDetail.as_view(),
        name="api-provider-detail",
    ),
    path(
        "providers/<str:code>/verify/",
        registrations.ProviderVerify.as_view(),
        name="api-provider-verify",
    ),
    path(
        "providers/<str:code>/refuse/",
        registrations.ProviderRefuse.as_view(),
        name="api-provider-refuse",
    ),
    path("licenses/", licenses.LicenseList.as_view(), name="api-license-list"),
    path(
        "licenses/<str:code>/verify/",
        licenses.LicenseVerify.as_view(),
        name="api-license-verify",
    ),
    path(
        "licenses/<str:code>/refuse/",
        licenses.LicenseRefuse.as_view(),
        name="api-license-refuse",
    ),
    path("offerings/<str:code>/figures/", marks.FigureList.as_view(), name="api-figure-list"),
    path("figures/<str:code>/verify/", marks.FigureVerify.as_view(), name="api-figure-verify"),
    path("facilities/", facilities.FacilityList.as_view(), name="api-facility-list"),
    path("facilities/<str:code>/windows/", windows.WindowList.as_view(), name="api-window-list"),
    path("facilities/<str:code>/shares/", windows.SplitList.as_view(), name="api-share-list"),
    path(
        "windows/<str:code>/withdraw/",
        windows.WindowWithdraw.as_view(),
        name="api-window-withdraw",
    ),
    path("latencies/", latencies.CircleList.as_view(), name="api-latency-list"),
    path("latency-imports/", latencies.LatencyImport.as_view(), name="api-latency-import"),
    path("bank/", bank.BankBalance.as_view(), name="api-bank-balance"),
    path("bank/deposits/", bank.DepositList.as_view(), name="api-bank-deposit-list"),
    path(
        "bank/deposits/<str:code>/approve/",
        bank.DepositApprove.as_view(),
        name="api-bank-deposit-approve",
    ),
    path(
        "bank/deposits/<str:code>/refuse/",
        bank.DepositRefuse.as_view(),
        name="api-bank-deposit-refuse",
    ),
    path(
        "bank/deposits/<str:code>/withdraw/",
        bank.DepositWithdraw.as_view(),
        name="api-bank-deposit-withdraw",
    ),
    path("bank/draws/", bank.DrawList.as_view(), name="api-bank-draw-list"),
    path(
        "bank/draws/<str:code>/release/",
        bank.DrawRelease.as_view(),
        name="api-bank-draw-release",
    ),
    path("offerings/", offerings.OfferingList.as_view(), name="api-offering-list"),
    path("offerings/<str:code>/", offerings.OfferingDetail.as_view(), name="api-offering-detail"),
    path(
        "offerings/<str:code>/publish/",
        offerings.OfferingPublish.as_view(),
        name="api-offering-publish",
    ),
    path(
        "offerings/<str:code>/retire/",
        offerings.OfferingRetire.as_view(),
        name="api-offering-retire",
    ),
    path("offerings/<str:code>/prices/", figures.PriceList.as_view(), name="api-price-list"),
    path("model-price-imports/", price_imports.PriceImport.as_view(), name="api-price-import"),
    path("supply-files/<slug:subject>/", sheets.SheetFile.as_view(), name="api-supply-file"),
    path(
        "offerings/<str:code>/capacities/",
        figures.CapacityList.as_view(),
        name="api-capacity-list",
    ),
    path("subscriptions/", subscriptions.SubscriptionList.as_view(), name="api-subscription-list"),
    path(
        "subscriptions/<str:code>/",
        subscriptions.SubscriptionDetail.as_view(),
        name="api-subscription-detail",
    ),
    path(
        "subscriptions/<str:code>/follow-list/",
        subscriptions.SubscriptionFollowList.as_view(),
        name="api-subscription-follow-list",
    ),
]
