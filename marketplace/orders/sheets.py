"""Orders as pages show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.components import Fact
from common.display import moment_text, money_text
from common.periods import local_day
from marketplace.matching import cards, wording
from marketplace.matching.models import Match, Need
from marketplace.orders.models import (
    ChangeStatus,
    Order,
    OrderChange,
    OrderStatus,
    Quote,
    QuoteStatus,
)
from providers.models import Subscription
from vouchers.billing.actions.charging.quotes import QuoteSplit


@dataclass(frozen=True, slots=True)
class Row:
    """A subscription with what is reserved for it each month."""

    subscription: Subscription
    units: list[str]
    prices: str
    announced: str


def rows_of(subscriptions: Iterable[Subscription], today: date) -> list[Row]:
    """Subscriptions with their monthly units and price terms in words.

    The offerings come with their rates.
    """
    return [
        Row(
            subscription,
            [
                _("%(meter)s: %(units)s")
                % {
                    "meter": wording.meter_name(meter),
                    "units": wording.units_text(meter, units),
                }
                for meter, units in subscription.monthly_units.items()
            ],
            _terms_text(subscription, today),
            _announced_text(subscription, today),
        )
        for subscription in subscriptions
    ]


def _terms_text(subscription: Subscription, today: date) -> str:
    until = subscription.prices_held_until
    if until is not None and until <= today:
        return _("Follow the price list")
    return _("Held as of %(day)s") % {"day": local_day(subscription.starts_at)}


def _announced_text(subscription: Subscription, today: date) -> str:
    """When the list changes next; nothing where it does not."""
    begins = (rate.effective.lower for rate in subscription.offering.rates.all())
    day = min((day for day in begins if day > today), default=None)
    return _("New list prices from %(day)s") % {"day": day} if day else ""


def commitment_of(need: Need, match: Match) -> list[Fact]:
    """What an order commits to, before it is placed."""
    bundle = match.bundle
    return [
        Fact(_("What for"), wording.purpose_of(need)),
        Fact(_("Price before vouchers, a month"), money_text(match.price_fen)),
        Fact(_("Paid by vouchers"), money_text(match.voucher_fen)),
        Fact(_("Your share, a month"), money_text(match.own_fen)),
        Fact(_("Cost to start"), money_text(bundle.start_cost_fen)),
        Fact(_("Days to first use"), cards.days_text(bundle.days_to_first_use)),
        Fact(
            _("Billing"),
            _(
                "By actual use at the list prices of the day of ordering, which hold for as long as "
                "it runs; the figures above hold at your volume."
            ),
        ),
        Fact(_("Term"), _("No minimum term. End at any time with notice.")),
        Fact(_("Notice period"), notice_text(bundle.notice_days)),
    ]


def is_timely(quote: Quote, at: datetime) -> bool:
    """Tell whether the quote can still be taken up."""
    if quote.status == QuoteStatus.RESERVED and quote.reserved_until is not None:
        return at < quote.reserved_until
    return quote.status == QuoteStatus.OPEN and at < quote.valid_until


def quote_facts_of(quote: Quote) -> list[Fact]:
    """What a quote states, until when, and what it holds."""
    bundle = quote.bundle
    facts = [
        Fact(_("Bundle"), f"{bundle.name} ({bundle.publisher.organization.name})"),
        Fact(_("What for"), wording.purpose_of(quote.need)),
        Fact(_("Price before vouchers, a month"), money_text(quote.monthly_price_fen)),
        Fact(_("Paid by vouchers"), money_text(quote.monthly_voucher_fen)),
        Fact(_("Your share, a month"), money_text(quote.monthly_own_fen)),
        Fact(_("Cost to start"), money_text(bundle.start_cost_fen)),
        Fact(_("Days to first use"), cards.days_text(bundle.days_to_first_use)),
        Fact(_("Notice period"), notice_text(bundle.notice_days)),
        Fact(_("Quote valid until"), moment_text(quote.valid_until)),
    ]
    if quote.status == QuoteStatus.RESERVED and quote.reserved_until is not None:
        facts += [
            Fact(_("Reserved until"), moment_text(quote.reserved_until)),
            Fact(_("Held on your vouchers"), money_text(quote.held_fen)),
        ]
    return facts


def changes_of(order: Order) -> list[OrderChange]:
    """The planned change, or what became of the last one. One query."""
    rows = order.changes.exclude(status=ChangeStatus.WITHDRAWN).select_related("bundle")
    return list(rows.order_by("-pk")[:1])


def split_facts_of(split: QuoteSplit) -> list[Fact]:
    """What a month costs and who pays it."""
    return [
        Fact(_("Price before vouchers, a month"), money_text(split.price_fen)),
        Fact(_("Paid by vouchers"), money_text(split.voucher_fen)),
        Fact(_("Your share, a month"), money_text(split.own_fen)),
    ]


def notice_text(days: int) -> str:
    """The notice period in words."""
    if days == 0:
        return _("None: it ends at once")
    return ngettext("%(days)d day", "%(days)d days", days) % {"days": days}


def facts_of(order: Order, *, is_buyer: bool) -> list[Fact]:
    """An order's facts; a provider does not see what the enterprise pays in all."""
    facts = [
        Fact(_("Enterprise"), order.enterprise.name),
        Fact(_("Bundle"), f"{order.bundle.name} ({order.bundle.publisher.organization.name})"),
        Fact(_("Ordered on"), moment_text(order.placed_at)),
        Fact(_("Notice period"), notice_text(order.bundle.notice_days)),
    ]
    if order.paused_at is not None:
        facts.append(Fact(_("Paused since"), moment_text(order.paused_at)))
    if order.ends_at is not None:
        label = _("Ended on") if order.status == OrderStatus.ENDED else _("Ends on")
        facts.append(Fact(label, moment_text(order.ends_at)))
    if is_buyer and order.own_number:
        facts.append(Fact(_("Your own number"), order.own_number))
    if is_buyer:
        facts[2:2] = _prices(order)
    return facts


def _prices(order: Order) -> list[Fact]:
    need = order.need
    return [
        Fact(_("What for"), wording.purpose_of(need)),
        Fact(_("Price before vouchers, a month"), money_text(order.monthly_price_fen)),
        Fact(_("Paid by vouchers"), money_text(order.monthly_voucher_fen)),
        Fact(_("Your share, a month"), money_text(order.monthly_own_fen)),
    ]
