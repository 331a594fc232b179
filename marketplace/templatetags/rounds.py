"""Offers of rounds on the page of a need: `{% load rounds %}{% round_offers need %}`."""

from typing import Any

from django import template

from marketplace.clearing.models import OfferStatus, RoundOffer
from marketplace.matching.models import Need

register = template.Library()


@register.inclusion_tag("marketplace/round_offers.html")
def round_offers(need: Need) -> dict[str, Any]:
    """Open offers that rounds made for the need. One query."""
    rows = RoundOffer.objects.filter(outcome__need=need, status=OfferStatus.OPEN).with_names()
    return {"offers": rows.order_by("expires_at", "pk")}
