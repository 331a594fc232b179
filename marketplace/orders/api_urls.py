"""Addresses of the API of orders."""

from django.urls import path

from marketplace.orders.api import orders, quotes

urlpatterns = [
    path("quotes/", quotes.QuoteListView.as_view(), name="api-quotes"),
    path("quotes/<str:code>/", quotes.QuoteDetailView.as_view(), name="api-quote-read"),
    path("quotes/<str:code>/reserve/", quotes.QuoteReserveView.as_view(), name="api-quote-reserve"),
    path("quotes/<str:code>/accept/", quotes.QuoteAcceptView.as_view(), name="api-quote-accept"),
    path(
        "quotes/<str:code>/withdraw/", quotes.QuoteWithdrawView.as_view(), name="api-quote-withdraw"
    ),
    path("orders/", orders.OrderListView.as_view(), name="api-orders"),
    path("orders/<str:code>/", orders.OrderDetailView.as_view(), name="api-order-read"),
    path("orders/<str:code>/pause/", orders.OrderPauseView.as_view(), name="api-order-pause"),
    path("orders/<str:code>/resume/", orders.OrderResumeView.as_view(), name="api-order-resume"),
    path("orders/<str:code>/change/", orders.OrderChangeView.as_view(), name="api-order-change"),
    path("orders/<str:code>/keep/", orders.OrderKeepView.as_view(), name="api-order-keep"),
    path("orders/<str:code>/end/", orders.OrderEndView.as_view(), name="api-order-end"),
]
