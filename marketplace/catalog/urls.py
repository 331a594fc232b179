"""Addresses of the catalog's pages."""

from django.urls import path

from marketplace.catalog.views import bundles, scenarios

urlpatterns = [
    path("scenarios/", scenarios.scenario_list, name="scenario_list"),
    path("scenarios/<slug:slug>/", scenarios.scenario_detail, name="scenario_detail"),
    path("shelf/", bundles.shelf_list, name="shelf_list"),
    path("bundles/", bundles.bundle_list, name="bundle_list"),
    path("bundles/own/", bundles.bundle_own, name="bundle_own"),
    path("bundles/create/", bundles.bundle_create, name="bundle_create"),
    path("bundles/<str:code>/", bundles.bundle_detail, name="bundle_detail"),
    path("bundles/<str:code>/publish/", bundles.bundle_publish, name="bundle_publish"),
    path("bundles/<str:code>/retire/", bundles.bundle_retire, name="bundle_retire"),
]
