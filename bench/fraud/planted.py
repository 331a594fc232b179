"""Planted fraud, one function for each risk; each yields redemptions that a finder should name.

Each trick comes in plain and in careful variants: numbers retyped with spaces, copies with noise,
ties that lead through a third firm, amounts that stay well below the limit.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from bench.fraud.city import (
    DAYTIME,
    FIRST_DAY,
    SECTIONS,
    City,
    Plan,
    Shop,
    add_firm,
    add_provider,
    add_voucher,
)
from bench.fraud.clean import Counter, Habits, blurred, habits, redemption
from vouchers.audit.rules.risks import facts
from vouchers.audit.rules.risks.facts import Party, Redemption

Case = list[Redemption]
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")


def ordinary(
    city: City,
    papers: Counter,
    *,
    firm: str = "",
    provider: str = "",
    plan: Plan | None = None,
    yuan: float = 0,
    day: int = 0,
    days: int | None = None,
    shop: Shop | None = None,
    own: Habits | None = None,
) -> Redemption:
    """What an honest firm would hand in: the cloth that each trick is cut from."""
    rng = city.rng
    firm = firm or add_firm(city)
    own = own or habits(city, firm)
    yuan = yuan or min(rng.lognormvariate(7.5, 1.0), 15_000)
    voucher = add_voucher(city, firm, plan=plan, face_fen=int(yuan * rng.uniform(1.5, 4)) * 100)
    return redemption(
        city,
        papers,
        voucher=voucher,
        provider=provider or own.provider,
        own=own,
        on=voucher.issued_on + timedelta(days=day or rng.randrange(10, 80)),
        voucher_fen=int(yuan * 100),
        shop=shop,
        days=days,
    )


def metered(city: City, provider: str) -> Shop:
    """An offering of the provider whose use is counted, neither kept free nor packaged."""
    shops = [shop for shop in city.shops[provider] if not shop.reserved and not shop.package]
    if shops:
        return city.rng.choice(shops)
    shop = Shop(city.number("OF"), provider, "card_seconds", 700, 3600, False, False)
    city.shops[provider].append(shop)
    return shop


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
        tie(city, firm, kind, _value(city, provider, kind))
    else:
        third, other = add_firm(city), rng.choice([facts.LEGAL_PERSON, facts.PHONE, facts.ADDRESS])
        own = f"{other}-{third}-own"
        tie(city, third, other, own)
        tie(city, firm, other, own)
        tie(city, third, kind, _value(city, provider, kind))
    return [
        ordinary(city, papers, firm=firm, provider=provider) for _ in range(rng.randrange(1, 4))
    ]


def above_capacity(city: City, papers: Counter) -> Case:
    """More than the machine could give: in one bill, or in several bills of the same days."""
    rng = city.rng
    provider = add_provider(city)
    shop = metered(city, provider)
    days = rng.randrange(1, 8)
    room = int(rng.uniform(200, 3000) * 100 * shop.list_units / shop.list_fen)
    shop.capacity_per_hour = max(room // 24, 1)
    bills = 1 if rng.random() < 0.6 else rng.randrange(2, 4)
    over = rng.uniform(1.04, 1.8) / bills
    day = rng.randrange(10, 60)
    first = ordinary(city, papers, provider=provider, shop=shop, day=day, days=days)
    found = [first]
    for _ in range(bills - 1):
        other = ordinary(city, papers, provider=provider, shop=shop, day=day, days=days)
        found.append(replace(other, at=first.at, starts_on=first.starts_on))
    each = shop.capacity_per_hour * 24 * over
    return [
        used(one, [max(1, int(each * rng.uniform(0.97, 1.05))) for _ in range(days)])
        for one in found
    ]


def flat_curve(city: City, papers: Counter) -> Case:
    """Use that was typed in: every day the same, or nearly."""
    rng = city.rng
    provider = city.provider()
    days = rng.randrange(10, 31)
    one = ordinary(city, papers, provider=provider, shop=metered(city, provider), days=days)
    level = max(one.quantity // days, 1)
    jitter = rng.choice([0.0, 0.0, 0.002, 0.005, 0.01])
    return [
        used(one, [max(1, int(level * (1 + rng.uniform(-jitter, jitter)))) for _ in range(days)])
    ]


def copied_curve(city: City, papers: Counter) -> Case:
    """One firm's days handed in for another: as they are, scaled, or scaled with a little noise."""
    rng = city.rng
    provider = city.provider()
    shop = metered(city, provider)
    days = rng.randrange(14, 31)
    first = ordinary(city, papers, provider=provider, shop=shop, days=days)
    found = [first]
    for _ in range(rng.randrange(1, 4)):
        other = ordinary(city, papers, provider=provider, shop=shop, days=days)
        scale = rng.choice([1.0, 1.0, rng.uniform(0.4, 3)])
        noise = rng.choice([0.0, 0.0, 0.01, 0.02])
        copy = [max(1, int(q * scale * (1 + rng.uniform(-noise, noise)))) for q in first.by_day]
        found.append(used(other, copy))
    return found


def split_under_limit(city: City, papers: Counter) -> Case:
    """What would have been looked at closely, in pieces that are not."""
    rng = city.rng
    plan = rng.choice(city.plans)
    limit = plan.scheme.limit_fen
    firm, provider = add_firm(city), city.provider()
    count = rng.randrange(3, 8)
    voucher = add_voucher(city, firm, plan=plan, face_fen=limit * count)
    start = rng.randrange(20, 70)
    shop, own = metered(city, provider), habits(city, firm)
    found = []
    for _ in range(count):
        one = redemption(
            city,
            papers,
            voucher=voucher,
            provider=provider,
            own=own,
            on=voucher.issued_on + timedelta(days=start + rng.randrange(0, 6)),
            voucher_fen=int(limit * rng.uniform(0.86, 0.999) * plan.share),
            shop=shop,
            full_price=True,
        )
        found.append(priced(city, one, min(one.amount_fen, limit - rng.randrange(1, 5000))))
    return found


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


def burst_before_expiry(city: City, papers: Counter) -> Case:
    """A voucher asleep for months is emptied in its last days."""
    rng = city.rng
    plan = rng.choice(city.plans)
    voucher = add_voucher(
        city, add_firm(city), plan=plan, face_fen=int(plan.face_yuan * rng.uniform(0.7, 2)) * 100
    )
    own = habits(city, voucher.firm)
    bills = rng.randrange(1, 4)
    part = rng.uniform(0.6, 1.0) / bills
    shop = metered(city, own.provider)
    return [
        redemption(
            city,
            papers,
            voucher=voucher,
            provider=own.provider,
            own=own,
            on=voucher.expires_on - timedelta(days=rng.randrange(0, 4)),
            voucher_fen=int(voucher.face_fen * part),
            shop=shop,
            days=rng.randrange(2, 8),
            full_price=True,
        )
        for _ in range(bills)
    ]


def night_burst(city: City, papers: Counter) -> Case:
    """An office computes while it sleeps."""
    rng = city.rng
    names = [name for name in SECTIONS if name in DAYTIME]
    section = rng.choice(names if rng.random() < 0.85 else ["C", "I", "M"])
    firm = add_firm(city, section=section)
    own = habits(city, firm)
    own.hours = [40, 40, 40, 40, 40, 30, *[rng.randrange(0, 3) for _ in range(16)], 5, 30]
    one = ordinary(city, papers, firm=firm, own=own, shop=metered(city, own.provider))
    return [one]


def round_sums(city: City, papers: Counter) -> Case:
    """Metered use that comes to whole thousands, again and again."""
    rng = city.rng
    firm, provider = add_firm(city), city.provider()
    shop = metered(city, provider)
    step = rng.choice([50_000, 100_000, 100_000, 500_000])
    found = []
    for _ in range(rng.randrange(4, 11)):
        one = ordinary(city, papers, firm=firm, provider=provider, shop=shop)
        found.append(priced(city, one, step * rng.randrange(1, 9)))
    return found


def benford(city: City, papers: Counter) -> Case:
    """A provider whose amounts were made up: people like fives, sixes and sevens."""
    rng = city.rng
    provider = add_provider(city)
    shop = metered(city, provider)
    found = []
    for _ in range(rng.randrange(110, 180)):
        one = ordinary(city, papers, provider=provider, shop=shop)
        if rng.random() < 0.85:
            first = rng.choices(range(1, 10), [6, 8, 11, 13, 16, 15, 14, 10, 7])[0]
            scale = 10 ** rng.choice([4, 5, 5, 6])
            one = priced(city, one, first * scale + rng.randrange(scale))
        found.append(one)
    return found


def one_shot(city: City, papers: Counter) -> Case:
    """A large voucher gone in one bill, days after it was issued."""
    rng = city.rng
    plan = rng.choice([plan for plan in city.plans if not plan.by_contract])
    firm = add_firm(city)
    voucher = add_voucher(
        city, firm, plan=plan, face_fen=int(plan.face_yuan * rng.uniform(1.2, 3)) * 100
    )
    own = habits(city, firm)
    one = redemption(
        city,
        papers,
        voucher=voucher,
        provider=own.provider,
        own=own,
        on=voucher.issued_on + timedelta(days=rng.randrange(0, 4)),
        voucher_fen=int(voucher.face_fen * rng.uniform(0.97, 1.0)),
        shop=metered(city, own.provider),
        days=1,
        full_price=True,
    )
    return [one]


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


def price_above_list(city: City, papers: Counter) -> Case:
    """The bill costs more than the list says."""
    rng = city.rng
    one = ordinary(city, papers)
    exact = one.quantity * one.list_fen / one.list_units
    amount = int(exact * rng.uniform(1.03, 1.6)) + 5
    share = city.plan_of[one.voucher].share
    return [replace(one, amount_fen=amount, voucher_fen=int(amount * share), invoice_fen=amount)]


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


CASES: dict[str, Callable[[City, Counter], Case]] = {
    each.__name__: each
    for each in (
        invoice_reused, invoice_near_match, related_parties, above_capacity, flat_curve,
        copied_curve, split_under_limit, young_shell, burst_before_expiry, night_burst, round_sums,
        benford, one_shot, provider_concentration, price_above_list, reviewer_provider_pair,
        quick_approval, photo_reused,
    )
}  # fmt: skip
"""One trick for each risk."""


def plant(
    city: City, papers: Counter, *, risk: str, at_least: int
) -> Iterator[tuple[str, Redemption]]:
    """Redemptions of one risk, whole cases until there are enough."""
    count = 0
    while count < at_least:
        case = CASES[risk](city, papers)
        count += len(case)
        for one in case:
            yield risk, one


def tie(city: City, firm: str, kind: str, value: str) -> None:
    """Give a party one more tie."""
    party: Party = city.parties[firm]
    city.parties[firm] = replace(party, ties=(*party.ties, (kind, value)))


def _value(city: City, code: str, kind: str) -> str:
    for name, value in city.parties[code].ties:
        if name == kind and value.endswith(code):
            return value
    own = f"{kind}-{code}-own"
    tie(city, code, kind, own)
    return own


def used(one: Redemption, by_day: list[int]) -> Redemption:
    """The same bill over another curve; amounts follow at the list price."""
    total = sum(by_day)
    hours = list(one.by_hour)
    scaled = [hour * total // max(one.quantity, 1) for hour in hours]
    scaled[12] += total - sum(scaled)
    amount = max(1, total * one.list_fen // one.list_units)
    share = one.voucher_fen / one.amount_fen
    return replace(
        one,
        by_day=tuple(by_day),
        by_hour=tuple(scaled),
        quantity=total,
        amount_fen=amount,
        voucher_fen=max(1, min(amount, int(amount * share))),
        invoice_fen=amount,
    )


def priced(city: City, one: Redemption, amount_fen: int) -> Redemption:
    """The same bill for exactly this amount, with the use that the list price asks for it."""
    share = city.plan_of[one.voucher].share
    total = -(-amount_fen * one.list_units // one.list_fen)
    scaled = used(one, [max(1, day * total // max(one.quantity, 1)) for day in one.by_day])
    top = scaled.by_day.index(max(scaled.by_day))
    days = list(scaled.by_day)
    days[top] += total - sum(days)
    return replace(
        used(one, days),
        amount_fen=amount_fen,
        voucher_fen=max(1, int(amount_fen * share)),
        invoice_fen=amount_fen,
    )
