"""First page, background work, switches of language and type size, gallery of components."""

from django.urls import path
from django.views.i18n import set_language

from common import views

urlpatterns = [
    path("", views.home, name="home"),
    path("language/", set_language, name="set_language"),
    path("type-size/", views.set_type_size, name="set_type_size"),
    path("jobs/<str:code>/", views.job_detail, name="job_detail"),
    path("_components/", views.components_gallery, name="components_gallery"),
]
