"""Ordinary redemptions: skewed amounts, weekly and hourly habits, papers, reviews."""

import math
import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

from bench.fraud.city import DAYTIME, City, Shop, add_voucher
from vouchers.audit.rules.risks.facts import Redemption, Voucher

SHANGHAI = timezone(timedelta(hours=8))
SCENES = 400
_OFFICE = [1, 1, 1, 1, 1, 1, 2, 5, 14, 20, 21, 18, 12, 17, 21, 21, 19, 15, 9, 7, 6, 5, 3, 2]
_ROUND_THE_CLOCK = [
    9,
    9,
    8,
    8,
    8,
    8,
    8,
    9,
    11,
    13,
    14,
    13,
    11,
    13,
    14,
    14,
    13,
    12,
    11,
    11,
    11,
    11,
    10,
    10,
]
_NIGHT_JOBS = [24, 25, 25, 25, 24, 22, 14, 6, 5, 5, 5, 5, 5, 5, 5, 5, 5, 6, 7, 8, 10, 14, 20, 23]


@dataclass(slots=True)
class Habits:
    """How one firm computes, all year."""

    hours: list[int]
    weekend: float
    noise: float
    provider: str


@dataclass(slots=True)
class Counter:
    """The next invoice number of each provider: clean neighbors differ by one digit."""

    numbers: dict[str, int]
    scenes: list[int]


def counter(rng: random.Random) -> Counter:
    """Fresh numbers and the scenes that people take photographs of."""
    return Counter({}, [rng.getrandbits(64) for _ in range(SCENES)])


def habits(city: City, firm: str) -> Habits:
    """By section, with exceptions: some shops train models at night, some never close."""
    rng = city.rng
    daytime = city.parties[firm].section in DAYTIME
    draw = rng.random()
    if draw < (0.004 if daytime else 0.15):
        hours = _NIGHT_JOBS
    elif draw < (0.05 if daytime else 0.5):
        hours = _ROUND_THE_CLOCK
    else:
        hours = _OFFICE
    always_on = rng.random() < 0.08
    return Habits(
        hours,
        rng.uniform(0.8, 1.0) if hours is _ROUND_THE_CLOCK else rng.uniform(0.1, 0.7),
        rng.uniform(0.04, 0.08) if always_on else rng.uniform(0.12, 0.5),
        city.provider(),
    )


def life(city: City, papers: Counter, firm: str) -> list[Redemption]:
    """One voucher's redemptions from issue to expiry."""
    rng = city.rng
    voucher = add_voucher(city, firm)
    plan = city.plan_of[voucher.code]
    own = habits(city, firm)
    if plan.by_contract or rng.random() < 0.02:
        days = [min(int(rng.expovariate(1 / 40)), plan.months * 30 - 1)]
        parts = [rng.uniform(0.7, 1.0) if rng.random() < 0.7 else 1.0]
    else:
        days = _days(rng, plan.months * 30)
        raw = [rng.lognormvariate(0, 1.0) for _ in days]
        used = min(1.0, rng.betavariate(2.2, 1.1))
        parts = [used * each / sum(raw) for each in raw]
    found = []
    for day, part in sorted(zip(days, parts, strict=True)):
        provider = own.provider if rng.random() < 0.85 else city.provider()
        found.append(
            redemption(
                city,
                papers,
                voucher=voucher,
                provider=provider,
                own=own,
                on=voucher.issued_on + timedelta(days=day),
                voucher_fen=max(int(voucher.face_fen * part), 100),
            )
        )
    return found


def redemption(
    city: City,
    papers: Counter,
    *,
    voucher: Voucher,
    provider: str,
    own: Habits,
    on: date,
    voucher_fen: int,
    shop: Shop | None = None,
    days: int | None = None,
    full_price: bool = False,
) -> Redemption:
    """One redemption as an honest firm makes it, for about so much of its voucher."""
    rng = city.rng
    plan = city.plan_of[voucher.code]
    shop = shop or rng.choice(city.shops[provider])
    days = days or (30 if rng.random() < 0.6 else rng.randrange(3, 21))
    starts_on = on - timedelta(days=days)
    quantity = max(1, int(voucher_fen / plan.share * shop.list_units / shop.list_fen))
    if shop.reserved:
        quantity = max(quantity // (86_400 * days), 1) * 86_400 * days
    by_day = _spread(quantity, _day_weights(rng, own, starts_on, days, shop))
    by_hour = _spread(quantity, [1] * 24 if shop.reserved else _hour_weights(rng, own))
    discount = 1.0 if full_price or rng.random() < 0.7 or shop.package else rng.uniform(0.7, 1.0)
    amount = max(1, math.floor(quantity * shop.list_fen / shop.list_units * discount + 0.5))
    return Redemption(
        code=city.number("RD"),
        voucher=voucher.code,
        firm=voucher.firm,
        provider=provider,
        offering=shop.code,
        at=moment(rng, on),
        starts_on=starts_on,
        by_day=by_day,
        by_hour=by_hour,
        quantity=quantity,
        amount_fen=amount,
        voucher_fen=max(1, min(int(amount * plan.share), voucher_fen)),
        list_fen=shop.list_fen,
        list_units=shop.list_units,
        invoice_number=invoice_number(papers, provider, rng),
        invoice_fen=amount if rng.random() < 0.9 else amount + rng.randrange(100, 5_000_000),
        officer=rng.choice(plan.officers),
        review_seconds=_review_seconds(rng, amount),
        photos=_photos(rng, papers),
    )


def invoice_number(papers: Counter, provider: str, rng: random.Random) -> str:
    """Sequential by seller: twenty digits, or the older eight."""
    skip = 1 if rng.random() < 0.5 else rng.randrange(2, 60)
    first = (int(provider[1:]) * 7_919) % 9_000 * 10_000
    papers.numbers[provider] = papers.numbers.get(provider, first) + skip
    serial = papers.numbers[provider]
    if int(provider[1:]) % 20 == 0:
        return f"{serial % 10**8:08d}"
    return f"265120{int(provider[1:]):07d}{serial % 10**7:07d}"


def moment(rng: random.Random, on: date) -> datetime:
    """A bill is charged in working hours, mostly."""
    seconds = int(min(max(rng.gauss(14, 4), 0), 23.9) * 3600)
    return datetime.combine(on, time(), SHANGHAI) + timedelta(seconds=seconds)


def _days(rng: random.Random, validity: int) -> list[int]:
    """How many times and when: a long tail, and an honest rush before the last day."""
    count = 1 + min(int(rng.lognormvariate(1.7, 0.8)), 40)
    days = [rng.randrange(2, validity) for _ in range(count)]
    if count > 1 and rng.random() < 0.12:
        days[-1] = validity - rng.randrange(0, 10)
    return days


def _day_weights(
    rng: random.Random, own: Habits, starts_on: date, days: int, shop: Shop
) -> list[float]:
    if shop.reserved:
        return [1.0] * days
    if shop.package:
        return [1.0] + [0.0] * (days - 1)
    trend, first = rng.gauss(0, 0.3) / days, starts_on.weekday()
    weights, level = [], 1.0
    for day in range(days):
        level = 0.6 * level + 0.4 * math.exp(rng.gauss(0, own.noise * 1.6))
        weekend = own.weekend if (first + day) % 7 >= 5 and own.noise >= 0.1 else 1.0
        noise = math.exp(rng.gauss(0, own.noise / 2))
        weights.append(max(level * noise * weekend * (1 + trend * day), 0.01))
    return weights


def _hour_weights(rng: random.Random, own: Habits) -> list[float]:
    return [weight * (0.6 + 0.8 * rng.random()) for weight in own.hours]


def _spread(quantity: int, weights: list[float] | list[int]) -> tuple[int, ...]:
    total = sum(weights)
    parts = [int(quantity * weight / total) for weight in weights]
    parts[parts.index(max(parts))] += quantity - sum(parts)
    return tuple(parts)


def _review_seconds(rng: random.Random, amount_fen: int) -> int:
    middle = 90 + 60 * math.log10(max(amount_fen, 10_000) / 10_000)
    return max(6, int(rng.lognormvariate(math.log(middle), 0.55)))


def _photos(rng: random.Random, papers: Counter) -> tuple[int, ...]:
    """One in five brings a photograph; the same scene again is another picture."""
    if rng.random() >= 0.2:
        return ()
    if rng.random() < 0.005:
        return (0,)
    return (blurred(rng, rng.choice(papers.scenes), rng.randrange(10, 26)),)


def blurred(rng: random.Random, picture: int, bits: int) -> int:
    """The hash with so many bits turned."""
    for bit in rng.sample(range(64), bits):
        picture ^= 1 << bit
    return picture
