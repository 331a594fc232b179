"""Addresses of the API that belong to no domain."""

from django.urls import path

from common.api import SchemaView

urlpatterns = [
    path("schema/", SchemaView.as_view(), name="api-schema"),
]
