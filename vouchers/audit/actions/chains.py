"""The chain behind any number: application, decision, voucher, order, usage, bill, claim, settlement, payment.

Read for one bureau, and only what its schemes' vouchers paid or paid back; a constant number of queries, however
long the chain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Q, Sum, Value

from accounts.models import Organization
from vouchers.audit.actions import redemptions
from vouchers.audit.models import (
    Case,
    Claim,
    Payment,
    Recovery,
    Refund,
    Settlement,
    SettlementSignature,
)
from vouchers.billing.models import Bill, BillLine, Charge, Payer, UsageRollup
from vouchers.grants.models import Application, Review, Voucher

MOST = 500
"""Voucher payments of one chain, paid back ones included; a longer one is cut there and says so."""


class Paid(NamedTuple):
    """What a voucher paid of a bill, or paid back to the firm that paid it; the claim that has it, if any."""

    transfer_id: UUID
    voucher_id: int
    bill_id: int
    amount_fen: int
    claim_id: int | None
    moved_at: datetime
    is_refund: bool


class Used(NamedTuple):
    """What one subscription used of a meter in a month, in base units: the sum of its rollups."""

    subscription_id: int
    month: date
    meter: str
    quantity: int
    events: int


@dataclass(slots=True)
class Chain:
    """Every station, in order of its number; `is_cut` when there is more than a chain holds."""

    number: str
    is_cut: bool = False
    applications: list[Application] = field(default_factory=list)
    reviews: list[Review] = field(default_factory=list)
    vouchers: list[Voucher] = field(default_factory=list)
    bills: list[Bill] = field(default_factory=list)
    lines: list[BillLine] = field(default_factory=list)
    used: list[Used] = field(default_factory=list)
    paid: list[Paid] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    signatures: list[SettlementSignature] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    recoveries: list[Recovery] = field(default_factory=list)


def of(*, bureau: Organization, number: str) -> Chain | None:
    """The chain of a number of the bureau's schemes; None when nothing has it."""
    paid = _paid(bureau, number)
    chain = Chain(number=number, is_cut=len(paid) > MOST, paid=paid[:MOST])
    chain.vouchers = _vouchers(bureau, number, {each.voucher_id for each in chain.paid})
    chain.applications = _applications(bureau, number, chain.vouchers)
    if not chain.applications:
        return None
    chain.reviews = list(
        Review.of_all_rounds.filter(application__in=chain.applications)
        .select_related("decided_by")
        .order_by("decided_at", "pk")
    )
    _bills(chain)
    _claims(chain, bureau, number)
    return chain


def _paid(bureau: Organization, number: str) -> list[Paid]:
    """What vouchers paid and paid back, from whichever end of the chain the number names. Three queries.

    A refund counts once its provider confirmed it: before, nothing moved, and the bureau is not asked.
    """
    bill, stroke, voucher = number.partition(redemptions.SEPARATOR)
    anchor = (
        Q(voucher__code=number)
        | Q(voucher__application__code=number)
        | Q(bill__code=number)
        | Q(bill__subscription__code=number)
        | Q(bill__subscription__reference=number)
        | Q(transfer__claim_line__claim__code=number)
        | Q(transfer__claim_line__claim__settlement__code=number)
    )
    if stroke:
        anchor |= Q(bill__code=bill, voucher__code=voucher)
    case = Case.objects.filter(bureau=bureau, code=number, bill__isnull=False)
    subject = case.values_list("bill", "voucher").first()
    if subject is not None:
        anchor = Q(bill=subject[0], voucher=subject[1])
    own = Q(anchor, voucher__scheme__bureau=bureau)
    charges = Charge.objects.standing().filter(own, payer=Payer.VOUCHER)
    backs = Refund.objects.posted().filter(own)
    found = [
        *_first(charges.annotate(is_refund=Value(value=False))),
        *_first(backs.annotate(is_refund=Value(value=True))),
    ]
    return sorted(found, key=lambda each: (each.moved_at, each.is_refund, each.transfer_id))


def _first(rows: Any) -> list[Paid]:
    listed = rows.order_by("transfer__at", "transfer_id").values_list(
        "transfer_id", "voucher_id", "bill_id", "amount_fen", "transfer__claim_line__claim",
        "transfer__at", "is_refund",
    )  # fmt: skip
    return [Paid(*row) for row in listed[: MOST + 1]]


def _vouchers(bureau: Organization, number: str, keys: set[int]) -> list[Voucher]:
    named = Q(pk__in=keys) | Q(code=number) | Q(application__code=number)
    rows = Voucher.objects.filter(named, scheme__bureau=bureau)
    return list(rows.select_related("scheme", "enterprise", "issued_by").order_by("code", "pk"))


def _applications(
    bureau: Organization, number: str, vouchers: Sequence[Voucher]
) -> list[Application]:
    """Those behind the vouchers, and the one of that number; a draft is nobody's business yet."""
    named = Q(pk__in={each.application_id for each in vouchers}) | Q(code=number)
    rows = Application.objects.filter(named, scheme__bureau=bureau, submitted_at__isnull=False)
    return list(rows.select_related("scheme", "enterprise", "submitted_by").order_by("code", "pk"))


def _bills(chain: Chain) -> None:
    """Bills with order and service, their lines, and the rollups behind them."""
    keys = {each.bill_id for each in chain.paid}
    rows = Bill.objects.filter(pk__in=keys).with_names()
    chain.bills = list(rows.order_by("month", "code", "pk"))
    lines = BillLine.objects.filter(bill__in=keys).select_related("bill", "rate")
    chain.lines = list(lines.order_by("bill__code", "origin", "meter", "pk"))
    contracts = {each.subscription_id for each in chain.bills}
    months = {each.month for each in chain.bills}
    used: Any = (
        UsageRollup.objects.filter(subscription__in=contracts, month__in=months)
        .values_list("subscription_id", "month", "meter")
        .annotate(total=Sum("quantity"), told=Sum("events"))
        .order_by("subscription_id", "month", "meter")
    )
    billed = {(each.subscription_id, each.month) for each in chain.bills}
    chain.used = [Used(*row) for row in used if (row[0], row[1]) in billed]


def _claims(chain: Chain, bureau: Organization, number: str) -> None:
    """Claims with what settled and paid them, and the cases about the same redemptions."""
    keys = {each.claim_id for each in chain.paid if each.claim_id}
    claims = Claim.objects.filter(pk__in=keys, scheme__bureau=bureau)
    chain.claims = list(
        claims.select_related(
            "scheme", "provider__organization", "enterprise", "audited_by", "invoice_file"
        )
        .defer("invoice_file__content")
        .order_by("code", "pk")
    )
    batches = {each.settlement_id for each in chain.claims if each.settlement_id}
    sellers = {each.provider_id for each in chain.claims if not each.enterprise_id}
    firms = {each.enterprise_id for each in chain.claims if each.enterprise_id}
    chain.settlements = list(Settlement.objects.filter(pk__in=batches).order_by("code", "pk"))
    signatures = SettlementSignature.objects.filter(settlement__in=batches)
    chain.signatures = list(
        signatures.select_related("settlement", "signed_by").order_by("settlement", "position")
    )
    payments = Payment.objects.filter(
        Q(provider__in=sellers) | Q(enterprise__in=firms), settlement__in=batches
    )
    chain.payments = list(payments.with_payees().select_related("settlement").order_by("pk"))
    pairs = {(each.bill_id, each.voucher_id) for each in chain.paid}
    cases = Case.objects.filter(
        Q(bill__in={bill for bill, _voucher in pairs}) | Q(code=number), bureau=bureau
    )
    chain.cases = [
        each
        for each in cases.select_related("bill", "voucher")
        .prefetch_related("conclusions")
        .order_by("code", "pk")
        if (each.bill_id, each.voucher_id) in pairs
    ]
    recoveries = Recovery.objects.filter(case__in=[each.pk for each in chain.cases])
    chain.recoveries = list(recoveries.select_related("case", "debtor").order_by("pk"))


def of_case(*, case: Case) -> Chain:
    """The chain of the case's redemption; of one about an organization the case alone."""
    found = of(bureau=case.bureau, number=case.code) if case.bill_id else None
    return found or Chain(number=case.code, cases=[case])
