"""What a price may look like before it is stored."""

from decimal import Decimal
from typing import Literal

PLACES = 10
LARGEST_YUAN = Decimal(10) ** 9

PriceFault = Literal["price_not_a_number", "price_negative", "price_too_fine", "price_too_large"]


def fault_of(price_yuan: Decimal) -> PriceFault | None:
    """What is wrong with a price in yuan; None when it can be stored exactly (10 decimals)."""
    if not price_yuan.is_finite():
        return "price_not_a_number"
    if price_yuan < 0:
        return "price_negative"
    if price_yuan > LARGEST_YUAN:
        return "price_too_large"
    if price_yuan != round(price_yuan, PLACES):
        return "price_too_fine"
    return None
