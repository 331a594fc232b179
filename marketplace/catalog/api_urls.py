"""Addresses of the catalog's API."""

from django.urls import path

from marketplace.catalog import api

urlpatterns = [
    path("scenarios/", api.ScenarioList.as_view(), name="api-scenario-list"),
    path("bundles/", api.BundleList.as_view(), name="api-bundle-list"),
    path("bundles/<str:code>/", api.BundleDetail.as_view(), name="api-bundle-detail"),
    path("bundles/<str:code>/publish/", api.BundlePublish.as_view(), name="api-bundle-publish"),
    path("bundles/<str:code>/retire/", api.BundleRetire.as_view(), name="api-bundle-retire"),
]
