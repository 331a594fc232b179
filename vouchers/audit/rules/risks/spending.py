"""How a voucher is spent: in pieces below a limit, at once, in its last days."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from vouchers.audit.rules.risks.chances import part_at_least
from vouchers.audit.rules.risks.facts import Redemption, Voucher
from vouchers.audit.rules.risks.flags import Evidence, Flag, shown
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule


def split_under_limit(index: Index, rule: Rule) -> Iterator[Flag]:
    """Several bills of one firm within a few days, each just under the scheme's limit."""
    for (_firm, code), every in index.by_firm_and_scheme.items():
        limit = index.book.schemes[code].limit_fen
        low = limit * rule["from_percent"] // 100
        found = sorted(
            (one for one in every if low <= one.amount_fen < limit), key=lambda one: one.at
        )
        for one in found:
            window = timedelta(days=rule["days"])
            near = [each for each in found if abs(each.at - one.at) <= window]
            if len(near) >= rule["least_bills"]:
                yield rule.flag(
                    one.code,
                    shown("redemption", (each.code for each in near if each is not one)),
                    bills=len(near),
                    limit_fen=limit,
                    together_fen=sum(each.amount_fen for each in near),
                )


def one_shot(index: Index, rule: Rule) -> Iterator[Flag]:
    """A voucher of at least its scheme's middle size, gone in one bill days after its issue.

    Schemes where that is the habit (one contract, one voucher) are left out.
    """
    shots: dict[str, list[Redemption]] = defaultdict(list)
    used: dict[str, int] = defaultdict(int)
    for code, found in index.by_voucher.items():
        voucher = index.book.vouchers[code]
        used[voucher.scheme] += 1
        for one in found:
            if one.voucher_fen * 100 >= voucher.face_fen * rule["face_percent"]:
                shots[voucher.scheme].append(one)
    for scheme, found in shots.items():
        if len(found) * 100 > used[scheme] * rule["habit_percent"]:
            continue
        for one in found:
            voucher = index.voucher(one)
            days = (one.at.date() - voucher.issued_on).days
            large = voucher.face_fen >= index.middle_face[scheme]
            if large and days <= rule["days"]:
                yield rule.flag(
                    one.code,
                    (Evidence("voucher", voucher.code),),
                    face_fen=voucher.face_fen,
                    paid_fen=one.voucher_fen,
                    days=days,
                )


def burst_before_expiry(index: Index, rule: Rule) -> Iterator[Flag]:
    """A good part of a voucher spent in its last days, after it had hardly been used.

    Held against what other firms of the section do: where many hurry, hurrying is no sign.
    """
    window = timedelta(days=rule["last_days"])
    parts: dict[str, list[float]] = defaultdict(list)
    bursts = []
    for code, found in index.by_voucher.items():
        voucher = index.book.vouchers[code]
        last = [one for one in found if one.at.date() > voucher.expires_on - window]
        late = sum(one.voucher_fen for one in last)
        part = late / voucher.face_fen
        section = index.book.parties[voucher.firm].section
        parts[section].append(part)
        every = sum(one.voucher_fen for one in found)
        if late * 100 >= every * rule["of_used_percent"]:
            bursts.append((section, part, late, voucher, last))
    for each in parts.values():
        each.sort()
    for section, part, late, voucher, last in bursts:
        reached = part_at_least(part, parts[section]) * 100
        if part * 100 >= rule["of_face_percent"] and reached <= rule["section_percent"]:
            yield from _burst(rule, voucher, last, late)


def _burst(rule: Rule, voucher: Voucher, last: list[Redemption], late: int) -> Iterator[Flag]:
    for one in last:
        yield rule.flag(
            one.code,
            (
                Evidence("voucher", voucher.code),
                *shown("redemption", (each.code for each in last if each is not one)),
            ),
            late_fen=late,
            face_fen=voucher.face_fen,
            days=rule["last_days"],
        )
