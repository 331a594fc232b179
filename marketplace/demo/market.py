"""Opens the demonstration's supply: providers verified, offerings priced and listed, bundles published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from accounts.access import Actor
from accounts.models import Role
from marketplace.catalog.actions import bundles
from marketplace.catalog.models import Bundle, Scenario
from marketplace.demo.cast import Team
from marketplace.demo.packages import Package
from marketplace.demo.supply import Goods, Supplier
from providers.actions import capacities, facilities, offerings, rates, registrations
from providers.models import Facility, Offering

LICENSE_EXPIRES = date(2031, 12, 31)

MONTHLY_CAPACITY = {
    "input_tokens": 4_000_000_000_000,
    "output_tokens": 1_000_000_000_000,
    "calls": 50_000_000,
    "line_mbps_seconds": 40_000 * 28 * 24 * 3600,
}
"""Declared base units a month where the facility's specification states no bound."""


@dataclass(slots=True)
class Market:
    """What can be bought: offerings by key, bundles by name, and who sells."""

    sellers: dict[str, Team] = field(default_factory=dict)
    offerings: dict[str, Offering] = field(default_factory=dict)
    bundles: dict[str, Bundle] = field(default_factory=dict)

    def seller_of(self, offering: Offering) -> Team:
        """The team that sells an offering."""
        owner = offering.provider.organization_id
        return next(team for team in self.sellers.values() if team.organization.pk == owner)


def admit(*, team: Team, supplier: Supplier, officer: Actor, at: datetime) -> list[Facility]:
    """Register a provider, have it verified, and add its facilities."""
    provider = registrations.submit(
        by=team[Role.OPERATOR],
        contact=f"{supplier.legal_person} 0934-8600000",
        license_number=supplier.license_number,
        license_expires_on=LICENSE_EXPIRES,
        at=at,
    )
    registrations.verify(by=officer, provider=provider, at=at)
    return [
        facilities.add(
            by=team[Role.OPERATOR],
            kind=site.kind,
            name=site.name,
            region=site.region,
            latency_us=site.latency_us,
            spec=site.spec,
            at=at,
        )
        for site in supplier.sites
    ]


def sell(
    *,
    team: Team,
    goods: Goods,
    sites: Sequence[Facility],
    months: Sequence[date],
    units: Mapping[str, int],
    at: datetime,
) -> Offering:
    """Create, price and list an offering, with the given capacity in each month."""
    operator = team[Role.OPERATOR]
    offering = offerings.create(
        by=operator,
        facility=sites[goods.facility] if goods.facility is not None and sites else None,
        layer=goods.layer,
        name=goods.name,
        summary=goods.summary,
        model_name=goods.model_name,
        has_domestic_chip=goods.has_domestic_chip,
        at=at,
    )
    for price in goods.prices:
        rates.set_price(
            by=operator,
            offering=offering,
            meter=price.meter,
            price_yuan=price.yuan,
            per_units=price.per_units,
            from_day=at.date(),
            source=price.source,
            at=at,
        )
        if price.meter in units:
            capacities.declare_each(
                by=operator,
                offering=offering,
                meter=price.meter,
                units_by_month=dict.fromkeys(months, units[price.meter]),
                at=at,
            )
    return offerings.publish(by=operator, offering=offering, at=at)


def publish(*, market: Market, package: Package, at: datetime) -> Bundle:
    """Create and publish a bundle of offerings already listed."""
    publisher = market.sellers[package.publisher][Role.OPERATOR]
    bundle = bundles.create(
        by=publisher,
        name=package.name,
        summary=package.summary,
        offerings=[market.offerings[key] for key in package.chain],
        scenarios=list(Scenario.objects.filter(slug__in=package.scenarios).order_by("pk")),
        start_cost_fen=package.start_yuan * 100,
        notice_days=package.notice_days,
        days_to_first_use=package.days_to_first_use,
        operated_by=package.operated_by,
        at=at,
    )
    market.bundles[package.name] = bundles.publish(by=publisher, bundle=bundle, at=at)
    return market.bundles[package.name]
