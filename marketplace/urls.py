"""Addresses of the wings' pages."""

from marketplace.board.urls import urlpatterns as board
from marketplace.catalog.urls import urlpatterns as catalog
from marketplace.clearing.urls import urlpatterns as clearing
from marketplace.experience.urls import urlpatterns as experience
from marketplace.matching.urls import urlpatterns as matching
from marketplace.orders.urls import urlpatterns as orders
from marketplace.trials.urls import urlpatterns as trials

app_name = "marketplace"
urlpatterns = [*catalog, *matching, *orders, *trials, *experience, *clearing, *board]
