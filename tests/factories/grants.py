"""Dull schemes, applications and vouchers, funded through the ledger."""

import itertools
from datetime import date, timedelta
from typing import Any

from accounts.models import Organization
from common.codes import new_code
from tests.factories import accounts, plans
from tests.factories.accounts import NOW
from vouchers.grants.models import (
    Application,
    ApplicationStatus,
    Scheme,
    SchemeStatus,
    Voucher,
    VoucherKind,
)
from vouchers.ledger.actions import accounts as ledger_accounts
from vouchers.ledger.actions import transfers
from vouchers.ledger.kinds import AccountKind

_numbers = itertools.count(1)

RULES: dict[str, Any] = plans.QINGYANG
"""Rules of a dull scheme: 30 percent, at least 5,000 yuan, 2,000,000 a year, a notice of 7 days."""


def scheme(office: Organization | None = None, **values: Any) -> Scheme:
    """A published compute scheme with a budget of one million yuan on the ledger."""
    bureau = office or accounts.bureau()
    by = accounts.officer(bureau).user
    defaults: dict[str, Any] = {
        "code": new_code("SC"),
        "slug": f"scheme-{next(_numbers)}",
        "bureau": bureau,
        "name": "算力券测试计划",
        "name_en": "Compute voucher test scheme",
        "voucher_kinds": [VoucherKind.COMPUTE],
        "region": bureau.region,
        "rules": RULES,
        "budget_fen": 100_000_000,
        "opens_on": date(2023, 1, 1),
        "closes_on": date(2030, 12, 31),
        "source": "test",
        "status": SchemeStatus.PUBLISHED,
        "created_at": NOW,
        "created_by": by,
        "published_at": NOW,
        "published_by": accounts.officer(bureau).user,
    }
    made = Scheme.objects.create(**{**defaults, **values})
    if made.status == SchemeStatus.PUBLISHED:
        _move(
            AccountKind.TREASURY, bureau.code, AccountKind.SCHEME_BUDGET, made.code, made.budget_fen
        )
    return made


def application(
    enterprise: Organization | None = None, plan: Scheme | None = None, **values: Any
) -> Application:
    """A submitted application of a small manufacturer for 10,000 yuan of planned spend."""
    firm = enterprise or accounts.organization()
    preparer, signatory = accounts.preparer(firm).user, accounts.signatory(firm).user
    defaults: dict[str, Any] = {
        "code": new_code("AP"),
        "scheme": plan or scheme(),
        "enterprise": firm,
        "kind": VoucherKind.COMPUTE,
        "planned_spend_fen": 1_000_000,
        "purpose": "质检图片识别",
        "status": ApplicationStatus.SUBMITTED,
        "created_at": NOW,
        "created_by": preparer,
        "prepared_at": NOW,
        "prepared_by": preparer,
        "submitted_at": NOW,
        "submitted_by": signatory,
    }
    if values.get("granted_fen"):
        defaults["assessment"] = {"share": "3/10", "mode": "pre_issue"}
    return Application.objects.create(**{**defaults, **values})


def voucher(
    enterprise: Organization | None = None,
    plan: Scheme | None = None,
    face_fen: int = 300_000,
    **values: Any,
) -> Voucher:
    """An issued compute voucher paying 30 percent, funded from its scheme's budget."""
    asked = application(enterprise, plan, status=ApplicationStatus.ISSUED, granted_fen=face_fen)
    code = values.pop("code", None) or new_code("VC")
    account = ledger_accounts.get_or_open(kind=AccountKind.VOUCHER, key=code)
    defaults: dict[str, Any] = {
        "code": code,
        "application": asked,
        "scheme": asked.scheme,
        "enterprise": asked.enterprise,
        "kind": asked.kind,
        "account_id": account.pk,
        "face_fen": face_fen,
        "share_numerator": 3,
        "share_denominator": 10,
        "issued_at": NOW - timedelta(days=1500),
        "issued_by": asked.scheme.published_by,
        "expires_at": NOW + timedelta(days=365),
    }
    made = Voucher.objects.create(**{**defaults, **values})
    _move(AccountKind.SCHEME_BUDGET, asked.scheme.code, AccountKind.VOUCHER, code, face_fen)
    return made


def funds(enterprise: Organization, amount_fen: int) -> None:
    """Prepaid money of an enterprise."""
    _move(AccountKind.BANK, "test", AccountKind.ENTERPRISE_FUNDS, enterprise.code, amount_fen)


def _move(
    from_kind: AccountKind, from_key: str, to_kind: AccountKind, to_key: str, fen: int
) -> None:
    reference = f"factory-{next(_numbers)}"
    entry = transfers.Entry(
        id=transfers.derive_id("factory", reference, to_key),
        debit=ledger_accounts.get_or_open(kind=from_kind, key=from_key).pk,
        credit=ledger_accounts.get_or_open(kind=to_kind, key=to_key).pk,
        amount_fen=fen,
        reason="factory",
        reference=reference,
    )
    transfers.post(entries=[entry], at=NOW)
