"""Addresses of the wings' API."""

from marketplace.matching.api_urls import urlpatterns as matching
from marketplace.orders.api_urls import urlpatterns as orders

urlpatterns = [*matching, *orders]
