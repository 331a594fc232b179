"""Table of contents: the models of the wings, lowest first."""

from marketplace.catalog.models import Bundle, BundleItem, Compatibility, ComposingTerms, Scenario
from marketplace.matching.models import Match, Need
from marketplace.orders.models import Order

__all__ = [
    "Bundle",
    "BundleItem",
    "Compatibility",
    "ComposingTerms",
    "Match",
    "Need",
    "Order",
    "Scenario",
]
