"""Addresses of the API of rounds."""

from django.urls import path

from marketplace.clearing import api

urlpatterns = [
    path("rounds/", api.RoundListView.as_view(), name="api-rounds"),
    path("rounds/<str:code>/", api.RoundDetailView.as_view(), name="api-round-read"),
    path("rounds/<str:code>/outcomes/", api.OutcomeListView.as_view(), name="api-round-outcomes"),
    path("protocols/<str:code>/", api.ProtocolView.as_view(), name="api-protocol-read"),
]
