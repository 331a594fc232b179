"""Addresses of orders."""

from django.urls import path

from marketplace.orders import views

urlpatterns = [
    path("needs/<str:code>/order/<str:bundle>/", views.order_place, name="order_place"),
    path("orders/", views.order_list, name="order_list"),
    path("orders/<str:code>/", views.order_detail, name="order_detail"),
    path("orders/<str:code>/contract.pdf", views.order_contract, name="order_contract"),
    path("orders/<str:code>/end/", views.order_end, name="order_end"),
]
