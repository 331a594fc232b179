"""What caps on redemptions leave to the vouchers that pay bills: known for all bills at once, shared in memory.

A scheme's cap may limit what is redeemed under a key together, which a ledger account holds, or what one voucher
pays of one bill, which the bill's own charges tell. Schemes without such caps cost no query.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Sum

from common.periods import local_day
from vouchers.billing.actions.charging import purses, sheets
from vouchers.billing.actions.charging.sheets import Sheet
from vouchers.billing.models import Charge
from vouchers.billing.rules.burndown import Bound, Limit
from vouchers.grants.actions import redeemed_caps
from vouchers.ledger.actions import cap_rooms
from vouchers.ledger.actions.cap_rooms import Draw, Room

Asked = tuple[Sheet, Sequence[purses.Means], Sequence[Charge]]
"""A bill that changes, the vouchers that may pay it, its standing charges when it falls."""
SINGLE = "*"
Pair = tuple[int, int]
"""A bill and a voucher, by primary key."""


@dataclass(slots=True)
class Rooms:
    """Locked caps: what is redeemed under each key, in fen, and the limits that hold for a voucher on a bill."""

    used_fen: dict[str, int] = field(default_factory=dict)
    _limits: Mapping[Pair, tuple[Limit, ...]] = field(default_factory=dict)
    _rooms: Mapping[str, Room] = field(default_factory=dict)
    _drawn: Mapping[str, Sequence[Draw]] = field(default_factory=dict)

    def limits(self, bill: int, voucher: int) -> tuple[Limit, ...]:
        """The limits of what the voucher may pay of the bill."""
        return self._limits.get((bill, voucher), ())

    def draw(self, bill: int, voucher: int, amount_fen: int) -> tuple[Draw, ...]:
        """Take what the voucher pays from its caps."""
        found = []
        for limit in self.limits(bill, voucher):
            self.used_fen[limit.key] += amount_fen
            room = self._rooms.get(limit.key)
            if room is not None:
                found.append(room.draw(amount_fen, limit.limit_fen))
        return tuple(found)

    def give_back(self, charge: Charge) -> tuple[Draw, ...]:
        """Make room again for a charge that is undone, under the keys that it drew from."""
        found = tuple(self._drawn.get(str(charge.pk), ()))
        for each in found:
            self.used_fen[each.key] -= each.amount_fen
        single = _single(charge.bill_id, charge.voucher_id or 0)
        if single in self.used_fen:
            self.used_fen[single] -= charge.amount_fen
        return found


def rooms(*, asked: Sequence[Asked], found: purses.Purses, at: datetime) -> Rooms:
    """Lock the caps that the bills may draw from or give back to, in primary-key order.

    After the payers' accounts: nobody but bills locks these caps. A cap goes by the bill's month, or by the day of
    payment where the scheme says so. No query where no scheme caps redemptions, else at most eight for all bills.
    """
    pairs = {
        (sheet.pk, each.key): sheet.due.month
        for sheet, means, _ in asked
        for each in means
        if found.caps_redemptions(each.key)
    }
    standing = [
        str(charge.pk)
        for _, _, booked in asked
        for charge in booked
        if charge.voucher_id is not None and found.caps_redemptions(charge.voucher_id)
    ]
    if not pairs and not standing:
        return Rooms()
    limits, keys = _limits(pairs, local_day(at))
    drawn = cap_rooms.drawn(references=standing) if standing else {}
    keys |= {each.key for draws in drawn.values() for each in draws}
    locked = cap_rooms.locked(keys=sorted(keys))
    used_fen = {key: room.used_fen for key, room in locked.items()} | _paid_singly(limits)
    return Rooms(used_fen, limits, locked, drawn)


def _limits(
    pairs: Mapping[Pair, date], today: date
) -> tuple[dict[Pair, tuple[Limit, ...]], set[str]]:
    """The limits of each bill and voucher, each key once, and the keys that the ledger holds."""
    terms = redeemed_caps.terms(vouchers={voucher for _, voucher in pairs})
    limits, keys = {}, set()
    for (bill, voucher), month in pairs.items():
        least: dict[str, Limit] = {}
        for bound in terms[voucher].bounds(used_on=month, paid_on=today):
            key = bound.key or _single(bill, voucher)
            if key not in least or bound.limit_fen < least[key].limit_fen:
                least[key] = Limit(key, bound.limit_fen, bound.cap.id)
            if bound.key:
                keys.add(bound.key)
        limits[bill, voucher] = tuple(least.values())
    return limits, keys


def _paid_singly(limits: Mapping[Pair, Sequence[Limit]]) -> dict[str, int]:
    """What each voucher has paid of a bill by now, where a cap limits just that; by that cap's key."""
    pairs = [
        pair for pair, found in limits.items() if any(each.key == _single(*pair) for each in found)
    ]
    if not pairs:
        return {}
    paid: dict[Pair, int] = defaultdict(int)
    rows = Charge.objects.standing().filter(
        bill__in={bill for bill, _ in pairs}, voucher__in={voucher for _, voucher in pairs}
    )
    for bill, voucher, fen in rows.values_list("bill", "voucher").annotate(Sum("amount_fen")):
        paid[bill, voucher] = fen
    return {_single(*pair): paid[pair] for pair in pairs}


def passed(bound: Bound) -> sheets.CapPassed:
    """What a bill keeps of a cap that bound; without a key where it limits what is paid of one bill."""
    limit = bound.limit
    key = "" if limit.key.startswith(SINGLE) else limit.key
    return sheets.CapPassed(bound.voucher, limit.cap, key, limit.limit_fen)


def _single(bill: int, voucher: int) -> str:
    """A key that no account has: those begin with the name of a scheme or the number of a bureau."""
    return f"{SINGLE}{bill}/{voucher}"
