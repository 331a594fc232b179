"""What enterprises can pay with: usable vouchers in burn-down order, and prepaid money."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any, NamedTuple

from django.db.models import Q
from django.db.models.expressions import RawSQL

from accounts.models import Organization
from vouchers.billing.actions.charging import prices
from vouchers.billing.rules import burndown
from vouchers.grants.actions import redeemed_caps
from vouchers.grants.models import Scheme, Voucher, VoucherStatus
from vouchers.grants.rules import coverage, schemes
from vouchers.ledger.columns import joined, run

LOCK = """
SELECT a.id, a.key, a.kind,
       a.credits_posted_fen - a.debits_posted_fen - a.debits_pending_fen
FROM vouchers_account a
WHERE a.id IN (
    SELECT v.account_id FROM vouchers_voucher v
    WHERE v.enterprise_id = ANY(string_to_array(%(enterprises)s, chr(31))::bigint[])
      AND v.status = 'active' AND v.issued_at <= %(at)s AND v.expires_at > %(since)s AND NOT v.pays_back
    UNION ALL
    SELECT v.account_id FROM vouchers_voucher v
    WHERE v.id = ANY(string_to_array(%(vouchers)s, chr(31))::bigint[])
    UNION ALL
    SELECT f.id FROM vouchers_account f WHERE f.kind = 'enterprise_funds'
      AND f.key = ANY(string_to_array(%(codes)s, chr(31)))
)
ORDER BY a.id
FOR NO KEY UPDATE OF a
"""
FUNDS = "enterprise_funds"


class Means(NamedTuple):
    """A voucher as the split sees it; `means` without what is left on it."""

    key: int
    code: str
    account: int
    scheme: int
    scheme_code: str
    kind: str
    share: Fraction
    rounding: str
    is_active: bool
    issued_at: datetime
    expires_at: datetime

    def is_usable(self, moment: datetime) -> bool:
        """Tell whether it may pay what is used at the moment."""
        return self.is_active and self.issued_at <= moment < self.expires_at


@dataclass(slots=True)
class Purses:
    """Locked balances by account, and each enterprise's vouchers in burn-down order."""

    balances_fen: dict[int, int]
    funds: Mapping[str, int]
    vouchers: Mapping[int, Sequence[Means]]
    by_key: Mapping[int, Means]
    _rules: Mapping[int, schemes.SchemeRules]
    _covers: dict[tuple[int, str, int, tuple[str, ...]], bool] = field(default_factory=dict)

    def caps_redemptions(self, voucher: int) -> bool:
        """Tell whether the scheme of a voucher, by primary key, caps what is redeemed."""
        found = self.by_key.get(voucher)
        return found is not None and redeemed_caps.has_any(self._rules[found.scheme])

    def covering(
        self, enterprise: int, offering: int, sold: prices.Sold, meters: tuple[str, ...]
    ) -> list[Means]:
        """Those of an enterprise's vouchers that cover an offering, in their order."""
        found = []
        for each in self.vouchers.get(enterprise, ()):
            asked = each.scheme, each.kind, offering, meters
            answer = self._covers.get(asked)
            if answer is None:
                answer = self._covers[asked] = covers(
                    self._rules[each.scheme], each.kind, sold, meters
                )
            if answer:
                found.append(each)
        return found


def locked(
    *,
    enterprises: Mapping[int, str],
    vouchers: Collection[int],
    since: datetime,
    at: datetime,
) -> Purses:
    """Lock the accounts that may pay, in primary-key order, then read the vouchers behind the lock.

    Those usable at some moment from `since` to `at`, and those named by primary key whatever their
    state. A voucher may have been frozen before the lock was had, so it is read after. Three queries.
    """
    given: dict[str, str | datetime] = {
        "enterprises": joined(enterprises),
        "codes": joined(enterprises.values()),
        "vouchers": joined(vouchers),
        "since": since,
        "at": at,
    }
    rows = run(LOCK, given)
    balances = {pk: fen for pk, _, _, fen in rows}
    usable = Q(
        enterprise__in=_each(enterprises),
        status=VoucherStatus.ACTIVE,
        issued_at__lte=at,
        expires_at__gt=since,
        pays_back=False,
    )
    found = (
        Voucher.objects.filter(usable | Q(pk__in=_each(vouchers)) if vouchers else usable)
        .in_burn_down_order()
        .values_list(
            "enterprise_id", "pk", "code", "account_id", "scheme_id", "kind", "share_numerator",
            "share_denominator", "status", "issued_at", "expires_at",
        )
    )  # fmt: skip
    vouchers_found = run(*found.query.sql_with_params())
    return _purses(
        balances, {key: pk for pk, key, kind, _ in rows if kind == FUNDS}, vouchers_found
    )


def _each(keys: Collection[int]) -> RawSQL:
    """Many primary keys as one parameter, so that the text of a statement does not depend on their number."""
    return RawSQL("SELECT unnest(string_to_array(%s, chr(31))::bigint[])", [joined(keys)])


def _purses(balances: dict[int, int], funds: Mapping[str, int], rows: Sequence[Any]) -> Purses:
    plans = Scheme.objects.in_bulk({row[4] for row in rows})
    rules = {pk: schemes.from_json(plan.rules) for pk, plan in plans.items()}
    shares: dict[tuple[int, int], Fraction] = {}
    owned: dict[int, list[Means]] = defaultdict(list)
    by_key = {}
    for enterprise, pk, code, account, scheme, kind, over, under, status, issued, expires in rows:
        if account not in balances:
            continue  # issued after the lock: the next tick sees it
        share = shares.get((over, under)) or shares.setdefault((over, under), Fraction(over, under))
        each = Means(
            pk, code, account, scheme, plans[scheme].code, kind, share,
            rules[scheme].rounding.value, status == VoucherStatus.ACTIVE, issued, expires,
        )  # fmt: skip
        owned[enterprise].append(each)
        by_key[pk] = each
    return Purses(balances, funds, owned, by_key, rules)


def covers(rules: schemes.SchemeRules, kind: str, sold: prices.Sold, meters: Sequence[str]) -> bool:
    """Tell whether a scheme's voucher of that kind may pay for the offering.

    `meters` are all that the offering bills: coverage does not change with what is used.
    """
    return coverage.covers(
        rules,
        voucher_kind=kind,
        layer=sold.layer,
        meters=meters,
        region=sold.region,
        provider_code=sold.provider_code,
        has_domestic_chip=sold.has_domestic_chip,
    )


def usable(*, enterprise: Organization, at: datetime) -> list[Voucher]:
    """The enterprise's usable vouchers with scheme and account, in burn-down order. One query."""
    return list(
        Voucher.objects.usable_at(at)
        .paying_bills()
        .filter(enterprise=enterprise)
        .select_related("scheme", "account")
        .in_burn_down_order()
    )


def means_of(voucher: Voucher, available_fen: int) -> burndown.VoucherMeans:
    """What the pure split needs to know of a voucher."""
    return burndown.VoucherMeans(
        key=voucher.pk,
        share=Fraction(voucher.share_numerator, voucher.share_denominator),
        rounding=schemes.from_json(voucher.scheme.rules).rounding.value,
        available_fen=available_fen,
    )
