"""Plays one voucher's whole life on a trace of requests and reports the figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from accounts.models import Organization, OrganizationKind, Role
from common.periods import add_months, local_day, month_start, next_month
from marketplace.catalog.actions import scenarios
from marketplace.demo import cast, granting, market, opening, programs, redeeming, usage, using
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from marketplace.demo.firms import Firm
from marketplace.demo.packages import Package
from marketplace.demo.software import MODELS, OFFICE
from marketplace.demo.suppliers import POOL
from marketplace.demo.supply import Supplier
from marketplace.orders.models import Order
from providers.models import Offering, Rate, Subscription
from providers.rules.pricing import amount_fen
from vouchers.audit.actions import invariants
from vouchers.audit.models import ClaimLine, ClaimStatus, PaymentStatus
from vouchers.billing.actions import bills, periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.actions.metering.usage import Answer
from vouchers.billing.models import Bill, BillStatus, ClosedPeriod, UsageRollup
from vouchers.billing.rules.events import Parsed
from vouchers.grants.models import ApplicationStatus, Scheme, Voucher, VoucherKind

LEAST_PLANNED_FEN = 1_000 * 100
LEAST_CAPACITY = 1_000_000_000
PACKAGE = Package(
    "office", "智能客服套餐", "常见问题自动答，转人工有记录",
    ("pool-core", "deepseek", "service"), ("customer-service",), 0, 15, 2,
)  # fmt: skip
CHAIN: tuple[tuple[Supplier, str], ...] = (
    (POOL, "pool-core"),
    (MODELS, "deepseek"),
    (OFFICE, "service"),
)


@dataclass(slots=True)
class Play:
    """The people and things of one play; everything is its own, so that plays do not meet."""

    bureau: Team
    firm: Team
    shelf: market.Market
    order: Order
    voucher: Voucher
    subscription: Subscription


def play(*, path: Path, calendar: Calendar) -> dict[str, Any]:
    """Play the life on the requests of a file and return the report. Raises usage.BadTrace.

    The trace is moved as a whole so that its first request falls on the second day of the latest past month that
    is not closed yet; a longer one spans several months, each with its own bill.
    """
    requests = usage.read_trace(path)
    span = max(request.at for request in requests) - min(request.at for request in requests)
    first = _open_month(calendar, span)
    shifted = usage.shift_into(requests, first)
    staged = _stage(shifted, first)
    events = usage.trace_events(
        shifted, subscription=staged.subscription.code, source=f"urn:puhui:trace:{path.stem[:80]}"
    )
    answers = _report_usage(staged, events, shifted)
    months = sorted({month_start(local_day(request.at)) for request in shifted})
    for month in months:
        _redeem(staged, month)
    return _figures(staged, shifted, answers)


def _open_month(calendar: Calendar, span: timedelta) -> date:
    """The first month of the latest stretch before today that holds the trace and is not closed yet."""
    last = add_months(month_start(calendar.today), -1)
    while True:
        first = month_start(last - max(span - timedelta(days=25), timedelta(0)))
        closed = ClosedPeriod.objects.filter(month__range=(first, last)).order_by("month").first()
        if closed is None:
            return first
        last = add_months(closed.month, -1)


def _stage(requests: Sequence[usage.Request], first: date) -> Play:
    """Bureau, scheme, supply, firm, voucher and order, all before the first request."""
    number = Organization.objects.filter(kind=OrganizationKind.BUREAU).count() + 1
    launch = add_months(first, -1)
    at = moment(launch, 9)
    bureau = cast.found_bureau(
        slug=f"trace{number}",
        name=f"北京市经济和信息化局（演示 {number}）",
        region="110000",
        serial=10_000 + number * 10,
        staff=opening.BEIJING_STAFF,
        at=at,
    )
    scenarios.load()
    shelf = _supply(requests, bureau, number, launch)
    provider = shelf.offerings["deepseek"].provider
    program = programs.beijing([provider.code])
    program = replace(program, slug=f"{program.slug}-{number}")
    scheme = opening.publish(program, bureau, at=at, from_day=launch)
    planned_fen = max(LEAST_PLANNED_FEN, -(-_price_fen(requests, shelf) // 100) * 100)
    firm, voucher = _grant(bureau, scheme, number, planned_fen, launch)
    day = first - timedelta(days=2)
    using.prepay(
        bureau=bureau,
        enterprise=firm.organization,
        amount_fen=planned_fen,
        reference=f"TRACE-{number}",
        at=moment(day, 9),
    )
    order = using.order(
        firm=firm,
        scenario="customer-service",
        monthly_volume=len(requests),
        monthly_budget_fen=max(planned_fen, len(requests) * 100),
        at=moment(day, 10),
    )
    subscription = using.subscriptions_of(order)[shelf.offerings["deepseek"].code]
    cast.let_in([bureau])
    return Play(bureau, firm, shelf, order, voucher, subscription)


def _grant(
    bureau: Team, scheme: Scheme, number: int, planned_fen: int, launch: date
) -> tuple[Team, Voucher]:
    """A firm of Beijing registers, applies for a voucher over its planned spend, and gets it."""
    row = Firm(
        10_000 + number * 10 + 9, f"北京流量演示企业服务有限公司{number}", "110105", "7299", 45,
        1900, 5000, "欧阳静",
    )  # fmt: skip
    firm = cast.register_firm(row, at=moment(launch, 9))
    application = granting.apply(
        firm=firm,
        bureau=bureau,
        scheme=scheme,
        kind=VoucherKind.COMPUTE,
        planned_spend_fen=planned_fen,
        purpose="企业服务热线智能应答",
        day=launch + timedelta(days=1),
        until=ApplicationStatus.ISSUED,
    )
    return firm, granting.issue(application, bureau)


def _supply(
    requests: Sequence[usage.Request], bureau: Team, number: int, launch: date
) -> market.Market:
    """Three providers with one offering each, and a bundle of them, roomy enough for the trace."""
    at = moment(launch, 9)
    shelf = market.Market()
    room = 4 * sum(max(each.input_tokens, each.output_tokens) for each in requests)
    room = max(room, LEAST_CAPACITY, len(requests) * 100_000)
    months = [add_months(launch, offset) for offset in range(opening.MONTHS_OPEN)]
    for offset, (supplier, key) in enumerate(CHAIN):
        team = cast.register_supplier(
            supplier,
            serial=10_001 + number * 10 + offset,
            slug=f"{supplier.key}.trace{number}",
            at=at,
        )
        sites = market.admit(
            team=team, supplier=supplier, officer=bureau[Role.SCHEME_OFFICER], at=at
        )
        shelf.sellers[supplier.key] = team
        shelf.offerings[key] = market.sell(
            team=team,
            goods=next(goods for goods in supplier.goods if goods.key == key),
            sites=sites,
            months=months,
            units={"input_tokens": room, "output_tokens": room, "calls": room},
            at=at,
        )
    market.publish(market=shelf, package=PACKAGE, at=at)
    return shelf


def _used(subscription: Subscription, meter: str) -> int:
    """Units of a meter that were rolled up."""
    rows = UsageRollup.objects.filter(subscription=subscription, meter=meter)
    return sum(row.quantity for row in rows)


def _per_million(rate: Rate) -> str:
    """A rate as exact decimal text in yuan for a million units."""
    return format((rate.price_yuan * 1_000_000 / rate.per_units).normalize(), "f")


def _rates(offering: Offering) -> dict[str, Rate]:
    flat = offering.rates.filter(context_from=0, volume_from=0)
    return {rate.meter: rate for rate in flat.order_by("pk")}


def _price_fen(requests: Sequence[usage.Request], shelf: market.Market) -> int:
    """What the firm expects to spend on tokens, in fen."""
    rates = _rates(shelf.offerings["deepseek"])
    totals = {
        "input_tokens": sum(request.input_tokens for request in requests),
        "output_tokens": sum(request.output_tokens for request in requests),
    }
    return sum(
        amount_fen(units, rates[meter].price_yuan, rates[meter].per_units)
        for meter, units in totals.items()
    )


def _report_usage(
    staged: Play, events: Sequence[Parsed], requests: Sequence[usage.Request]
) -> list[Answer]:
    """Send everything, and the first batch again, as after a lost answer."""
    key = using.meter_key(staged.shelf.sellers["models"], moment(local_day(requests[0].at), 0))
    at = max(request.at for request in requests) + timedelta(minutes=5)
    answers = usage.send(by=key, events=events, at=at)
    answers += usage.send(by=key, events=events[: usage.BATCH], at=at + timedelta(minutes=1))
    rating.tick(at=at + timedelta(minutes=2))
    return answers


def _redeem(staged: Play, month: date) -> None:
    """Close the month, confirm, claim, audit, settle, pay."""
    closing = next_month(month)
    officer = staged.bureau[Role.SETTLEMENT_OFFICER]
    periods.close(by=officer, month=month, at=moment(closing, 9))
    own = Bill.objects.filter(enterprise=staged.firm.organization, month=month)
    for bill in own.filter(status=BillStatus.CLOSED).order_by("pk"):
        signer = staged.firm[Role.SIGNATORY]
        bills.confirm(by=signer, bill=bill, at=moment(closing + timedelta(days=2), 10))
    for serial, seller in enumerate(staged.shelf.sellers.values(), start=1):
        number = seller.organization.pk * 10 + serial
        for claim in redeeming.claim(
            seller=seller, month=month, day=closing + timedelta(days=4), serial=number
        ):
            redeeming.audit(bureau=staged.bureau, claim_made=claim, day=closing + timedelta(days=6))
    scheme = staged.voucher.scheme
    if scheme.claims.filter(status=ClaimStatus.PASSED).exists():
        redeeming.settle(bureau=staged.bureau, scheme=scheme, day=closing + timedelta(days=9))


def _figures(
    staged: Play, requests: Sequence[usage.Request], answers: Sequence[Answer]
) -> dict[str, Any]:
    """The report; amounts in fen read back from bills, claims and payments, never from the plan."""
    rates = _rates(staged.subscription.offering)
    own = list(Bill.objects.filter(enterprise=staged.firm.organization))
    lines = ClaimLine.objects.filter(bill__in=own)
    paid = lines.filter(
        claim__status=ClaimStatus.PAID, claim__settlement__payments__status=PaymentStatus.PAID
    )
    outcomes = [answer.outcome.value for answer in answers]
    return {
        "events_sent": len(answers),
        "accepted": outcomes.count("accepted"),
        "duplicates": outcomes.count("duplicate"),
        "input_tokens": _used(staged.subscription, "input_tokens"),
        "output_tokens": _used(staged.subscription, "output_tokens"),
        "input_price_per_million_yuan": _per_million(rates["input_tokens"]),
        "output_price_per_million_yuan": _per_million(rates["output_tokens"]),
        "subsidy_rate": f"{staged.voucher.share_numerator}/{staged.voucher.share_denominator}",
        "face_fen": staged.voucher.face_fen,
        "bill_fen": sum(bill.total_fen for bill in own),
        "voucher_fen": sum(bill.voucher_fen for bill in own),
        "own_fen": sum(bill.own_fen for bill in own),
        "claim_fen": sum(line.amount_fen for line in lines),
        "settled_fen": sum(line.amount_fen for line in paid.distinct()),
        "invariants": {
            result.name: not result.rows
            for result in invariants.check(at=moment(next_month(local_day(requests[-1].at)), 0))
        },
        "months": [
            {
                "month": f"{bill.month:%Y-%m}",
                "bill_fen": bill.total_fen,
                "voucher_fen": bill.voucher_fen,
            }
            for bill in sorted(own, key=lambda each: (each.month, each.pk))
            if bill.total_fen
        ],
    }
