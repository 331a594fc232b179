"""Addresses of the wings' pages."""

from marketplace.matching.urls import urlpatterns as matching
from marketplace.orders.urls import urlpatterns as orders

app_name = "marketplace"
urlpatterns = [*matching, *orders]
