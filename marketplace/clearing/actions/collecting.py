"""A round's input from saved needs: candidates as matching finds them, places, subsidies as the rules grant them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Min

from accounts.models import Size
from accounts.rules import regions
from common.periods import local_day, month_start
from marketplace.clearing.models import ClearingRound
from marketplace.clearing.rules import filing, places
from marketplace.matching.actions import matches
from marketplace.matching.models import Match, Need
from marketplace.matching.rules import rounds, scoring, translating
from marketplace.matching.rules.limits import Limit
from marketplace.matching.rules.rounds import MAX_SUBSIDY_FEN, Floors, Pair, Share
from providers.models import Capacity
from vouchers.grants.actions import assessments, schemes
from vouchers.grants.models import Scheme
from vouchers.grants.rules.assessment import assess
from vouchers.grants.rules.caps import APPLICANT
from vouchers.grants.rules.schemes import SchemeRules

MOST_NEEDS = 2_000
"""Needs of one round: each is matched anew, and matched once more when the second person signs."""

MICRO, MANUFACTURING = "micro", "manufacturing"
MANUFACTURING_SECTION = "C"

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Fund:
    """A scheme that the round may promise money of."""

    scheme: Scheme
    rules: SchemeRules
    left_fen: int


def open_needs(*, clearing: ClearingRound) -> list[Need]:
    """The newest open need of each firm in the bureau's region, oldest first, at most MOST_NEEDS.

    One need a firm: the caps of a scheme are per firm, and a second need would draw on the same cap.
    """
    rows = (
        Need.objects.open()
        .filter(created_at__lte=clearing.created_at)
        .select_related("scenario", "enterprise")
    )
    newest: dict[int, Need] = {}
    for need in rows.order_by("created_at", "pk"):
        if regions.covers(clearing.bureau.region, need.enterprise.region):
            newest[need.enterprise_id] = need
    return sorted(newest.values(), key=lambda need: (need.created_at, need.pk))[:MOST_NEEDS]


def collect(
    *,
    clearing: ClearingRound,
    needs: Sequence[Need],
    at: datetime,
    progress: Progress | None = None,
) -> bytes:
    """The input for these needs with today's prices, capacity, vouchers and budgets. Writes nothing.

    Some ten queries a need. A need that was ordered meanwhile has no candidates any more. Chains that
    the platform would compose take no part: a round deals in what its providers have published.
    """
    funds = _funds(clearing)
    found: list[rounds.Need] = []
    wanted: list[tuple[str, places.Units]] = []
    for number, need in enumerate(needs, start=1):
        rows = _published(need, at)
        pairs = _pairs(clearing, need, rows, funds, at)
        kept = {pair.offering for pair in pairs}
        wanted += [(row.bundle.code, row.units) for row in rows if row.bundle.code in kept]
        found.append(
            rounds.Need(
                need.code,
                need.enterprise.section,
                int(need.created_at.timestamp()),
                tuple(pairs),
                _groups(need),
            )
        )
        if progress:
            progress(number)
    left = _left({offering for _bundle, units in wanted for offering in units}, at)
    return filing.content_of(
        needs=found,
        places=places.places_of(wanted=wanted, left=left, needs=len(found)),
        budgets_fen={fund.scheme.code: fund.left_fen for fund in funds},
        floors=floors_of(clearing),
        seed=clearing.seed,
    )


def _published(need: Need, at: datetime) -> list[Match]:
    if _is_ordered(need):
        return []
    found, _advice = matches.answer(need=need, at=at)
    return [row for row in found if row.bundle.pk is not None]


def floors_of(clearing: ClearingRound) -> Floors:
    """The round's floors; a share of nothing is none."""
    shares = {MANUFACTURING: clearing.manufacturing_percent, MICRO: clearing.micro_percent}
    return Floors(
        clearing.section_floor,
        tuple(Share(group, percent) for group, percent in shares.items() if percent),
    )


def _is_ordered(need: Need) -> bool:
    return not Need.objects.open().filter(pk=need.pk).exists()


def _funds(clearing: ClearingRound) -> list[_Fund]:
    rows = list(Scheme.objects.filter(code__in=clearing.budgets).order_by("code"))
    left = schemes.budgets_left_fen(schemes=rows)
    return [
        _Fund(row, schemes.rules_of(row), max(0, min(clearing.budgets[row.code], left[row.code])))
        for row in rows
    ]


def _groups(need: Need) -> frozenset[str]:
    firm = need.enterprise
    groups = {MICRO} if firm.size == Size.MICRO else set()
    return frozenset(groups | ({MANUFACTURING} if firm.section == MANUFACTURING_SECTION else set()))


def _pairs(
    clearing: ClearingRound,
    need: Need,
    rows: Sequence[Match],
    funds: Sequence[_Fund],
    at: datetime,
) -> list[Pair]:
    """Candidates within all limits, the own share being that after the round's subsidy."""
    needed = len(translating.units_of(need.scenario.coefficients, need.monthly_volume))
    pairs = []
    for row in rows:
        broken = {each["limit"] for each in row.reasons["exclusions"]}
        if broken - {Limit.BUDGET.value}:
            continue
        scheme, subsidy_fen = _subsidy(clearing, need, row, funds, at)
        own_fen = max(0, row.own_fen - subsidy_fen // clearing.term_months)
        if own_fen > need.monthly_budget_fen:
            continue
        value = max(1, scoring.score(_facts(need, row, own_fen, needed)).score)
        pairs.append(Pair(row.bundle.code, value, scheme, subsidy_fen))
    return pairs


def _facts(need: Need, row: Match, own_fen: int, needed: int) -> scoring.Facts:
    return scoring.Facts(
        bundle=row.bundle.code,
        own_fen=own_fen,
        budget_fen=need.monthly_budget_fen,
        start_cost_fen=row.bundle.start_cost_fen,
        days_to_first_use=row.bundle.days_to_first_use,
        latency_us=row.reasons["latency_us"],
        served_meters=needed - len(row.reasons["lacks"]),
        needed_meters=needed,
    )


def _subsidy(
    clearing: ClearingRound, need: Need, row: Match, funds: Sequence[_Fund], at: datetime
) -> tuple[str, int]:
    """The scheme that grants most for the term, and the fen; nothing where a voucher pays already.

    A voucher's money left the budget when it was issued, so the round must not count it again.
    """
    if row.voucher_fen or not row.price_fen:
        return "", 0
    offers = [(_granted(clearing, need, row, fund, at), fund.scheme.code) for fund in funds]
    most, code = max(offers, key=lambda each: (each[0], each[1]), default=(0, ""))
    return (code, min(most, MAX_SUBSIDY_FEN)) if most > 0 else ("", 0)


def _granted(clearing: ClearingRound, need: Need, row: Match, fund: _Fund, at: datetime) -> int:
    """What the scheme's rules answer for the planned spend, in fen; 0 for no, and for other units."""
    firm, scheme = need.enterprise, fund.scheme
    known = {
        **assessments.profile_of(firm),
        APPLICANT: firm.code,
        "kind": scheme.voucher_kinds[0],
        "planned_spend": row.price_fen * clearing.term_months,
        "day": local_day(at),
    }
    used = assessments.used_of(scheme, fund.rules, known)
    case = assessments.case_of(scheme, known, used=used, budget_left_fen=fund.left_fen)
    answer = assess(fund.rules, case)
    return answer.amount_fen if answer.unit == "money" and answer.verdict != "no" else 0


def _left(offerings: set[str], at: datetime) -> Mapping[tuple[str, str], int]:
    """The least that is free of each offering's meter in this month and all later declared ones."""
    rows = Capacity.objects.filter(
        offering__code__in=offerings, month__gte=month_start(local_day(at))
    )
    least = rows.values("offering__code", "meter").annotate(
        free=Min(F("total_units") - F("reserved_units"))
    )
    return {(row["offering__code"], row["meter"]): row["free"] for row in least}
