"""Addresses of the API of orders."""

from django.urls import path

from marketplace.orders import api

urlpatterns = [
    path("orders/", api.OrderListView.as_view(), name="api-orders"),
    path("orders/<str:code>/", api.OrderDetailView.as_view(), name="api-order-read"),
    path("orders/<str:code>/end/", api.OrderEndView.as_view(), name="api-order-end"),
]
