"""Addresses of the pages of supply."""

from django.urls import path

from providers.views import (
    bank,
    catalog,
    facilities,
    latencies,
    offerings,
    prices,
    registrations,
    subscriptions,
    windows,
)

app_name = "providers"

urlpatterns = [
    path("providers/", registrations.provider_list, name="provider_list"),
    path("providers/onboarding/", registrations.onboarding, name="onboarding"),
    path("providers/registration/", registrations.registration_submit, name="registration_submit"),
    path("providers/<str:code>/", registrations.provider_detail, name="provider_detail"),
    path("providers/<str:code>/verify/", registrations.provider_verify, name="provider_verify"),
    path("providers/<str:code>/refuse/", registrations.provider_refuse, name="provider_refuse"),
    path("facilities/", facilities.facility_list, name="facility_list"),
    path("facilities/add/<slug:kind>/", facilities.facility_add, name="facility_add"),
    path("facilities/<str:code>/windows/", windows.window_list, name="window_list"),
    path("facilities/<str:code>/shares/", windows.share_list, name="share_list"),
    path("windows/<str:code>/withdraw/", windows.window_withdraw, name="window_withdraw"),
    path("latencies/", latencies.latency_list, name="latency_list"),
    path("latencies/load/", latencies.latency_load, name="latency_load"),
    path("bank/", bank.bank_detail, name="bank_detail"),
    path("bank/deposit/", bank.bank_deposit, name="bank_deposit"),
    path("bank/draw/", bank.bank_draw, name="bank_draw"),
    path("bank/draws/<str:code>/release/", bank.draw_release, name="draw_release"),
    path("bank/deposits/<str:code>/withdraw/", bank.deposit_withdraw, name="deposit_withdraw"),
    path("bank/deposits/<str:code>/approve/", bank.deposit_approve, name="deposit_approve"),
    path("bank/deposits/<str:code>/refuse/", bank.deposit_refuse, name="deposit_refuse"),
    path("offerings/", catalog.offering_list, name="offering_list"),
    path("offerings/<str:code>/", catalog.offering_detail, name="offering_detail"),
    path("supply/", offerings.offering_own, name="offering_own"),
    path("supply/create/", offerings.offering_create, name="offering_create"),
    path("supply/import/", prices.price_import, name="price_import"),
    path("supply/<str:code>/", offerings.offering_manage, name="offering_manage"),
    path("supply/<str:code>/price/", prices.price_set, name="price_set"),
    path("supply/<str:code>/capacity/", offerings.capacity_declare, name="capacity_declare"),
    path("supply/<str:code>/publish/", offerings.offering_publish, name="offering_publish"),
    path("supply/<str:code>/retire/", offerings.offering_retire, name="offering_retire"),
    path("subscriptions/", subscriptions.subscription_list, name="subscription_list"),
]
