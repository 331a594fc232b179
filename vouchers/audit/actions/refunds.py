"""What enterprises ask back in schemes that pay after the fact, pre-filled from closed bills that they paid."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from django.db import transaction
from django.db.models import Sum

from accounts.access import Actor
from accounts.actions import trail
from accounts.models import Organization, OrganizationKind
from accounts.permissions import Permission
from common import states
from common.codes import new_code
from common.money import yuan_text
from common.periods import add_months, local_day, month_start
from vouchers.audit.actions import claims, prefilling
from vouchers.audit.models import Claim, ClaimStatus, Refund
from vouchers.billing.actions.charging import prices, purses
from vouchers.billing.models import Bill, BillStatus
from vouchers.billing.models.bills import BillQuerySet
from vouchers.billing.rules.burndown import share_fen
from vouchers.grants.actions import redeemed_caps
from vouchers.grants.models import Voucher
from vouchers.grants.rules import schemes
from vouchers.ledger.actions import caps

REACH_MONTHS = 12
"""Bills count from so many months before the application was handed in: it often was about what had been spent."""


@dataclass(slots=True)
class _Left:
    """What vouchers leave and what was paid of each bill, and what is gone of each cap, in fen."""

    vouchers: dict[int, int] = field(default_factory=dict)
    bills: dict[int, int] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)


def concern(*, actor: Actor) -> bool:
    """Tell whether claims lead to something for whom is acted: of enterprises, for those with a voucher that pays back.

    At most one query.
    """
    if not actor.is_kind(OrganizationKind.ENTERPRISE):
        return True
    return Voucher.objects.filter(enterprise=actor.organization, pays_back=True).exists()


def months(*, by: Actor) -> dict[date, int]:
    """How many paid bills of each month, oldest first, a voucher covers and nothing is asked back of.

    One query for a firm without a voucher that pays back; else a few, however many bills there are.
    """
    found: dict[date, int] = defaultdict(int)
    rows = Voucher.objects.filter(enterprise=by.own(), pays_back=True)
    vouchers = list(rows.select_related("scheme", "application"))
    if vouchers:
        unasked = _paid_bills(by.own()).filter(refunds__isnull=True)
        bills = list(unasked.select_related("subscription"))
        book = prices.PriceBook()
        book.read({(bill.subscription.offering_id, bill.month) for bill in bills})
        for bill in bills:
            if any(_covers(voucher, bill, book) for voucher in vouchers):
                found[bill.month] += 1
    return dict(sorted(found.items()))


@transaction.atomic
def prefill(*, by: Actor, month: date, at: datetime) -> list[Claim]:
    """One draft claim for each scheme and provider whose bills of that month the own enterprise paid itself.

    A line is the voucher's share of the own money in a bill of which nothing is owed any more, rounded as the scheme
    says, at most what voucher, caps and the bill leave. A draft is written anew; what waits for its provider stays.
    Of a locked period it is claimed with the first later one. Returns the drafts, maybe none. Locks the
    organization, so that two calls at once take turns, then its drafts.
    """
    by.require(Permission.CLAIM_SUBMIT)
    firm = Organization.objects.select_for_update(no_key=True).get(pk=by.own().pk)
    first = month_start(month)
    rows = Claim.objects.filter(pk__in=_drafts_of(firm, first), status=ClaimStatus.DRAFT)
    drafts = list(rows.select_for_update().order_by("pk"))
    Refund.objects.filter(claim__in=drafts).delete()
    asked = _lines(firm, first, at)
    waiting = set(
        Claim.objects.filter(enterprise=firm, status=ClaimStatus.CONFIRMING).values_list(
            "scheme_id", "provider_id", "month"
        )
    )
    locked = prefilling.locked_months({scheme for scheme, _provider in asked})
    known = {(each.scheme_id, each.provider_id, each.month): each for each in drafts}
    made = []
    for (scheme, provider), lines in asked.items():
        key = scheme, provider, prefilling.target(first, locked[scheme])
        if key not in waiting:
            made.append(_write(by, firm, known.pop(key, None), key, lines, at))
    for rest in known.values():
        states.move(rest, to=ClaimStatus.EMPTIED, transitions=claims.TRANSITIONS, amount_fen=0)
    return sorted(made, key=lambda claim: claim.pk)


def _drafts_of(firm: Organization, month: date) -> Iterable[int]:
    asked = Refund.objects.filter(
        claim__enterprise=firm, claim__status=ClaimStatus.DRAFT, bill__month=month
    )
    return set(asked.values_list("claim", flat=True))


def _write(
    by: Actor,
    firm: Organization,
    draft: Claim | None,
    key: tuple[int, int, date],
    lines: Sequence[Refund],
    at: datetime,
) -> Claim:
    """Put the lines on the draft, or on a new one."""
    fen = sum(line.amount_fen for line in lines)
    if draft is None:
        scheme, provider, month = key
        draft = Claim.objects.create(
            code=new_code("CL"), scheme_id=scheme, provider_id=provider, enterprise=firm,
            month=month, amount_fen=fen, created_at=at,
        )  # fmt: skip
    else:
        Claim.objects.filter(pk=draft.pk).update(amount_fen=fen)
        draft.amount_fen = fen
    for line in lines:
        line.claim = draft
    Refund.objects.bulk_create(lines)
    data = {"lines": len(lines), "amount": yuan_text(fen)}
    trail.record(by=by, at=at, verb="prefill", subject=draft, data=data)
    return draft


def _paid_bills(firm: Organization) -> BillQuerySet:
    """Confirmed bills of which own money paid something and nothing is outstanding."""
    return Bill.objects.filter(
        enterprise=firm, status=BillStatus.CONFIRMED, receivable_fen=0, own_fen__gt=0
    )


def _lines(firm: Organization, month: date, at: datetime) -> dict[tuple[int, int], list[Refund]]:
    """What the firm's vouchers pay back of the month's bills, by scheme and provider, in burn-down order."""
    rows = Voucher.objects.usable_at(at).filter(enterprise=firm, pays_back=True)
    vouchers = list(rows.select_related("scheme", "application", "account").in_burn_down_order())
    bills = list(
        _paid_bills(firm).filter(month=month).select_related("subscription").order_by("pk")
    )
    if not vouchers or not bills:
        return {}
    book = prices.PriceBook()
    book.read({(bill.subscription.offering_id, month) for bill in bills})
    left = _left(vouchers, bills)
    asked = set(Refund.objects.filter(bill__in=bills).values_list("bill_id", "voucher_id"))
    terms = redeemed_caps.terms(vouchers={each.pk for each in vouchers})
    found: dict[tuple[int, int], list[Refund]] = defaultdict(list)
    for voucher in vouchers:
        for bill in bills:
            if (bill.pk, voucher.pk) in asked or not _covers(voucher, bill, book):
                continue
            bounds = terms[voucher.pk].bounds(used_on=month, paid_on=local_day(at))
            fen = _ask(voucher, bill, bounds, left)
            if fen > 0:
                line = Refund(bill=bill, voucher=voucher, amount_fen=fen)
                found[voucher.scheme_id, bill.provider_id].append(line)
    return dict(found)


def _left(vouchers: Sequence[Voucher], bills: Sequence[Bill]) -> _Left:
    """What vouchers and bills leave, less what other claims ask back already."""
    left = _Left(
        {each.pk: each.account.available_fen for each in vouchers},
        {each.pk: each.own_fen for each in bills},
    )
    open_ones = Refund.objects.filter(transfer__isnull=True, voucher__in=vouchers)
    for pk, fen in open_ones.values_list("voucher").annotate(Sum("amount_fen")):
        left.vouchers[pk] -= fen
    for pk, fen in (
        Refund.objects.filter(bill__in=bills).values_list("bill").annotate(Sum("amount_fen"))
    ):
        left.bills[pk] -= fen
    return left


def _covers(voucher: Voucher, bill: Bill, book: prices.PriceBook) -> bool:
    """Tell whether the voucher's scheme covers the bill, and its month is not too long ago."""
    handed_in = voucher.application.submitted_at or voucher.issued_at
    if bill.month < add_months(month_start(local_day(handed_in)), -REACH_MONTHS):
        return False
    offering = bill.subscription.offering_id
    rules = schemes.from_json(voucher.scheme.rules)
    meters = book.month(offering, bill.month).meters
    return purses.covers(rules, voucher.kind, book.sold(offering), meters)


def _ask(voucher: Voucher, bill: Bill, bounds: Sequence[redeemed_caps.Bound], left: _Left) -> int:
    """The share of the own money in the bill, at most what voucher, bill and caps leave; takes it from what is left."""
    rounding = schemes.from_json(voucher.scheme.rules).rounding.value
    share = Fraction(voucher.share_numerator, voucher.share_denominator)
    fen = min(
        share_fen(share, bill.own_fen, rounding), left.vouchers[voucher.pk], left.bills[bill.pk]
    )
    unknown = {bound.key for bound in bounds if bound.key and bound.key not in left.gone}
    left.gone |= caps.used(keys=unknown) if unknown else {}
    for bound in bounds:
        fen = min(fen, bound.limit_fen - (left.gone[bound.key] if bound.key else 0))
    if fen > 0:
        left.vouchers[voucher.pk] -= fen
        left.bills[bill.pk] -= fen
        for key in {bound.key for bound in bounds if bound.key}:
            left.gone[key] += fen
    return fen
