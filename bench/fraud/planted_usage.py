"""Planted fraud of usage and amounts: curves, bursts, sums, prices.

Each trick comes in plain and in careful variants: copies with noise, amounts that stay
well below the limit.
"""

from dataclasses import replace
from datetime import timedelta

from bench.fraud.city import DAYTIME, SECTIONS, City, add_firm, add_provider, add_voucher
from bench.fraud.clean import Counter, habits, redemption
from bench.fraud.cloth import Case, metered, ordinary, priced, used


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


def price_above_list(city: City, papers: Counter) -> Case:
    """The bill costs more than the list says."""
    rng = city.rng
    one = ordinary(city, papers)
    exact = one.quantity * one.list_fen / one.list_units
    amount = int(exact * rng.uniform(1.03, 1.6)) + 5
    share = city.plan_of[one.voucher].share
    return [replace(one, amount_fen=amount, voucher_fen=int(amount * share), invoice_fen=amount)]
