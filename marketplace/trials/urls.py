"""Addresses of trials."""

from django.urls import path

from marketplace.trials import views

urlpatterns = [
    path("trials/", views.trial_list, name="trial_list"),
    path("trials/<str:code>/", views.trial_detail, name="trial_detail"),
    path("trials/<str:code>/stop/", views.trial_stop, name="trial_stop"),
    path("bundles/<str:code>/try/", views.bundle_try, name="bundle_try"),
    path("supply/<str:code>/trial/", views.terms_state, name="trial_terms"),
    path("supply/<str:code>/trial/close/", views.terms_close, name="trial_close"),
]
