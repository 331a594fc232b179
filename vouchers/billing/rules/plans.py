"""What a plan's bills would draw from vouchers in one month: the rule of the tick, before any use."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from vouchers.billing.rules import burndown
from vouchers.billing.rules.burndown import VoucherMeans

SINGLE = "*"
"""A cap whose key begins so limits what one voucher pays of each bill by itself."""


@dataclass(frozen=True, slots=True)
class Month:
    """What pays in one month: vouchers in burn-down order, and what is used of their caps by key."""

    vouchers: tuple[VoucherMeans, ...] = ()
    used_fen: Mapping[str, int] = field(default_factory=dict)

    def after(self, former: "Month") -> "Month":
        """This month with what a former one left: on vouchers, and of caps that hold for both."""
        left = {each.key: each.available_fen for each in former.vouchers}
        vouchers = tuple(
            each._replace(available_fen=left.get(each.key, each.available_fen))
            for each in self.vouchers
        )
        return Month(vouchers, {**self.used_fen, **former.used_fen})


@dataclass(frozen=True, slots=True)
class Planned:
    """One bill of a plan in fen; `covered_by`: keys of vouchers that may pay of it, None for all."""

    amount_fen: int
    covered_by: Collection[int] | None = None


def split(month: Month, bills: Iterable[Planned]) -> tuple[list[int], Month]:
    """What vouchers pay of each bill, one after the other, and what they leave."""
    left = {voucher.key: voucher for voucher in month.vouchers}
    used = dict(month.used_fen)
    paid = []
    for bill in bills:
        found = burndown.split(
            total_fen=bill.amount_fen,
            paid=burndown.Paid(),
            vouchers=[
                voucher
                for voucher in left.values()
                if bill.covered_by is None or voucher.key in bill.covered_by
            ],
            own_available_fen=bill.amount_fen,
            used_fen=used,
        )
        for part in found.vouchers:
            payer = left[part.key]
            left[part.key] = payer._replace(available_fen=payer.available_fen - part.amount_fen)
            for limit in payer.limits:
                if not limit.key.startswith(SINGLE):
                    used[limit.key] = used.get(limit.key, 0) + part.amount_fen
        paid.append(found.voucher_fen)
    return paid, Month(tuple(left.values()), used)
