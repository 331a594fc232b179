"""Opens the demonstration city: bureaus, schemes, providers with their supply, bundles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from accounts.models import Role
from common.periods import add_months, month_start
from marketplace.catalog.actions import scenarios
from marketplace.demo import cast, market, programs
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from marketplace.demo.market import Market
from marketplace.demo.packages import PACKAGES
from marketplace.demo.programs import Program
from marketplace.demo.suppliers import SUPPLIERS
from marketplace.demo.supply import Supplier
from providers import kinds
from providers.models import Facility, Provider
from vouchers.grants.actions import schemes
from vouchers.grants.models import Scheme

STAFF = (
    (Role.SCHEME_OFFICER, "郭晓岚"),
    (Role.REVIEWER, "范思远"),
    (Role.REVIEWER, "韩雪松"),
    (Role.AUDITOR, "董明珂"),
    (Role.SETTLEMENT_OFFICER, "蒋文博"),
    (Role.SETTLEMENT_OFFICER, "乔若溪"),
    (Role.SCHEME_OFFICER, "裴嘉树"),
)
QINGYANG_STAFF = (*STAFF, (Role.AUDITOR, "苏砚秋"), (Role.AUDITOR, "邵子衡"))
"""Cases about what the first auditor passed are signed by two others."""

SECOND_OFFICER = f"{Role.SCHEME_OFFICER}2"
BEIJING_STAFF = tuple(
    zip(
        (role for role, _name in STAFF),
        ("秦晓峰", "叶知秋", "尹航", "宋清扬", "丁书恒", "康乐怡", "祝文清"),
        strict=True,
    )
)
SIGN_IN_SUPPLIERS = frozenset({"models", "edge", "industry"})
"""Providers whose people get a password."""
MONTHS_OPEN = 12
"""Schemes take applications, and capacity is declared, this many months from the launch."""


@dataclass(slots=True)
class City:
    """Everything that stands before the first firm comes."""

    bureaus: dict[str, Team]
    schemes: dict[str, Scheme]
    market: Market

    def welcome(self) -> list[Team]:
        """The bureaus, and the providers whose people get a password."""
        return [*self.bureaus.values(), *map(self.market.sellers.__getitem__, SIGN_IN_SUPPLIERS)]


def open_city(calendar: Calendar) -> City:
    """Found the bureaus, admit the providers, list their goods, publish bundles and schemes."""
    at = moment(calendar.launch, 9)
    bureaus = {
        "qingyang": cast.found_bureau(
            slug="qingyang",
            name="庆阳市数据局（演示）",
            region="621000",
            serial=900,
            staff=QINGYANG_STAFF,
            at=at,
        ),
        "beijing": cast.found_bureau(
            slug="beijing",
            name="北京市经济和信息化局（演示）",
            region="110000",
            serial=901,
            staff=BEIJING_STAFF,
            at=at,
        ),
    }
    scenarios.load()
    goods = stock(SUPPLIERS, bureaus["qingyang"], at)
    for package in PACKAGES:
        market.publish(market=goods, package=package, at=at)
    listed = Provider.objects.filter(
        offerings__in=[goods.offerings[key] for key in ("deepseek", "box-tokens", "pool-tokens")]
    )
    codes = sorted(listed.values_list("code", flat=True).distinct())
    plans = {
        "qingyang": (programs.qingyang(), bureaus["qingyang"]),
        "beijing": (programs.beijing(codes), bureaus["beijing"]),
        "storage": (programs.storage_and_network(), bureaus["qingyang"]),
        "payback": (programs.payback(), bureaus["qingyang"]),
    }
    published = {
        key: publish(program, bureau, at=at, from_day=calendar.launch)
        for key, (program, bureau) in plans.items()
    }
    return City(bureaus, published, goods)


def publish(program: Program, bureau: Team, *, at: datetime, from_day: date) -> Scheme:
    """Write a scheme; another officer publishes it: its budget goes on the ledger."""
    officer = bureau[Role.SCHEME_OFFICER]
    scheme = schemes.create(
        by=officer,
        slug=program.slug,
        name=program.name,
        name_en=program.name_en,
        voucher_kinds=program.kinds,
        region=program.region,
        rules=program.rules,
        budget_fen=program.budget_yuan * 100,
        opens_on=from_day,
        closes_on=add_months(from_day, MONTHS_OPEN),
        source=program.source,
        at=at,
    )
    return schemes.publish(by=bureau[SECOND_OFFICER], scheme=scheme, at=at)


def stock(suppliers: Sequence[Supplier], bureau: Team, at: datetime) -> Market:
    """Register and verify the providers and list everything they sell."""
    shelf = Market()
    first = month_start(at.date())
    months = [add_months(first, number) for number in range(MONTHS_OPEN)]
    for serial, supplier in enumerate(suppliers, start=800):
        team = cast.register_supplier(supplier, serial=serial, slug=supplier.key, at=at)
        sites = market.admit(
            team=team, supplier=supplier, officer=bureau[Role.SCHEME_OFFICER], at=at
        )
        for goods in supplier.goods:
            shelf.offerings[goods.key] = market.sell(
                team=team,
                goods=goods,
                sites=sites,
                months=months,
                units=_units(supplier, sites, months[0]),
                at=at,
            )
        shelf.sellers[supplier.key] = team
    return shelf


def _units(supplier: Supplier, sites: Sequence[Facility], month: date) -> dict[str, int]:
    """Monthly units of each meter: an equal part of what the facility can deliver in a short month."""
    prices = [price for goods in supplier.goods for price in goods.prices]
    units = dict(market.MONTHLY_CAPACITY)
    if not sites:
        return units
    spec, kind = sites[0].spec, kinds.get(sites[0].kind)
    for meter in {price.meter for price in prices}:
        most = kind.most_units(spec, meter, 28 * 24 * 3600)
        sharing = sum(price.meter == meter for price in prices)
        if most is not None:
            units[meter] = min(units.get(meter, most), most // sharing)
    return units
