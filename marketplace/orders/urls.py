"""Addresses of orders."""

from django.urls import path

from marketplace.orders.views import orders, quotes, running

urlpatterns = [
    path("needs/<str:code>/order/<str:bundle>/", quotes.order_place, name="order_place"),
    path("quotes/<str:code>/", quotes.quote_detail, name="quote_detail"),
    path("quotes/<str:code>/reserve/", quotes.quote_reserve, name="quote_reserve"),
    path("quotes/<str:code>/withdraw/", quotes.quote_withdraw, name="quote_withdraw"),
    path("orders/", orders.order_list, name="order_list"),
    path("orders/<str:code>/", orders.order_detail, name="order_detail"),
    path("orders/<str:code>/contract.pdf", orders.order_contract, name="order_contract"),
    path("orders/<str:code>/pause/", running.order_pause, name="order_pause"),
    path("orders/<str:code>/resume/", running.order_resume, name="order_resume"),
    path("orders/<str:code>/change/", running.order_change, name="order_change"),
    path("orders/<str:code>/keep/", running.order_keep, name="order_keep"),
    path("orders/<str:code>/end/", running.order_end, name="order_end"),
]
