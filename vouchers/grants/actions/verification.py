"""Public verification of a voucher by what is printed on its certificate."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlencode, urljoin

from django.conf import settings
from django.urls import reverse

from common.codes import ALPHABET, normalize_code
from vouchers.grants.models import Voucher, VoucherStatus

SYMBOLS = 24
"""Of 31 symbols each: 118 bits, in six groups of four."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What the holder's counterpart may know: no balance and no bill, and nothing at all about unknown numbers."""

    is_known: bool = False
    is_usable: bool = False
    status: str = ""
    scheme: str = ""
    enterprise: str = ""
    kind: str = ""
    face_fen: int | None = None
    expires_at: datetime | None = None
    last_day: date | None = None


def number_of(code: str, *, key: str | None = None) -> str:
    """The verification number that belongs to a voucher's number: a keyed digest, so it cannot be guessed."""
    secret = key or settings.VERIFICATION_KEYS[0]
    digest = hmac.digest(secret.encode(), b"voucher\0" + code.encode(), hashlib.sha256)
    value = int.from_bytes(digest, "big")
    symbols = ""
    for _position in range(SYMBOLS):
        value, rest = divmod(value, 31)
        symbols += ALPHABET[rest]
    return "-".join(symbols[start : start + 4] for start in range(0, SYMBOLS, 4))


def address_of(code: str) -> str:
    """The address behind the QR code of a certificate."""
    query = urlencode({"code": code, "number": number_of(code)})
    return urljoin(settings.SITE_URL, f"{reverse('vouchers:voucher_verify')}?{query}")


def verify(*, code: str, number: str, at: datetime) -> Verification:
    """Look a voucher up by both numbers, as typed.

    Whether the number is malformed, unknown, known with a wrong verification number, or right: the same query
    runs, and the digests are computed and compared in constant time, so neither answer nor work tells more.
    """
    wanted = normalize_code(code)[:40]
    given = normalize_code(number)[:40].encode()
    matches = [
        hmac.compare_digest(number_of(wanted, key=key).encode(), given)
        for key in settings.VERIFICATION_KEYS
    ]
    voucher = Voucher.objects.filter(code=wanted).select_related("scheme", "enterprise").first()
    if voucher is None or not any(matches):
        return Verification()
    return Verification(
        is_known=True,
        is_usable=voucher.status == VoucherStatus.ACTIVE
        and not voucher.pays_back
        and voucher.issued_at <= at < voucher.expires_at,
        status=voucher.status,
        scheme=voucher.scheme.title,
        enterprise=voucher.enterprise.name,
        kind=voucher.kind,
        face_fen=voucher.face_fen,
        expires_at=voucher.expires_at,
        last_day=voucher.last_day,
    )
