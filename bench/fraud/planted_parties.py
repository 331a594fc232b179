"""Planted fraud of papers and people: invoices, photographs, ties, reviewers.

Each trick comes in plain and in careful variants: numbers retyped with spaces, ties that
lead through a third firm.
"""

from dataclasses import replace
from datetime import timedelta

from bench.fraud.city import FIRST_DAY, City, add_firm, add_provider, add_voucher
from bench.fraud.clean import Counter, blurred, habits, redemption
from bench.fraud.cloth import Case, ordinary, tie, value_of
from vouchers.audit.rules.risks import facts

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def invoice_reused(city: City, papers: Counter) -> Case:
    """One number on two bills, the second time retyped."""
    rng = city.rng
    first = ordinary(city, papers)
    firm = first.firm if rng.random() < 0.4 else ""
    provider = first.provider if rng.random() < 0.6 else ""
    second = ordinary(city, papers, firm=firm, provider=provider)
    number = first.invoice_number
    typed = rng.choice(
        [number, number, f" {number[:4]} {number[4:]}", number.translate(_FULL_WIDTH)]
    )
    return [first, replace(second, invoice_number=typed)]


def invoice_near_match(city: City, papers: Counter) -> Case:
    """One bill claimed twice under a doctored number: a digit changed, or two swapped."""
    rng = city.rng
    first = ordinary(city, papers)
    second = ordinary(city, papers, firm=first.firm, provider=first.provider)
    number = first.invoice_number
    at = rng.randrange(len(number) - 4, len(number) - 1)
    if rng.random() < 0.5 and number[at] != number[at + 1]:
        doctored = number[:at] + number[at + 1] + number[at] + number[at + 2 :]
    else:
        doctored = (
            number[:at] + str((int(number[at]) + rng.randrange(1, 9)) % 10) + number[at + 1 :]
        )
    same = rng.random() < 0.7
    return [
        first,
        replace(
            second,
            invoice_number=doctored,
            invoice_fen=first.invoice_fen if same else int(first.invoice_fen * rng.uniform(0.99, 1.01)),
            amount_fen=first.amount_fen,
            voucher_fen=first.voucher_fen,
            quantity=first.quantity,
            list_fen=first.list_fen,
            list_units=first.list_units,
            offering=first.offering,
            starts_on=first.starts_on,
            at=first.at + timedelta(days=rng.randrange(1, 40)),
        ),
    ]  # fmt: skip


def related_parties(city: City, papers: Counter) -> Case:
    """Firm and provider are one hand: directly, or through a third firm."""
    rng = city.rng
    firm = add_firm(city)
    provider = city.provider()
    kind = rng.choice([facts.LEGAL_PERSON, facts.SHAREHOLDER, facts.PHONE, facts.ACCOUNT, facts.IP])
    if rng.random() < 0.5:
        tie(city, firm, kind, value_of(city, provider, kind))
    else:
        third, other = add_firm(city), rng.choice([facts.LEGAL_PERSON, facts.PHONE, facts.ADDRESS])
        own = f"{other}-{third}-own"
        tie(city, third, other, own)
        tie(city, firm, other, own)
        tie(city, third, kind, value_of(city, provider, kind))
    return [
        ordinary(city, papers, firm=firm, provider=provider) for _ in range(rng.randrange(1, 4))
    ]


def young_shell(city: City, papers: Counter) -> Case:
    """A firm founded for the voucher: days old, nobody insured, no revenue, a large claim."""
    rng = city.rng
    plan = rng.choice(city.plans)
    issued = FIRST_DAY + timedelta(days=rng.randrange(0, 180))
    firm = add_firm(
        city,
        founded_on=issued - timedelta(days=rng.randrange(10, 150)),
        insured_people=rng.choice([0, 0, 0, 1]),
        revenue_fen=0,
    )
    face = int(plan.face_yuan * rng.uniform(2, 4)) * 100
    voucher = add_voucher(city, firm, plan=plan, face_fen=face, issued_on=issued)
    own = habits(city, firm)
    return [
        redemption(
            city,
            papers,
            voucher=voucher,
            provider=own.provider,
            own=own,
            on=issued + timedelta(days=rng.randrange(5, 90)),
            voucher_fen=int(face * rng.uniform(0.2, 0.45)),
        )
        for _ in range(rng.randrange(1, 3))
    ]


def provider_concentration(city: City, papers: Counter) -> Case:
    """A provider that lives from two or three firms' vouchers and sells nothing else."""
    rng = city.rng
    provider = add_provider(city, other_income_fen=0)
    firms = [add_firm(city) for _ in range(rng.randrange(1, 4))]
    found = [
        ordinary(city, papers, firm=rng.choice(firms), provider=provider)
        for _ in range(rng.randrange(12, 30))
    ]
    income = sum(one.voucher_fen for one in found)
    party = city.parties[provider]
    city.parties[provider] = replace(party, other_income_fen=int(income * rng.uniform(0, 0.03)))
    return found


def reviewer_provider_pair(city: City, papers: Counter) -> Case:
    """One officer waves one provider through, whoever else is on duty."""
    rng = city.rng
    provider = add_provider(city)
    plan = rng.choice(city.plans)
    officer = rng.choice(plan.officers)
    return [
        replace(ordinary(city, papers, provider=provider, plan=plan), officer=officer)
        for _ in range(rng.randrange(12, 35))
    ]


def quick_approval(city: City, papers: Counter) -> Case:
    """Approved before anybody could have read it."""
    rng = city.rng
    return [replace(ordinary(city, papers), review_seconds=rng.randrange(2, 21))]


def photo_reused(city: City, papers: Counter) -> Case:
    """One photograph for several firms: sent again, saved smaller, now and then cropped."""
    rng = city.rng
    picture = rng.getrandbits(64)
    found = [replace(ordinary(city, papers), photos=(picture,))]
    for _ in range(rng.randrange(1, 5)):
        bits = rng.randrange(8, 13) if rng.random() < 0.05 else rng.randrange(0, 6)
        found.append(replace(ordinary(city, papers), photos=(blurred(rng, picture, bits),)))
    return found
