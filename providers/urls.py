"""Addresses of the pages of supply."""

from django.urls import path

from providers.views import (
    catalog,
    facilities,
    files,
    licenses,
    listings,
    offerings,
    prices,
    registrations,
    subscriptions,
)

app_name = "providers"

urlpatterns = [
    path("providers/", registrations.provider_list, name="provider_list"),
    path("providers/onboarding/", registrations.onboarding, name="onboarding"),
    path("providers/registration/", registrations.registration_submit, name="registration_submit"),
    path("providers/licenses/", licenses.license_list, name="license_list"),
    path("licenses/<str:code>/verify/", licenses.license_verify, name="license_verify"),
    path("licenses/<str:code>/refuse/", licenses.license_refuse, name="license_refuse"),
    path("licenses/<str:code>/file/", licenses.license_file, name="license_file"),
    path("providers/<str:code>/", registrations.provider_detail, name="provider_detail"),
    path("providers/<str:code>/verify/", registrations.provider_verify, name="provider_verify"),
    path("providers/<str:code>/refuse/", registrations.provider_refuse, name="provider_refuse"),
    path("facilities/", facilities.facility_list, name="facility_list"),
    path("facilities/add/<slug:kind>/", facilities.facility_add, name="facility_add"),
    path("offerings/", catalog.offering_list, name="offering_list"),
    path("offerings/<str:code>/", catalog.offering_detail, name="offering_detail"),
    path("supply/", offerings.offering_own, name="offering_own"),
    path("supply/create/", offerings.offering_create, name="offering_create"),
    path("supply/import/", prices.price_import, name="price_import"),
    path("supply/files/<slug:subject>/", files.sheet_import, name="sheet_import"),
    path(
        "supply/files/<slug:subject>/template.<slug:form>",
        files.sheet_template,
        name="sheet_template",
    ),
    path(
        "supply/files/<slug:subject>/export.<slug:form>",
        files.sheet_export,
        name="sheet_export",
    ),
    path("supply/<str:code>/", offerings.offering_manage, name="offering_manage"),
    path("supply/<str:code>/price/", prices.price_set, name="price_set"),
    path("supply/<str:code>/listing/", listings.listing_revise, name="listing_revise"),
    path("supply/<str:code>/capacity/", offerings.capacity_declare, name="capacity_declare"),
    path("supply/<str:code>/publish/", offerings.offering_publish, name="offering_publish"),
    path("supply/<str:code>/retire/", offerings.offering_retire, name="offering_retire"),
    path("subscriptions/", subscriptions.subscription_list, name="subscription_list"),
    path("subscriptions/<str:code>/prices/", subscriptions.price_terms, name="price_terms"),
]
