"""Addresses of the API of supply."""

from django.urls import path

from providers.api import (
    facilities,
    figures,
    licenses,
    offerings,
    price_imports,
    registrations,
    sheets,
    subscriptions,
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
    path("facilities/", facilities.FacilityList.as_view(), name="api-facility-list"),
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
