"""Table of contents: the models of the wings, lowest first."""

from marketplace.board.models import KpiSnapshot, Recognition
from marketplace.catalog.models import (
    Bundle,
    BundleItem,
    CoefficientChange,
    Compatibility,
    ComposingTerms,
    Scenario,
)
from marketplace.clearing.models import (
    ClearingRound,
    RoundInput,
    RoundOffer,
    RoundOutcome,
    RoundSignature,
)
from marketplace.experience.models import Rating, RatingAnswer
from marketplace.matching.models import Match, Need, OfferingExperience
from marketplace.orders.models import Order, OrderChange, Quote
from marketplace.trials.models import Trial, TrialTerms

__all__ = [
    "Bundle",
    "BundleItem",
    "ClearingRound",
    "CoefficientChange",
    "Compatibility",
    "ComposingTerms",
    "KpiSnapshot",
    "Match",
    "Need",
    "OfferingExperience",
    "Order",
    "OrderChange",
    "Quote",
    "Rating",
    "RatingAnswer",
    "Recognition",
    "RoundInput",
    "RoundOffer",
    "RoundOutcome",
    "RoundSignature",
    "Scenario",
    "Trial",
    "TrialTerms",
]
