"""A chain as JSON lines: what each station says, in the order of the way."""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from vouchers.audit.actions.chains import Chain
from vouchers.audit.models import Case, CaseEntry


def of(chain: Chain) -> Iterator[dict[str, Any]]:
    """One object for each station; amounts in fen, quantities in base units, moments in ISO 8601.

    What a voucher paid of a bill is the station `redemption`, what it paid back to the firm `refund`.
    """
    vouchers = {each.pk: each.code for each in chain.vouchers}
    bills = {each.pk: each.code for each in chain.bills}
    claims = {each.pk: each.code for each in chain.claims}
    contracts = {each.subscription_id: each.subscription for each in chain.bills}
    yield {"station": "chain", "number": chain.number, "is_cut": chain.is_cut}
    yield from _granted(chain)
    for contract in contracts.values():
        yield _line("order", contract.code, order=contract.reference,
                    offering=contract.offering.code, starts_at=contract.starts_at)  # fmt: skip
    for used in chain.used:
        yield _line("usage", contracts[used.subscription_id].code, month=used.month,
                    meter=used.meter, quantity=used.quantity, events=used.events)  # fmt: skip
    for bill in chain.bills:
        yield _line("bill", bill.code, month=bill.month, status=bill.status,
                    subscription=bill.subscription.code, enterprise=bill.enterprise.code,
                    total_fen=bill.total_fen, voucher_fen=bill.voucher_fen,
                    own_fen=bill.own_fen)  # fmt: skip
    for line in chain.lines:
        yield _line("bill_line", line.bill.code, kind=line.kind, origin=line.origin,
                    meter=line.meter, quantity=line.quantity, amount_fen=line.amount_fen,
                    price_yuan=str(line.rate.price_yuan), per_units=line.rate.per_units)  # fmt: skip
    for paid in chain.paid:
        yield _line("refund" if paid.is_refund else "redemption", str(paid.transfer_id),
                    voucher=vouchers[paid.voucher_id], bill=bills[paid.bill_id],
                    amount_fen=paid.amount_fen, claim=claims.get(paid.claim_id or 0, ""))  # fmt: skip
    yield from _settled(chain)
    yield from _looked_into(chain)


def _granted(chain: Chain) -> Iterator[dict[str, Any]]:
    """Applications with the rules that were applied, decisions, vouchers."""
    numbers = {each.pk: each.code for each in chain.applications}
    for application in chain.applications:
        yield _line("application", application.code, scheme=application.scheme.code,
                    enterprise=application.enterprise.code, status=application.status,
                    submitted_at=application.submitted_at, granted_fen=application.granted_fen,
                    assessment=application.assessment)  # fmt: skip
    for review in chain.reviews:
        yield _line("decision", numbers[review.application_id], id=review.pk, stage=review.stage,
                    outcome=review.outcome, reason=review.reason, remark=review.remark,
                    decided_at=review.decided_at, decided_by=review.decided_by.code,
                    superseded_at=review.superseded_at)  # fmt: skip
    for voucher in chain.vouchers:
        yield _line("voucher", voucher.code, application=numbers.get(voucher.application_id, ""),
                    face_fen=voucher.face_fen, account=voucher.account_id,
                    share=f"{voucher.share_numerator}/{voucher.share_denominator}",
                    issued_at=voucher.issued_at, expires_at=voucher.expires_at)  # fmt: skip


def _settled(chain: Chain) -> Iterator[dict[str, Any]]:
    batches = {each.pk: each.code for each in chain.settlements}
    for claim in chain.claims:
        yield _line("claim", claim.code, scheme=claim.scheme.code, provider=claim.provider.code,
                    enterprise=claim.enterprise.code if claim.enterprise else "",
                    month=claim.month, status=claim.status, amount_fen=claim.amount_fen,
                    invoice_number=claim.invoice_number,
                    invoice_sha256=claim.invoice_file.sha256 if claim.invoice_file else "",
                    settlement=batches.get(claim.settlement_id or 0, ""))  # fmt: skip
    for batch in chain.settlements:
        yield _line("settlement", batch.code, status=batch.status, total_fen=batch.total_fen,
                    content_sha256=batch.content_sha256)  # fmt: skip
    for signature in chain.signatures:
        yield _line("signature", signature.settlement.code, position=signature.position,
                    signed_by=signature.signed_by.code, signed_at=signature.signed_at,
                    content_sha256=signature.content_sha256)  # fmt: skip
    for payment in chain.payments:
        yield _line("payment", payment.settlement.code, payee=payment.payee_code,
                    amount_fen=payment.amount_fen, status=payment.status,
                    transfer=str(payment.transfer_id or ""))  # fmt: skip


def _looked_into(chain: Chain) -> Iterator[dict[str, Any]]:
    """Cases with their entries and conclusions."""
    entries = CaseEntry.objects.filter(case__in=chain.cases).light().select_related("case")
    for case in chain.cases:
        yield _line("case", case.code, question=case.question, status=case.status,
                    opened_at=case.opened_at, closed_at=case.closed_at)  # fmt: skip
    for entry in entries:
        yield _line("case_entry", entry.case.code, number=entry.number, kind=entry.kind,
                    party=entry.party.code if entry.party else "", text=entry.text,
                    file_sha256=entry.file.sha256 if entry.file else "",
                    written_at=entry.written_at)  # fmt: skip
    yield from _concluded(chain.cases)
    for recovery in chain.recoveries:
        yield _line("recovery", recovery.case.code, amount_fen=recovery.amount_fen,
                    clawed_fen=recovery.clawed_fen, due_fen=recovery.due_fen,
                    debtor=recovery.debtor.code)  # fmt: skip


def _concluded(cases: list[Case]) -> Iterator[dict[str, Any]]:
    for case in cases:
        for each in case.conclusions.all():
            yield _line("conclusion", case.code, number=each.number, outcome=each.outcome,
                        text=each.text, recover_fen=each.recover_fen,
                        content_sha256=each.content_sha256)  # fmt: skip


def _line(station: str, code: str, **values: Any) -> dict[str, Any]:
    plain = {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in values.items()
    }
    return {"station": station, "code": code, **plain}
