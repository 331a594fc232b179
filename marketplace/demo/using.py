"""Ordering and using: a need, its best match, an order, and what the provider's key reports."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from accounts.access import Actor
from accounts.actions import actors, keys
from accounts.models import Organization, Role
from accounts.permissions import Permission
from marketplace.catalog.models import Scenario
from marketplace.demo.cast import Team
from marketplace.matching.actions import matches, needs
from marketplace.matching.models import Match
from marketplace.orders.actions import orders, quotes
from marketplace.orders.models import Order, Quote
from providers.models import Subscription
from vouchers.billing.actions import funds

KEY_LIFE = timedelta(days=360)


class NoMatch(LookupError):
    """The story's own need found no bundle: its figures and the supply do not fit."""


def order(
    *, firm: Team, scenario: str, monthly_volume: int, monthly_budget_fen: int, at: datetime
) -> Order:
    """State a need and order the best match."""
    best = _best(firm, scenario, monthly_volume, monthly_budget_fen, at)
    return orders.place(by=firm[Role.SIGNATORY], need=best.need, bundle=best.bundle, at=at)


def reserve(
    *, firm: Team, scenario: str, monthly_volume: int, monthly_budget_fen: int, at: datetime
) -> Quote:
    """State a need and reserve the best match: the contract waits to be accepted."""
    best = _best(firm, scenario, monthly_volume, monthly_budget_fen, at)
    by = firm[Role.SIGNATORY]
    quote = quotes.ask(by=by, need=best.need, bundle=best.bundle, at=at)
    return quotes.reserve(by=by, quote=quote, at=at)


def _best(
    firm: Team, scenario: str, monthly_volume: int, monthly_budget_fen: int, at: datetime
) -> Match:
    need = needs.state(
        by=firm[Role.SIGNATORY],
        scenario=Scenario.objects.get(slug=scenario),
        monthly_volume=monthly_volume,
        monthly_budget_fen=monthly_budget_fen,
        region="",
        latency_us=None,
        needs_domestic_chip=False,
        at=at,
    )
    ranked = [
        row
        for row in matches.compute(by=firm[Role.SIGNATORY], need=need, at=at)
        if row.rank is not None
    ]
    if not ranked:
        raise NoMatch(f"{firm.organization.name}: {scenario}")
    return ranked[0]


def prepay(
    *, bureau: Team, enterprise: Organization, amount_fen: int, reference: str, at: datetime
) -> None:
    """The bureau's bank received an enterprise's money."""
    funds.deposit(
        by=bureau[Role.SETTLEMENT_OFFICER],
        enterprise=enterprise,
        amount_fen=amount_fen,
        reference=reference,
        at=at,
    )


def meter_key(seller: Team, at: datetime) -> Actor:
    """The key with which a provider's meter reports usage."""
    key, _token = keys.create(
        by=seller[Role.OPERATOR],
        name="用量上报",
        scopes=[Permission.USAGE_REPORT],
        expires_at=at + KEY_LIFE,
        at=at,
    )
    return actors.from_key(key=key)


def subscriptions_of(placed: Order) -> Mapping[str, Subscription]:
    """The order's subscriptions by offering code."""
    rows = Subscription.objects.filter(reference=placed.code).select_related(
        "offering__provider__organization"
    )
    return {row.offering.code: row for row in rows.order_by("pk")}
