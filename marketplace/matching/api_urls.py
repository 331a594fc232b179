"""Addresses of the API of needs and matches."""

from django.urls import path

from marketplace.matching import api

urlpatterns = [
    path("needs/", api.NeedListView.as_view(), name="api-needs"),
    path("needs/<str:code>/", api.NeedDetailView.as_view(), name="api-need-read"),
    path("needs/<str:code>/matches/", api.MatchListView.as_view(), name="api-matches"),
]
