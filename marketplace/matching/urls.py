"""Addresses of needs and matches."""

from django.urls import path

from marketplace.matching import views

urlpatterns = [
    path("needs/", views.need_list, name="need_list"),
    path("needs/new/", views.need_choose, name="need_choose"),
    path("needs/new/<slug:slug>/", views.need_create, name="need_create"),
    path("needs/shared/<str:token>/", views.need_shared, name="need_shared"),
    path("needs/<str:code>/share/", views.need_share, name="need_share"),
    path("needs/<str:code>/", views.need_detail, name="need_detail"),
    path("needs/<str:code>/match/", views.need_match, name="need_match"),
    path("needs/<str:code>/weigh/", views.need_weigh, name="need_weigh"),
    path("needs/<str:code>/cost/<str:bundle>/", views.need_cost, name="need_cost"),
    path("needs/<str:code>/compare/", views.need_compare, name="need_compare"),
]
