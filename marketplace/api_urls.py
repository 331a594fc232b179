"""Addresses of the wings' API."""

from marketplace.board.api_urls import urlpatterns as board
from marketplace.catalog.api_urls import urlpatterns as catalog
from marketplace.clearing.api_urls import urlpatterns as clearing
from marketplace.experience.api_urls import urlpatterns as experience
from marketplace.matching.api_urls import urlpatterns as matching
from marketplace.orders.api_urls import urlpatterns as orders
from marketplace.trials.api_urls import urlpatterns as trials

urlpatterns = [*catalog, *matching, *orders, *trials, *experience, *clearing, *board]
