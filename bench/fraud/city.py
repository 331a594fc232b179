"""A city of firms and providers with the skew that a real one has.

Many coincidences here are innocent on purpose: bookkeepers whose telephone stands for dozens of
firms, addresses where hundreds are registered, parks behind one IP address, funds that hold shares
everywhere, couples with two firms, startups of one person, providers with three customers.
"""

import math
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from vouchers.audit.rules.risks import facts
from vouchers.audit.rules.risks.facts import Party, Scheme, Voucher

FIRST_DAY = date(2026, 1, 1)
SECTIONS = {
    "A": 2, "C": 28, "D": 2, "E": 5, "F": 10, "G": 6, "I": 22, "J": 2, "L": 8, "M": 10, "N": 2,
    "O": 1, "R": 2,
}  # fmt: skip
"""Weights of the sections."""

DAYTIME = ("A", "E", "F", "G", "L", "N", "O", "R")
"""Sections whose people compute in office hours; the others run jobs at night too."""


@dataclass(slots=True)
class Plan:
    """A scheme and what the generator knows about it beyond the rules' view."""

    scheme: Scheme
    officers: list[str]
    share: float
    face_yuan: float
    by_contract: bool
    months: int


@dataclass(slots=True)
class Shop:
    """A provider's offering before its capacity is known."""

    code: str
    provider: str
    meter: str
    list_fen: int
    list_units: int
    reserved: bool
    package: bool
    capacity_per_hour: int = 0


@dataclass(slots=True)
class City:
    """Everything drawn so far; `rng` is the only source of chance."""

    rng: random.Random
    plans: list[Plan] = field(default_factory=list)
    parties: dict[str, Party] = field(default_factory=dict)
    firms: list[str] = field(default_factory=list)
    providers: list[str] = field(default_factory=list)
    popularity: list[float] = field(default_factory=list)
    shops: dict[str, list[Shop]] = field(default_factory=dict)
    vouchers: dict[str, Voucher] = field(default_factory=dict)
    plan_of: dict[str, Plan] = field(default_factory=dict)
    hubs: dict[str, list[str]] = field(default_factory=dict)
    serial: int = 0

    def number(self, prefix: str) -> str:
        """The next code."""
        self.serial += 1
        return f"{prefix}{self.serial:07d}"

    def provider(self) -> str:
        """A provider by popularity."""
        return self.rng.choices(self.providers, self.popularity)[0]


def build(seed: int, redemptions: int) -> City:
    """A city for about so many redemptions."""
    city = City(random.Random(seed))
    firms = max(redemptions // 8, 40)
    size = max(firms // 400, 2)
    city.hubs = {
        facts.PHONE: [f"agent{n}" for n in range(size * 3)],
        facts.ADDRESS: [f"cluster{n}" for n in range(size * 3)],
        facts.IP: [f"park{n}" for n in range(size * 2)],
        facts.SHAREHOLDER: [f"fund{n}" for n in range(size)],
    }
    city.plans = _plans()
    for _ in range(firms):
        city.firms.append(add_firm(city))
    for rank in range(max(12, int(math.sqrt(firms) * 1.1))):
        add_provider(city, popularity=1 / (rank + 2) ** 1.05)
    return city


def add_firm(
    city: City,
    *,
    section: str = "",
    founded_on: date | None = None,
    insured_people: int | None = None,
    revenue_fen: int | None = None,
) -> str:
    """A firm with ordinary ties."""
    rng = city.rng
    age_days = int(rng.expovariate(1 / 2300)) + 40
    alone = rng.random() < 0.08
    people = 1 if alone else max(1, int(rng.lognormvariate(2.3, 1.1)))
    revenue = int(people * rng.lognormvariate(math.log(35_000_000), 0.7))
    code = city.number("E")
    city.parties[code] = Party(
        code,
        section or rng.choices(list(SECTIONS), list(SECTIONS.values()))[0],
        founded_on or FIRST_DAY - timedelta(days=age_days),
        people if insured_people is None else insured_people,
        (revenue if age_days > 450 else revenue // 10) if revenue_fen is None else revenue_fen,
        tuple(_ties(city, code)),
    )
    return code


def add_provider(
    city: City, *, popularity: float = 0.0, other_income_fen: int | None = None
) -> str:
    """A provider with offerings; popularity zero keeps ordinary firms away."""
    rng = city.rng
    code = city.number("S")
    people = int(rng.lognormvariate(4, 0.8)) + 3
    ties = [
        (facts.LEGAL_PERSON, f"person-{code}"),
        (facts.SHAREHOLDER, f"holder-{code}"),
        (facts.PHONE, f"phone-{code}"),
        (facts.ADDRESS, _or_hub(city, facts.ADDRESS, 0.2, f"address-{code}")),
        (facts.ACCOUNT, f"account-{code}"),
        (facts.IP, _or_hub(city, facts.IP, 0.2, f"ip-{code}")),
    ]
    if rng.random() < 0.15:
        ties.append((facts.SHAREHOLDER, rng.choice(city.hubs[facts.SHAREHOLDER])))
    income = int(rng.lognormvariate(math.log(60_000_000_00), 1.2) * max(popularity, 0.002))
    city.parties[code] = Party(
        code,
        "I",
        FIRST_DAY - timedelta(days=int(rng.expovariate(1 / 1500)) + 300),
        people,
        income * 3,
        tuple(ties),
        income if other_income_fen is None else other_income_fen,
    )
    city.shops[code] = [_shop(city, code, kind) for kind in _kinds(rng)]
    if popularity:
        city.providers.append(code)
        city.popularity.append(popularity)
    return code


def add_voucher(
    city: City,
    firm: str,
    *,
    plan: Plan | None = None,
    face_fen: int | None = None,
    issued_on: date | None = None,
) -> Voucher:
    """A voucher; faces are skewed and whole hundreds of yuan."""
    rng = city.rng
    plan = plan or rng.choice(city.plans)
    start = issued_on or FIRST_DAY + timedelta(days=rng.randrange(0, 200))
    face = max(1000, round(rng.lognormvariate(math.log(plan.face_yuan), 0.8), -2))
    voucher = Voucher(
        city.number("VC"),
        plan.scheme.code,
        firm,
        int(face) * 100 if face_fen is None else face_fen,
        start,
        start + timedelta(days=plan.months * 30),
    )
    city.vouchers[voucher.code] = voucher
    city.plan_of[voucher.code] = plan
    return voucher


def _plans() -> list[Plan]:
    rows = [
        (2_000_000, 0.3, 12_000, False, 6),
        (5_000_000, 0.5, 40_000, False, 6),
        (10_000_000, 0.3, 90_000, False, 5),
        (3_000_000, 1.0, 8_000, False, 4),
        (5_000_000, 0.2, 30_000, True, 6),
    ]
    return [
        Plan(
            Scheme(f"SC{number}", limit),
            [f"officer{number}-{each}" for each in range(8)],
            share,
            face,
            by_contract,
            months,
        )
        for number, (limit, share, face, by_contract, months) in enumerate(rows)
    ]


def _ties(city: City, code: str) -> list[tuple[str, str]]:
    rng = city.rng
    other = city.firms[rng.randrange(len(city.firms))] if city.firms else code
    couple = rng.random() < 0.01
    owner = f"person-{other if rng.random() < 0.015 else code}"
    ties = [(facts.LEGAL_PERSON, owner)]
    ties += [(facts.SHAREHOLDER, f"holder-{code}-{n}") for n in range(rng.randrange(0, 4))]
    if rng.random() < 0.6:
        ties.append((facts.SHAREHOLDER, owner))
    if rng.random() < 0.03:
        ties.append((facts.SHAREHOLDER, rng.choice(city.hubs[facts.SHAREHOLDER])))
    phone = _or_hub(city, facts.PHONE, 0.12, f"phone-{code}")
    ties.append((facts.PHONE, f"phone-{other}" if couple else phone))
    ties.append((facts.ADDRESS, _or_hub(city, facts.ADDRESS, 0.25, f"address-{code}")))
    ties.append((facts.ACCOUNT, f"account-{code}"))
    ties.append((facts.IP, _or_hub(city, facts.IP, 0.2, f"ip-{code}")))
    return ties


def _or_hub(city: City, kind: str, part: float, own: str) -> str:
    rng = city.rng
    if rng.random() >= part:
        return own
    hubs = city.hubs[kind]
    return hubs[int(len(hubs) * rng.random() ** 2)]


def _kinds(rng: random.Random) -> list[str]:
    kinds = ["card_seconds", "input_tokens", "core_seconds", "calls", "reserved", "package"]
    return rng.choices(kinds, [40, 25, 15, 12, 4, 4], k=rng.choice([1, 2, 3, 4]))


def _shop(city: City, provider: str, kind: str) -> Shop:
    rng = city.rng
    meter = {"reserved": "card_seconds", "package": "images"}.get(kind, kind)
    price, units = {
        "card_seconds": (rng.randrange(250, 1800), 3600),
        "input_tokens": (rng.randrange(40, 900), 1_000_000),
        "core_seconds": (rng.randrange(8, 45), 3600),
        "calls": (rng.randrange(90, 900), 1000),
        "reserved": (rng.randrange(250, 1800), 3600),
        "package": (rng.choice([50_000, 98_000, 100_000, 300_000, 12_800]), 1),
    }[kind]
    return Shop(
        city.number("OF"), provider, meter, price, units, kind == "reserved", kind == "package"
    )
