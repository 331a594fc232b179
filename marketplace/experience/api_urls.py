"""Addresses of the API of what comes after use."""

from django.urls import path

from marketplace.experience import api

urlpatterns = [
    path("orders/<str:code>/rating/", api.RatingView.as_view(), name="api-order-rating"),
    path(
        "orders/<str:code>/rating/answer/",
        api.RatingAnswerView.as_view(),
        name="api-order-rating-answer",
    ),
    path(
        "bundles/<str:code>/experience/",
        api.BundleExperienceView.as_view(),
        name="api-bundle-experience",
    ),
]
