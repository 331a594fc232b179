"""Addresses of the wings' API."""

from marketplace.board.api_urls import urlpatterns as board
from marketplace.catalog.api_urls import urlpatterns as catalog
from marketplace.clearing.api_urls import urlpatterns as clearing
from marketplace.experience.api_urls import urlpatterns as experience
from marketplace.matching.api_urls import urlpatterns as matching
from marketplace.orders.api_urls import urlpatterns as orders

urlpatterns = [*catalog, *matching, *orders, *experience, *clearing, *board]
