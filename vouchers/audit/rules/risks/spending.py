"""How a voucher is spent: in pieces below a limit, at once, in its last days."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import timedelta

from vouchers.audit.rules.risks.chances import usual_most
from vouchers.audit.rules.risks.facts import Redemption, Voucher
from vouchers.audit.rules.risks.flags import Evidence, Flag, shown
from vouchers.audit.rules.risks.index import Index, once_each
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
            near = once_each(each for each in found if abs(each.at - one.at) <= window)
            if len(near) >= rule["least_bills"]:
                yield rule.flag(
                    one.code,
                    shown("redemption", (each.code for each in near if each.billed != one.billed)),
                    bills=len(near),
                    limit_fen=limit,
                    together_fen=sum(each.amount_fen for each in near),
                )


def one_shot(index: Index, rule: Rule) -> Iterator[Flag]:
    """A voucher of at least its scheme's middle size, gone in one bill days after its issue.

    Schemes where that is the habit (one contract, one voucher) are left out: the habit is measured
    by vouchers that were spent at once later, so that the early ones cannot excuse themselves.
    """
    early: dict[str, list[Redemption]] = defaultdict(list)
    later: Counter[str] = Counter()
    used: Counter[str] = Counter()
    for code, found in index.by_voucher.items():
        voucher = index.book.vouchers[code]
        used[voucher.scheme] += 1
        for one in found:
            if one.voucher_fen * 100 >= voucher.face_fen * rule["face_percent"]:
                if _days_held(one, voucher) > rule["days"]:
                    later[voucher.scheme] += 1
                elif voucher.face_fen >= index.middle_face[voucher.scheme]:
                    early[voucher.scheme].append(one)
    for scheme, found in early.items():
        if later[scheme] * 100 <= used[scheme] * rule["habit_percent"]:
            for one in found:
                yield _shot(rule, one, index.voucher(one))


def _shot(rule: Rule, one: Redemption, voucher: Voucher) -> Flag:
    return rule.flag(
        one.code,
        (Evidence("voucher", voucher.code),),
        face_fen=voucher.face_fen,
        paid_fen=one.voucher_fen,
        days=_days_held(one, voucher),
    )


def _days_held(one: Redemption, voucher: Voucher) -> int:
    return (one.at.date() - voucher.issued_on).days


def burst_before_expiry(index: Index, rule: Rule) -> Iterator[Flag]:
    """A good part of a voucher spent in its last days, after it had hardly been used.

    Held against what all but one in twenty of the section do: where many hurry, hurrying is no sign.
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
    usual = {section: usual_most(found) for section, found in parts.items()}
    for section, part, late, voucher, last in bursts:
        beyond = part >= usual[section] + rule["beyond_percent"] / 100
        if part * 100 >= rule["of_face_percent"] and beyond:
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
