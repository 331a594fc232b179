"""Quotes on the page of a need: `{% load quotes %}{% need_quotes need %}`."""

from typing import Any

from django import template

from marketplace.matching.models import Need
from marketplace.orders.models import Quote, QuoteStatus

register = template.Library()


@register.inclusion_tag("marketplace/need_quotes.html")
def need_quotes(need: Need) -> dict[str, Any]:
    """What is quoted or reserved for the need. One query."""
    rows = Quote.objects.filter(need=need, status__in=[QuoteStatus.OPEN, QuoteStatus.RESERVED])
    return {"quotes": rows.select_related("bundle").order_by("-pk")}
