"""The demonstration's story: who applies, what they order, how three months are used, billed and paid."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from accounts.access import Actor
from accounts.models import Role
from common.periods import next_month
from marketplace.board.actions import folding
from marketplace.demo import (
    after_use,
    answering,
    granting,
    idling,
    looking_into,
    paying_back,
    publicity,
    redeeming,
    sharing_out,
    usage,
    using,
)
from marketplace.demo.cast import Team, let_in, register_firm
from marketplace.demo.days import Calendar, moment
from marketplace.demo.firms import FIRMS, Firm
from marketplace.demo.opening import City, open_city
from marketplace.demo.plot import EXTRA, HERO, ORDERS, PLANNED_YUAN, SIGN_IN_FIRMS, STATES
from marketplace.orders.models import Order
from vouchers.audit.models import Claim, ClaimStatus
from vouchers.billing.actions import periods
from vouchers.billing.actions.charging import rating
from vouchers.billing.rules.events import Parsed
from vouchers.grants.models import ApplicationStatus, VoucherKind

TRACE = Path(__file__).parent / "data" / "azure_llm_conv_2023.csv"
SOURCE = "urn:puhui:demo:meter"
SEED = 20260101

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Story:
    """The state of the telling."""

    calendar: Calendar
    city: City
    teams: dict[int, Team] = field(default_factory=dict)
    orders: dict[int, Order] = field(default_factory=dict)
    keys: dict[int, Actor] = field(default_factory=dict)

    def bureau_of(self, firm: Firm) -> Team:
        """The bureau that the firm applies to."""
        return self.city.bureaus["beijing" if firm.region.startswith("11") else "qingyang"]

    def seller(self, organization_id: int) -> Team:
        """The provider's team."""
        sellers = self.city.market.sellers.values()
        return next(team for team in sellers if team.organization.pk == organization_id)


def tell(*, calendar: Calendar, progress: Progress) -> Story:
    """Play everything up to today. `progress` gets a step's name, what is done and the total."""
    progress("city", 0, 1)
    story = Story(calendar, open_city(calendar))
    market, bureau = story.city.market, story.city.bureaus["qingyang"]
    after_use.declare(market=market, bureau=bureau, calendar=calendar)
    for number, firm in enumerate(FIRMS, start=1):
        progress("firms", number, len(FIRMS))
        enter(story, firm)
    for number, firm in enumerate(FIRMS, start=1):
        progress("orders", number, len(FIRMS))
        if firm.number in ORDERS:
            begin(story, firm)
    for number, month in enumerate(calendar.months, start=1):
        progress("months", number, len(calendar.months) + 1)
        play_month(story, month)
    play_present(story)
    look_back(story)
    let_in([*story.city.welcome(), *(story.teams[number] for number in SIGN_IN_FIRMS)])
    teams = [*story.teams.values(), *story.city.bureaus.values()]
    publicity.read_until(teams=teams, calendar=calendar)
    folding.fold(at=moment(calendar.today, 0, 50))
    progress("months", len(calendar.months) + 1, len(calendar.months) + 1)
    return story


def play_present(story: Story) -> None:
    """The running month up to today; the hero's firm reserves a bundle for a second need."""
    market, firms, calendar = story.city.market, story.teams, story.calendar
    report_usage(story, calendar.months[-1], running=True)
    after_use.try_out(market=market, firms=firms, calendar=calendar)
    rating.tick(at=moment(calendar.today, 0, 30))
    after_use.rate(market=market, firms=firms, orders=story.orders, calendar=calendar)
    using.reserve(
        firm=story.teams[HERO],
        scenario="contract-review",
        monthly_volume=200,
        monthly_budget_fen=3_000_000,
        at=moment(calendar.today, 0, 35),
    )
    after_use.ask_again(firm=firms[after_use.ASKS_AGAIN], calendar=calendar)
    sharing_out.share_out(city=story.city, firms=firms, calendar=calendar)


def look_back(story: Story) -> None:
    """Idle machines are lent; the bureau looks for risks, draws a sample, opens cases; somebody objects."""
    calendar, city = story.calendar, story.city
    bureau, scheme = city.bureaus["qingyang"], city.schemes["qingyang"]
    idling.lend(market=city.market, bureau=bureau, firms=story.teams, hero=HERO, calendar=calendar)
    redeeming.look(
        bureau=bureau,
        scheme=scheme,
        months=(calendar.months[0], calendar.months[1]),
        at=moment(calendar.today, 0, 40),
    )
    looking_into.look_into(
        bureau=bureau,
        visitors=city.bureaus["beijing"],
        scheme=scheme,
        sellers=city.market.sellers.values(),
        calendar=calendar,
    )
    paying_back.owe(firm=story.teams[paying_back.FIRM], bureau=bureau, calendar=calendar)
    publicity.object_to_notice(bureau=bureau, calendar=calendar)


def enter(story: Story, firm: Firm) -> None:
    """Register a firm; it applies and gets as far as the plot says."""
    day = story.calendar.launch + timedelta(days=3 + firm.number % 17)
    team = story.teams[firm.number] = register_firm(firm, at=moment(day, 8))
    until = STATES.get(firm.number, ApplicationStatus.ISSUED)
    late = until not in {ApplicationStatus.ISSUED, ApplicationStatus.REJECTED}
    if late:
        day = story.calendar.today - timedelta(days=6 + firm.number % 3)
    scheme = story.city.schemes["beijing" if firm.region.startswith("11") else "qingyang"]
    requests = [(scheme, VoucherKind.COMPUTE, PLANNED_YUAN[firm.number % len(PLANNED_YUAN)])]
    if firm.number in EXTRA:
        requests.append((story.city.schemes["storage"], EXTRA[firm.number], 6_000))
    if firm.number == paying_back.FIRM:
        requests.append((story.city.schemes["payback"], VoucherKind.COMPUTE, 60_000))
    for plan, kind, yuan in requests:
        bureau = story.bureau_of(firm)
        application = granting.apply(
            firm=team,
            bureau=bureau,
            scheme=plan,
            kind=kind,
            planned_spend_fen=yuan * 100,
            purpose=ORDERS[firm.number][2]
            if firm.number in ORDERS
            else "用于业务数据处理与智能应用",
            day=day,
            until=until,
        )
        if until == ApplicationStatus.ISSUED:
            granting.issue(application, bureau)


def begin(story: Story, firm: Firm) -> None:
    """Prepay, state the need and order, two days before the first month of usage."""
    team = story.teams[firm.number]
    scenario, volume, _purpose = ORDERS[firm.number]
    day = story.calendar.months[0] - timedelta(days=2)
    using.prepay(
        bureau=story.bureau_of(firm),
        enterprise=team.organization,
        amount_fen=(1_500 if firm.number == 26 else 60_000) * 100,
        reference=f"DEMO-{firm.number:04d}",
        at=moment(day, 9),
    )
    story.orders[firm.number] = using.order(
        firm=team,
        scenario=scenario,
        monthly_volume=volume,
        monthly_budget_fen=3_000_000,
        at=moment(day, 10),
    )


def report_usage(story: Story, month: date, *, running: bool = False) -> None:
    """All providers report a month (or the running one up to yesterday)."""
    first = next_month(month) if running else month
    days = story.calendar.days(first)
    if not days:
        return
    for provider_id, events in _by_provider(story, first, days).items():
        key = story.keys.get(provider_id) or using.meter_key(
            story.seller(provider_id), moment(story.calendar.months[0], 1)
        )
        story.keys[provider_id] = key
        usage.send(by=key, events=events, at=moment(days[-1] + timedelta(days=1), 0, 20))


def _by_provider(story: Story, month: date, days: list[date]) -> dict[int, list[Parsed]]:
    grouped: dict[int, list[Parsed]] = {}
    for provider_id, events in _events(story, month, days):
        grouped.setdefault(provider_id, []).extend(events)
    return grouped


def _events(story: Story, month: date, days: list[date]) -> Iterator[tuple[int, list[Parsed]]]:
    level = 0.6 + 0.15 * len([passed for passed in story.calendar.months if passed < month])
    for number, order in story.orders.items():
        for code, subscription in using.subscriptions_of(order).items():
            seller = subscription.offering.provider.organization_id
            if (
                number == HERO
                and month == story.calendar.months[0]
                and "input_tokens" in order.units[code]
            ):
                requests = usage.shift_into(usage.read_trace(TRACE), month)
                yield (
                    seller,
                    usage.trace_events(
                        requests, subscription=subscription.code, source=f"{SOURCE}:trace"
                    ),
                )
                continue
            yield (
                seller,
                list(
                    usage.daily_events(
                        subscription=subscription.code,
                        source=SOURCE,
                        units_per_month=order.units[code],
                        days=days,
                        level=level,
                        seed=SEED + number,
                    )
                ),
            )


def play_month(story: Story, month: date) -> None:
    """Usage, tick, close; then confirmation, claims and settlement as far as the plot has come."""
    report_usage(story, month)
    closing = next_month(month)
    rating.tick(at=moment(closing, 1))
    for bureau in story.city.bureaus.values():
        periods.close(by=bureau[Role.SETTLEMENT_OFFICER], month=month, at=moment(closing, 9))
    age = len(story.calendar.months) - 1 - story.calendar.months.index(month)
    answering.answer(
        firms=story.teams, month=month, age=age, bureau=story.city.bureaus["qingyang"],
        seller=story.seller,
    )  # fmt: skip
    if age == 0:
        return
    made = [
        claim
        for serial, seller in enumerate(story.city.market.sellers.values(), start=1)
        for claim in redeeming.claim(
            seller=seller, month=month, day=closing + timedelta(days=4), serial=serial
        )
    ]
    made += paying_back.claim_back(
        firm=story.teams[paying_back.FIRM], seller=story.seller,
        month=month, day=closing + timedelta(days=5), confirmed=age == 2,
    )  # fmt: skip
    _audit_and_settle(story, made, closing, finished=age == 2)


def _audit_and_settle(story: Story, made: list[Claim], closing: date, *, finished: bool) -> None:
    """The oldest month is paid; of the next one claim is returned, one waits, the rest is signed once."""
    for number, claim in enumerate(made):
        bureau = _bureau(story, claim)
        if not finished and number == 1:
            continue
        finding = (
            "发票金额与申请金额不一致，请核对后重新提交。" if not finished and number == 2 else ""
        )
        redeeming.audit(
            bureau=bureau, claim_made=claim, day=closing + timedelta(days=6), finding=finding
        )
    for scheme in story.city.schemes.values():
        if Claim.objects.filter(scheme=scheme, status=ClaimStatus.PASSED).exists():
            redeeming.settle(
                bureau=next(
                    team
                    for team in story.city.bureaus.values()
                    if team.organization.pk == scheme.bureau_id
                ),
                scheme=scheme,
                day=closing + timedelta(days=9),
                signatures=2 if finished else 1,
                paid=finished,
            )


def _bureau(story: Story, claim: Claim) -> Team:
    teams = story.city.bureaus.values()
    return next(team for team in teams if team.organization.pk == claim.scheme.bureau_id)
