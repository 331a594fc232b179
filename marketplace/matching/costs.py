"""What a match costs month after month, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.matching.models import Match
from marketplace.matching.rules.compose_pricing import LONGEST, Binding, Price

BOUND: dict[str, Promise] = {
    Binding.SHARE: gettext_lazy("Vouchers pay their full share of every bill."),
    Binding.CAP: gettext_lazy(
        "A cap of the scheme on what is redeemed keeps vouchers from paying more."
    ),
    Binding.BALANCE: gettext_lazy(
        "What is left on your vouchers does not reach for their full share."
    ),
    Binding.NONE: gettext_lazy("No voucher of yours pays for this bundle."),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One month; `note` says what changes in it."""

    month: date
    price_fen: int
    voucher_fen: int
    own_fen: int
    note: str


def rows_of(months: Sequence[tuple[date, Price]]) -> list[Row]:
    """A year ahead; the first month in which vouchers pay less, and the first without any, marked."""
    rows, before = [], None
    for month, price in months:
        rows.append(
            Row(month, price.price_fen, price.voucher_fen, price.own_fen, _note(before, price))
        )
        before = price
    return rows


def why(match: Match) -> list[str]:
    """What binds the vouchers, and how long they pay as in the first month."""
    binding, months = match.reasons.get("binding", ""), match.reasons.get("full_months", 0)
    found = [str(BOUND[binding])] if binding in BOUND else []
    if months:
        found.append(lasting(months))
    return found


def lasting(months: int) -> str:
    """For how many months vouchers pay as much as in the first."""
    if months >= LONGEST:
        return _("They pay as much for a year at least.")
    return _("They pay as much for %(months)d months, the first included.") % {"months": months}


def _note(before: Price | None, price: Price) -> str:
    if before is None or price.voucher_fen >= before.voucher_fen:
        return ""
    if not price.voucher_fen:
        return _("Vouchers have run out or expired.")
    return _("Vouchers pay less from here on.")
