"""Use that the machine could not have delivered, and prices that the list does not know."""

from collections import defaultdict
from collections.abc import Iterator

from vouchers.audit.rules.risks.facts import Redemption
from vouchers.audit.rules.risks.flags import Evidence, Flag
from vouchers.audit.rules.risks.index import Index, once_each
from vouchers.audit.rules.risks.policy import Rule

HOURS = 24


def above_capacity(index: Index, rule: Rule) -> Iterator[Flag]:
    """A day's use, of one bill or of all bills together, above capacity times 24 hours.

    Where bills pass it only together, those that hold a good part of such a day are named.
    """
    for code, found in index.by_offering.items():
        room = index.book.offerings[code].capacity_per_hour * HOURS
        room += room * rule["tolerance_permille"] // 1000
        load: dict[int, int] = defaultdict(int)
        for one in once_each(found):
            for day, quantity in _days(one):
                load[day] += quantity
        full = {day for day, quantity in load.items() if quantity > room}
        if full:
            yield from _on_full_days(found, load, full, room, rule)


def _on_full_days(
    found: list[Redemption], load: dict[int, int], full: set[int], room: int, rule: Rule
) -> Iterator[Flag]:
    for one in found:
        parts = [
            (load[day], quantity)
            for day, quantity in _days(one)
            if day in full and quantity * 100 >= load[day] * rule["part_percent"]
        ]
        if parts:
            top, own = max(parts)
            yield rule.flag(
                one.code,
                (Evidence("offering", one.offering), Evidence("party", one.provider)),
                days=len(parts),
                used=top,
                own=own,
                room=room,
            )


def price_above_list(index: Index, rule: Rule) -> Iterator[Flag]:
    """A bill above quantity times the highest list price of its days; one fen is rounding."""
    for one in index.redemptions:
        listed = one.listed_fen if one.listed_fen is not None else one.quantity * one.list_fen
        units = one.list_units if one.listed_fen is None else 1
        allowed = listed * (1000 + rule["tolerance_permille"])
        if (one.amount_fen - 1) * units * 1000 > allowed:
            yield rule.flag(
                one.code,
                (Evidence("offering", one.offering),),
                amount_fen=one.amount_fen,
                listed_fen=-(-listed // units),
            )


def _days(one: Redemption) -> Iterator[tuple[int, int]]:
    return enumerate(one.by_day, one.starts_on.toordinal())
