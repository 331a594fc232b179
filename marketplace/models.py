"""Table of contents: the models of the wings, lowest first."""

from marketplace.catalog.models import Bundle, BundleItem, Scenario
from marketplace.clearing.models import (
    ClearingRound,
    RoundInput,
    RoundOffer,
    RoundOutcome,
    RoundSignature,
)
from marketplace.matching.models import Match, Need
from marketplace.orders.models import Order

__all__ = [
    "Bundle",
    "BundleItem",
    "ClearingRound",
    "Match",
    "Need",
    "Order",
    "RoundInput",
    "RoundOffer",
    "RoundOutcome",
    "RoundSignature",
    "Scenario",
]
