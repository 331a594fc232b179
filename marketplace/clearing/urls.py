"""Addresses of rounds, protocols and offers."""

from django.urls import path

from marketplace.clearing import views

urlpatterns = [
    path("rounds/", views.round_list, name="round_list"),
    path("rounds/new/", views.round_create, name="round_create"),
    path("rounds/<str:code>/", views.round_detail, name="round_detail"),
    path("rounds/<str:code>/start/", views.round_start, name="round_start"),
    path("rounds/<str:code>/sign/", views.round_sign, name="round_sign"),
    path("rounds/<str:code>/give-up/", views.round_give_up, name="round_give_up"),
    path("rounds/<str:code>/input.json", views.round_input, name="round_input"),
    path("protocols/", views.protocol_list, name="protocol_list"),
    path("protocols/<str:code>/", views.protocol_detail, name="protocol_detail"),
    path("offers/<str:code>/", views.offer_detail, name="offer_detail"),
]
