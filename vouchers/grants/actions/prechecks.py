"""The public pre-check: a few plain answers, no sign-in, nothing stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.rules import industries, sizes
from common.errors import Conflict
from common.periods import local_day
from vouchers.grants.actions import assessments, schemes
from vouchers.grants.models import Scheme
from vouchers.grants.rules.answers import Assessment
from vouchers.grants.rules.assessment import assess
from vouchers.grants.rules.caps import APPLICANT


@dataclass(frozen=True, slots=True)
class Answers:
    """What a visitor says; amounts in fen, None for "I do not know"."""

    kind: str
    planned_spend_fen: int
    legal_form: str | None = None
    region: str | None = None
    industry: str | None = None
    employees: int | None = None
    revenue_fen: int | None = None
    assets_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What one scheme would give."""

    scheme: Scheme
    assessment: Assessment


@dataclass(frozen=True, slots=True)
class Precheck:
    """The answer for the chosen scheme, and what else is open to this firm, the largest amount first."""

    offer: Offer
    others: tuple[Offer, ...]
    size: str | None


class NoOpenScheme(Conflict):
    """No scheme takes applications on this day."""

    code = "no_open_scheme"


def answer(*, scheme: Scheme | None = None, answers: Answers, at: datetime) -> Precheck:
    """Tell yes, no or perhaps, why, how much, and what else. Two queries; locks and writes nothing.

    Without a scheme the one that promises most is taken. The yearly cap is taken as unused, since nobody is
    signed in. Raises NoOpenScheme.
    """
    open_now = Scheme.objects.open_on(local_day(at)).order_by("closes_on", "pk")
    rows = [each for each in open_now if scheme is None or each.pk != scheme.pk]
    asked = [scheme, *rows] if scheme else rows
    if not asked:
        raise NoOpenScheme(
            _("No scheme takes applications today. Look again when one is announced.")
        )
    left = schemes.budgets_left_fen(schemes=asked)
    size = size_of(answers)
    found = [_offer(each, answers, size, left[each.code], at) for each in asked]
    if scheme is None:
        found.sort(key=_promise)
    return Precheck(found[0], _useful(found[1:]), size)


def size_of(answers: Answers) -> str | None:
    """Size by the national standard; None when the answers do not decide it."""
    if not answers.industry:
        return None
    try:
        return sizes.classify(
            industry=answers.industry,
            employees=answers.employees,
            revenue_fen=answers.revenue_fen,
            assets_fen=answers.assets_fen,
        ).level
    except (sizes.MissingIndicator, sizes.TooCoarse, industries.InvalidIndustry):
        return None


def _offer(
    scheme: Scheme, answers: Answers, size: str | None, left_fen: int, at: datetime
) -> Offer:
    kind = answers.kind if answers.kind in scheme.voucher_kinds else scheme.voucher_kinds[0]
    known = {
        "kind": kind,
        "planned_spend": answers.planned_spend_fen,
        "day": local_day(at),
        "legal_form": answers.legal_form,
        "size": size,
        "section": _section(answers.industry),
        "region": answers.region,
        APPLICANT: "",
    }
    case = assessments.case_of(scheme, known, budget_left_fen=left_fen)
    return Offer(scheme, assess(schemes.rules_of(scheme), case))


def _section(industry: str | None) -> str | None:
    if not industry:
        return None
    try:
        return industries.section_of(industry).letter
    except industries.InvalidIndustry:
        return None


def _promise(offer: Offer) -> tuple[int, int]:
    """Yes before perhaps before no, then the larger amount."""
    order = ("yes", "perhaps", "no")
    return order.index(offer.assessment.verdict), -offer.assessment.amount_fen


def _useful(offers: Sequence[Offer]) -> tuple[Offer, ...]:
    possible = [offer for offer in offers if offer.assessment.verdict != "no"]
    return tuple(sorted(possible, key=lambda offer: -offer.assessment.amount_fen))
