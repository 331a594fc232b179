"""Firms that look made for the voucher, and firms that compute while they sleep."""

from collections import defaultdict
from collections.abc import Iterator

from vouchers.audit.rules.risks.chances import usual_most
from vouchers.audit.rules.risks.facts import Redemption
from vouchers.audit.rules.risks.flags import Evidence, Flag
from vouchers.audit.rules.risks.index import Index
from vouchers.audit.rules.risks.policy import Rule

NIGHT = (22, 23, 0, 1, 2, 3, 4, 5)
"""Hours from 22:00 to 6:00: a third of the day."""


def young_shell(index: Index, rule: Rule) -> Iterator[Flag]:
    """Young at issue, next to nobody insured, next to no revenue, and a voucher above the middle.

    Each alone is what an honest startup of one person looks like; only all together count.
    """
    for one in index.redemptions:
        firm, voucher = index.firm(one), index.voucher(one)
        days = (voucher.issued_on - firm.founded_on).days
        if (
            days < rule["days"]
            and firm.insured_people <= rule["most_people"]
            and firm.revenue_fen <= rule["most_revenue_fen"]
            and voucher.face_fen >= index.middle_face[voucher.scheme]
        ):
            yield rule.flag(
                one.code,
                (Evidence("party", firm.code), Evidence("voucher", voucher.code)),
                days=days,
                people=firm.insured_people,
                face_fen=voucher.face_fen,
            )


def night_burst(index: Index, rule: Rule) -> Iterator[Flag]:
    """Most use between 22:00 and 6:00, far beyond what all but one in twenty of the section do.

    A few units have no pattern, so `least_quantity` is asked for.
    """
    parts: dict[str, list[float]] = defaultdict(list)
    late = []
    for one in index.redemptions:
        if one.quantity < rule["least_quantity"]:
            continue
        part = night_part(one)
        section = index.firm(one).section
        parts[section].append(part)
        if part * 100 >= rule["night_percent"] and one.amount_fen >= rule["least_fen"]:
            late.append((section, part, one))
    usual = {section: usual_most(found) for section, found in parts.items()}
    for section, part, one in late:
        if part >= usual[section] + rule["beyond_percent"] / 100:
            yield rule.flag(
                one.code,
                (Evidence("party", one.firm),),
                percent=int(part * 100),
                section=section,
            )


def night_part(one: Redemption) -> float:
    """The part of the use that fell into the night."""
    return sum(one.by_hour[hour] for hour in NIGHT) / max(sum(one.by_hour), 1)
