"""Addresses of the API of trials."""

from django.urls import path

from marketplace.trials import api

urlpatterns = [
    path("trials/", api.TrialListView.as_view(), name="api-trials"),
    path("trials/<str:code>/", api.TrialDetailView.as_view(), name="api-trial-read"),
    path("trials/<str:code>/stop/", api.TrialStopView.as_view(), name="api-trial-stop"),
    path("trials/<str:code>/order/", api.TrialOrderView.as_view(), name="api-trial-order"),
    path("offerings/<str:code>/trial/", api.TrialTakeView.as_view(), name="api-trial-take"),
    path("offerings/<str:code>/trial-terms/", api.TrialTermsView.as_view(), name="api-trial-terms"),
]
