"""A scheme that pays after the fact: a firm claims back, its providers confirm, one claim turns out wrong in part."""

from collections.abc import Callable
from datetime import date, timedelta

from accounts.models import Role
from marketplace.demo import paperwork
from marketplace.demo.cast import Team
from marketplace.demo.days import Calendar, moment
from vouchers.audit.actions import (
    case_entries,
    cases,
    claims,
    conclusions,
    debts,
    payees,
    refund_answers,
    refunds,
)
from vouchers.audit.models import CaseOutcome, Claim, ClaimStatus, EntryKind, Recovery, Refund

SECOND_AUDITOR, THIRD_AUDITOR = f"{Role.AUDITOR}2", f"{Role.AUDITOR}3"
FIRM = 1
"""The firm that also gets a voucher of the scheme that pays after the fact."""

SERIAL = 900
"""Invoices and accounts of firms are counted from here, those of providers below."""


def claim_back(
    *, firm: Team, seller: Callable[[int], Team], month: date, day: date, confirmed: bool
) -> list[Claim]:
    """Pre-fill and send the firm's claims of a month; those that the providers confirmed, if they have."""
    owner = firm[Role.SIGNATORY]
    payees.state(
        by=owner, bank_name="甘肃银行庆阳分行营业部",
        account_number=paperwork.account_number(SERIAL), at=moment(day, 8),
    )  # fmt: skip
    sent = []
    for offset, draft in enumerate(refunds.prefill(by=owner, month=month, at=moment(day, 9))):
        number = paperwork.invoice_number(month, SERIAL + offset)
        made = claims.submit(
            by=owner, claim=draft, invoice_number=number, invoice_fen=draft.amount_fen,
            invoice_file=paperwork.invoice_file(draft, number), at=moment(day, 10),
        )  # fmt: skip
        if confirmed:
            clerk = seller(made.provider.organization_id)[Role.PROVIDER_FINANCE]
            sent.append(refund_answers.confirm(by=clerk, claim=made, at=moment(day, 15)))
    return sent


def owe(*, firm: Team, bureau: Team, calendar: Calendar) -> Recovery | None:
    """A case takes a fifth of one refund back; it is a debt, of which the firm has paid half."""
    day = calendar.today - timedelta(days=24)
    paid = Refund.objects.filter(
        claim__enterprise=firm.organization, claim__status=ClaimStatus.PAID
    )
    line = paid.select_related("bill", "voucher").order_by("-amount_fen", "pk").first()
    if line is None:
        return None
    second, third = bureau[SECOND_AUDITOR], bureau[THIRD_AUDITOR]
    case = cases.open_by_hand(
        by=second, subject=f"{line.bill.code}/{line.voucher.code}",
        question="后补助的账单中是否含有与申报用途无关的用量", at=moment(day, 9),
    )  # fmt: skip
    cases.take(by=second, case=case, version=case.version, at=moment(day, 9, 10))
    case_entries.ask(
        by=second, case=case, party=firm.organization, at=moment(day, 9, 30),
        text="请说明本月账单中夜间批处理用量的用途。", until=day + timedelta(days=10),
    )  # fmt: skip
    case_entries.answer(
        by=firm[Role.SIGNATORY], case=case, at=moment(day + timedelta(days=2), 11),
        text="其中约五分之一用于我公司网站素材制作，不属于申报的外观检测。",
    )  # fmt: skip
    case_entries.note(
        by=second, case=case, kind=EntryKind.FINDING, at=moment(day + timedelta(days=3), 9),
        text="企业自认约五分之一的用量与申报用途不符，应予追回相应后补助。",
    )  # fmt: skip
    drafted = conclusions.write(
        by=second, case=case, at=moment(day + timedelta(days=3), 10),
        draft=conclusions.Draft(
            outcome=CaseOutcome.RECOVERY, text="五分之一的用量与申报用途不符，追回相应后补助。",
            recover_fen=line.amount_fen // 5, debtor=firm.organization,
        ),
    )  # fmt: skip
    for hour, signer in ((11, second), (15, third)):
        conclusions.sign(
            by=signer, case=case, content_sha256=drafted.content_sha256,
            at=moment(day + timedelta(days=3), hour),
        )  # fmt: skip
    return _pay_half(Recovery.objects.get(case=case), bureau, day + timedelta(days=12))


def _pay_half(debt: Recovery, bureau: Team, day: date) -> Recovery:
    officer = bureau[Role.SETTLEMENT_OFFICER]
    debts.state_account(
        by=officer, holder=bureau.organization.name, bank_name="甘肃银行庆阳分行",
        account_number=paperwork.account_number(SERIAL + 1), at=moment(day, 8),
    )  # fmt: skip
    debts.record(
        by=officer, recovery=debt, amount_fen=debt.due_fen // 2, reference="DEMO-REPAID-1",
        received_on=day, at=moment(day, 16),
    )  # fmt: skip
    return debt
