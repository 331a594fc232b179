"""Idle machines of two providers, what firms deposit and draw, a pool's shares, latency circles."""

from datetime import timedelta
from decimal import Decimal

from accounts.models import Role
from common.periods import add_months, month_start, next_month
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from marketplace.demo.market import Market
from providers.actions import (
    bank_deposits,
    bank_draws,
    facilities,
    idle_windows,
    latency,
    offerings,
    pools,
    rates,
)
from providers.models import Facility, FacilityKind, Offering

NIGHTS = 60
HOUR = 3600
SITES = (
    ("edge", "开发区夜间闲置算力", 16, "夜间闲置卡时(互换)"),
    ("pool", "云谷夜间闲置算力", 32, "云谷闲置卡时(互换)"),
)
"""Who keeps them, the facility, its cards, the exchange offering."""


def lend(
    *, market: Market, bureau: Team, firms: dict[int, Team], hero: int, calendar: Calendar
) -> None:
    """Open windows tonight, let two firms deposit for the coming month and the hero draw elsewhere."""
    made = [_exchange(market.sellers[key], site, calendar) for key, *site in SITES]
    month = next_month(month_start(calendar.today))
    at = moment(calendar.today, 10)
    partner = next(team for number, team in sorted(firms.items()) if number != hero)
    savers = (firms[hero], partner)
    for number, (saver, offering) in enumerate(zip(savers, made, strict=True)):
        deposit = bank_deposits.propose(
            by=saver[Role.SIGNATORY],
            offering=offering,
            month=month,
            card_seconds=(200 + 100 * number) * HOUR,
            reference="demo",
            at=at,
        )
        keeper = market.seller_of(offering)[Role.OPERATOR]
        bank_deposits.approve(by=keeper, deposit=deposit, at=at)
    bank_draws.draw(
        by=firms[hero][Role.SIGNATORY],
        offering=made[1],
        month=month,
        card_seconds=60 * HOUR,
        reference="demo",
        at=at,
    )
    _share(market, firms, calendar)
    _measure(bureau, calendar)


def _exchange(team: Team, site: list[object], calendar: Calendar) -> Offering:
    """A facility with its nights, and compute on it for nothing."""
    name, cards, title = str(site[0]), site[1], str(site[2])
    at, operator = moment(calendar.today, 9), team[Role.OPERATOR]
    facility = facilities.add(
        by=operator,
        kind=FacilityKind.IDLE_CAPACITY,
        name=name,
        region="621002",
        latency_us=1800,
        spec={
            "cards": cards,
            "hours_per_day": 12,
            "first_day": calendar.today,
            "last_day": add_months(calendar.today, 3),
        },
        at=at,
    )
    idle_windows.open_daily(
        by=operator,
        facility=facility,
        starts_at=moment(calendar.today, 20),
        ends_at=moment(calendar.today + timedelta(days=1), 8),
        days=NIGHTS,
        at=at,
    )
    made = offerings.create(
        by=operator,
        facility=facility,
        layer="compute",
        name=title,
        summary="算力银行互换,不收费",
        at=at,
    )
    rates.set_price(
        by=operator,
        offering=made,
        meter="card_seconds",
        price_yuan=Decimal(0),
        per_units=HOUR,
        from_day=calendar.today,
        at=at,
    )
    return offerings.publish(by=operator, offering=made, at=at)


def _share(market: Market, firms: dict[int, Team], calendar: Calendar) -> None:
    """Three firms contribute to the pool from this month on."""
    seller = market.sellers["pool"]
    pool = Facility.objects.get(
        provider__organization=seller.organization, kind=FacilityKind.SME_POOL
    )
    codes = [team.organization.code for _number, team in sorted(firms.items())[:3]]
    pools.set_shares(
        by=seller[Role.OPERATOR],
        facility=pool,
        parts=dict(zip(codes, (500_000, 300_000, 200_000), strict=True)),
        month=calendar.today,
        at=moment(calendar.today, 9),
    )


def _measure(bureau: Team, calendar: Calendar) -> None:
    """The bureau had two circles measured."""
    found = Facility.objects.filter(region="621002").order_by("pk")[:2]
    rows = [
        f"{each.code},621002,{figure},{calendar.today}"
        for each, figure in zip(found, ("0.82", "2.4"), strict=False)
    ]
    table = "\n".join(["facility,district,latency_ms,from_day", *rows])
    latency.load(
        by=bureau[Role.SCHEME_OFFICER], content=table.encode(), at=moment(calendar.today, 9)
    )
