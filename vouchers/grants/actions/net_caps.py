"""Caps that count net: what a voucher gives back at its end can be granted again."""

from vouchers.grants.models import Voucher
from vouchers.grants.rules.caps import Cap
from vouchers.grants.rules.schemes import from_json
from vouchers.ledger.actions import cap_returns
from vouchers.ledger.actions.cap_returns import Drawn


def drawn(*, voucher: Voucher) -> list[Drawn]:
    """What the voucher's decision drew from caps that count net; gross ones are left out."""
    return [
        each
        for each in cap_returns.drawn(reference=voucher.application.code)
        if all(cap.is_net for cap in _caps_of(voucher, each))
    ]


def given_back(
    *, voucher: Voucher, drawn: list[Drawn], returned_fen: int, is_unspent: bool
) -> list[tuple[Drawn, int]]:
    """How much of each draw is free again when `returned_fen` go back to the budget.

    Of an amount as much as is returned; of a counted decision one, when nothing was ever spent of the voucher.
    """
    counted = {each.key for each in drawn if any(cap.is_count for cap in _caps_of(voucher, each))}
    found = [
        (each, each.amount if each.key in counted else min(returned_fen, each.amount))
        for each in drawn
    ]
    return [(each, amount) for each, amount in found if is_unspent or each.key not in counted]


def _caps_of(voucher: Voucher, drawn: Drawn) -> list[Cap]:
    """The caps of the scheme to which a key belongs: one, unless long names share their beginning."""
    scheme = voucher.scheme
    return [
        cap
        for cap in from_json(scheme.rules).caps
        if cap.holds(drawn.key, scheme=scheme.slug, office=str(scheme.bureau_id))
    ]
