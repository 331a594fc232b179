"""Caps and pools: limits on what all that share a key may claim or redeem together."""

import hashlib
from dataclasses import dataclass

from vouchers.grants.rules import days, parts, refusals
from vouchers.grants.rules.parts import Documents
from vouchers.grants.rules.provenance import ORIGIN_KEYS, Origin, choice, origin
from vouchers.grants.rules.reading import Reader, nearest
from vouchers.grants.rules.scope import AMOUNTS, WORDED, Expression, Known, Predicate, Scope
from vouchers.grants.rules.wording import Words

APPLICANT = "applicant"
TIMES = ("year", "half_year", "quarter", "month")
COUNTERS = ("claimed", "redeemed")
DATES = ("usage", "redemption")
LONGEST_KEY = 96
_OWN_KEYS = frozenset({APPLICANT, "lifetime", "scheme", *TIMES})


@dataclass(frozen=True, slots=True)
class Cap:
    """A limit on what was claimed or redeemed together by all that share its key.

    Without `per` it limits each single decision. `is_count` counts decisions instead of amounts. `shared` names an
    umbrella over several schemes. With `is_net` what a voucher gives back at its end is free again.

    A cap on what is redeemed goes by the day that `dated` names: of the month that was used, or of the payment.
    Without `per` it limits what one voucher pays of one bill.
    """

    id: str
    title: Words
    limit: Expression
    per: tuple[str, ...]
    counts: str
    only_if: Predicate | None
    shared: str
    is_net: bool
    dated: str
    refusal: str
    origin: Origin

    @property
    def asked_keys(self) -> tuple[str, ...]:
        """Facts that the key is made of, other than the applicant and the day."""
        return tuple(name for name in self.per if name not in _OWN_KEYS)

    @property
    def is_count(self) -> bool:
        """Tell whether decisions are counted."""
        return self.limit.type not in AMOUNTS

    @property
    def is_redeemed(self) -> bool:
        """Tell whether it counts what vouchers pay of bills, not what was granted."""
        return self.counts == "redeemed"

    @property
    def is_kept(self) -> bool:
        """Tell whether something is remembered from one decision to the next."""
        return bool(self.per)

    def key(self, known: Known, *, scheme: str, office: str) -> str | None:
        """The key of the account that holds this cap; None when a part of it is not known.

        Versions of a scheme share its caps: `scheme` is the short name. `office` keeps umbrellas of two bureaus apart.
        """
        values = []
        for name in self.per:
            if name in TIMES:
                day = known.get("day")
                values.append(None if day is None else days.label_of(day, name))
            elif name not in {"lifetime", "scheme"}:
                values.append(known.get(name))
        if None in values:
            return None
        home = self._home(scheme, office)
        text = "/".join([home, *(str(each) for each in values)])
        if len(text) <= LONGEST_KEY and text.isascii():
            return text
        return f"{home[:48]}/{hashlib.sha256(text.encode()).hexdigest()[:40]}"

    def holds(self, key: str, *, scheme: str, office: str) -> bool:
        """Tell whether a key is one of this cap's, whatever it is kept by."""
        home = self._home(scheme, office)
        return key == home or key.startswith((f"{home}/", f"{home[:48]}/"))

    def _home(self, scheme: str, office: str) -> str:
        """An umbrella over claims and one over redemptions are two accounts, though they have one name."""
        if not self.shared:
            return f"{scheme}/{self.id}"
        return f"{office}:{self.shared}{':redeemed' if self.is_redeemed else ''}"


def caps(read: Reader, scope: Scope, known: Documents) -> tuple[Cap, ...]:
    """The caps, in the order in which they are written."""
    keys = (
        "id", "title", "limit", "per", "counts", "only_if", "shared", "net", "dated",
        "refuse", *ORIGIN_KEYS,
    )  # fmt: skip
    found = tuple(_cap(row, scope, known) for row in read.each("caps", keys))
    parts.require_different(read, "caps", [cap.id for cap in found])
    return found


def _cap(read: Reader, scope: Scope, known: Documents) -> Cap:
    raw = read.raw("limit")
    kind = "" if isinstance(raw, dict) else scope.unit
    limit = scope.value(read.at("limit"), raw, kind)
    if limit.type not in {scope.unit, "integer", "number"}:
        read.fault("limit", "wrong_type", f"{limit.type} → {scope.unit}")
    per = read.raw("per") or []
    if not isinstance(per, list) or not all(isinstance(name, str) for name in per):
        read.fault("per", "not_a_list")
        per = []
    for index, name in enumerate(per):
        if name not in _keys(scope):
            read.fault(f"per/{index}", "unknown_key", nearest(name, _keys(scope)))
    refusal = read.raw("refuse") or "cap_reached"
    if refusal not in refusals.REFUSALS:
        read.fault("refuse", "unknown_refusal", nearest(str(refusal), refusals.REFUSALS))
    shared = read.raw("shared") or ""
    if shared and not (isinstance(shared, str) and parts.NAME.fullmatch(shared)):
        read.fault("shared", "not_a_name")
    counts = choice(COUNTERS)(scope, read.at("counts"), read.raw("counts") or "claimed") or ""
    if counts == "redeemed" and limit.type in {"integer", "number"}:
        read.fault("limit", "redeems_no_count")
    if counts != "redeemed" and read.raw("dated"):
        read.fault("dated", "not_redeemed")
    return Cap(
        id=parts.id_of(read),
        title=parts.title_of(read, scope, None),
        limit=limit,
        per=tuple(per),
        counts=counts,
        only_if=parts.only_if(read, scope),
        shared=str(shared),
        is_net=_is_net(read, per),
        dated=choice(DATES)(scope, read.at("dated"), read.raw("dated") or "usage") or "",
        refusal=str(refusal),
        origin=origin(read, scope, known),
    )


def _is_net(read: Reader, per: list[str]) -> bool:
    """Whether what is given back is free again: only where something is kept, and only in the counter of claims."""
    net = read.raw("net")
    if net not in (None, True, False):
        read.fault("net", "not_a_flag")
    if net and (not per or read.raw("counts") == "redeemed"):
        read.fault("net", "nothing_kept")
    return net is True


def _keys(scope: Scope) -> list[str]:
    worded = [name for name, fact in scope.facts.items() if fact.type in WORDED | {"date", "integer"}]  # fmt: skip
    return [APPLICANT, *TIMES, "lifetime", "scheme", *worded]
