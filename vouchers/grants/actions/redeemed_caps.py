"""Caps on what is redeemed: which hold for a voucher's payment, under which key and with which limit."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from vouchers.grants.actions import assessments
from vouchers.grants.models import Scheme, Voucher
from vouchers.grants.rules.amounts import cap_line
from vouchers.grants.rules.caps import APPLICANT, Cap
from vouchers.grants.rules.schemes import SchemeRules, from_json
from vouchers.ledger.actions import caps


@dataclass(frozen=True, slots=True)
class Bound:
    """One cap that holds for a payment; `key` names its ledger account, "" what one voucher pays of one bill.

    What is not known leaves nothing: its limit is zero.
    """

    cap: Cap
    key: str
    limit_fen: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How a cap stands that holds for a voucher; `used_fen` is None where it limits each bill by itself."""

    cap: Cap
    limit_fen: int
    used_fen: int | None

    @property
    def is_used_up(self) -> bool:
        """Tell whether it leaves nothing."""
        return self.limit_fen <= (self.used_fen or 0)


@dataclass(frozen=True, slots=True)
class Terms:
    """What the caps of a voucher's scheme ask: the facts of its decision, which never change."""

    scheme: Scheme
    caps: tuple[Cap, ...]
    known: Mapping[str, Any]

    def bounds(self, *, used_on: date, paid_on: date) -> tuple[Bound, ...]:
        """The caps that hold for a payment; `used_on` is a day of the bill's month. Keys may repeat."""
        found = []
        for cap in self.caps:
            day = used_on if cap.dated == "usage" else paid_on
            if cap.origin.is_in_force(day):
                bound = self._bound(cap, {**self.known, "day": day})
                if bound is not None:
                    found.append(bound)
        return tuple(found)

    def _bound(self, cap: Cap, known: Mapping[str, Any]) -> Bound | None:
        """None for a cap that does not apply."""
        line = cap_line(cap, known, {}, stage="redeemed")
        if line is None:
            return Bound(cap, "", 0)
        if not line.is_applied:
            return None
        if not cap.is_kept:
            return Bound(cap, "", line.limit_fen)
        key = assessments.key_of(self.scheme, cap, known)
        return Bound(cap, key or "", line.limit_fen if key else 0)


def has_any(rules: SchemeRules) -> bool:
    """Tell whether a scheme caps what is redeemed."""
    return any(cap.is_redeemed for cap in rules.caps)


def terms(*, vouchers: Collection[int]) -> dict[int, Terms]:
    """The terms of those vouchers, by primary key. One query."""
    rows = Voucher.objects.filter(pk__in=vouchers).select_related(
        "scheme", "application", "enterprise"
    )
    compiled: dict[int, SchemeRules] = {}
    found = {}
    for voucher in rows:
        rules = compiled.get(voucher.scheme_id)
        if rules is None:
            rules = compiled[voucher.scheme_id] = from_json(voucher.scheme.rules)
        redeemed = tuple(cap for cap in rules.caps if cap.is_redeemed)
        found[voucher.pk] = Terms(voucher.scheme, redeemed, _known(voucher, rules))
    return found


def standing(*, voucher: Voucher, day: date) -> list[Standing]:
    """The caps that hold for what the voucher pays on a day. No query where its scheme has none, else three."""
    if not has_any(from_json(voucher.scheme.rules)):
        return []
    bounds = terms(vouchers=[voucher.pk])[voucher.pk].bounds(used_on=day, paid_on=day)
    gone = caps.used(keys=[bound.key for bound in bounds if bound.key])
    return [Standing(bound.cap, bound.limit_fen, gone.get(bound.key)) for bound in bounds]


def _known(voucher: Voucher, rules: SchemeRules) -> dict[str, Any]:
    record = voucher.application.assessment or {}
    return {
        **assessments.recorded_facts(rules, record.get("facts", {})),
        **assessments.recorded(record),
        APPLICANT: voucher.enterprise.code,
        "kind": voucher.kind,
        "planned_spend": voucher.application.planned_spend_fen,
    }
