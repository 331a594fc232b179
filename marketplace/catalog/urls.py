"""Addresses of the catalog's pages."""

from django.urls import path

from marketplace.catalog import views

urlpatterns = [
    path("shelf/", views.shelf_list, name="shelf_list"),
    path("bundles/", views.bundle_list, name="bundle_list"),
    path("bundles/own/", views.bundle_own, name="bundle_own"),
    path("bundles/create/", views.bundle_create, name="bundle_create"),
    path("bundles/<str:code>/", views.bundle_detail, name="bundle_detail"),
    path("bundles/<str:code>/publish/", views.bundle_publish, name="bundle_publish"),
    path("bundles/<str:code>/retire/", views.bundle_retire, name="bundle_retire"),
]
