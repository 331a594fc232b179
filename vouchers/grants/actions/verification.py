"""Public verification of a voucher by its number."""

from dataclasses import dataclass
from datetime import date, datetime

from common.codes import normalize_code
from vouchers.grants.models import Voucher


@dataclass(frozen=True, slots=True)
class Verification:
    """What anybody may know about a voucher: no amounts, and nothing at all about unknown numbers."""

    is_known: bool = False
    is_usable: bool = False
    status: str = ""
    scheme: str = ""
    enterprise: str = ""
    kind: str = ""
    expires_at: datetime | None = None
    last_day: date | None = None


def verify(*, code: str, at: datetime) -> Verification:
    """Look a number up, as typed. A malformed number takes the same path and gets the same answer."""
    voucher = (
        Voucher.objects.filter(code=normalize_code(code)[:16])
        .select_related("scheme", "enterprise")
        .first()
    )
    if voucher is None:
        return Verification()
    return Verification(
        is_known=True,
        is_usable=Voucher.objects.usable_at(at).filter(pk=voucher.pk).exists(),
        status=voucher.status,
        scheme=voucher.scheme.title,
        enterprise=voucher.enterprise.name,
        kind=voucher.kind,
        expires_at=voucher.expires_at,
        last_day=voucher.last_day,
    )
