"""Addresses of what comes after use."""

from django.urls import path

from marketplace.experience import views

urlpatterns = [
    path("orders/<str:code>/rating/", views.order_rating, name="order_rating"),
    path("orders/<str:code>/rate/", views.order_rate, name="order_rate"),
    path("orders/<str:code>/rating/answer/", views.rating_answer, name="rating_answer"),
]
