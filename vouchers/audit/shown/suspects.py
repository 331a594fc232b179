"""Flagged redemptions in the order in which to look at them."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import F, FloatField, Min, QuerySet, Sum, Value
from django.db.models.functions import Cast, Exp, Ln
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from common.display import money_text
from vouchers.audit.models import FlagStatus, Refund, RiskFlag
from vouchers.audit.rules.risks import flags as facts
from vouchers.audit.rules.risks import policy as policies
from vouchers.audit.rules.risks.policy import Policy
from vouchers.billing.models import Bill, Charge, Payer
from vouchers.grants.models import Voucher

TIES: dict[str, str | Promise] = {
    "person": _("Person or firm"),
    "phone": _("Telephone"),
    "address": _("Address"),
    "account": _("Account"),
    "ip": _("IP address"),
}
"""Kinds of ties in words."""


@dataclass(frozen=True, slots=True)
class Titled:
    """A flag with the title of its rule, as lists show it."""

    code: str
    title: str
    is_lead: bool
    row: RiskFlag

    @property
    def status(self) -> str:
        """Where the flag stands."""
        return self.row.status


@dataclass(frozen=True, slots=True)
class Suspect:
    """A redemption with its flags; `points` from 0 to 100 add what they say."""

    bill: Bill
    voucher: Voucher
    paid_fen: int
    points: int
    flags: list[Titled]

    @property
    def first(self) -> Titled:
        """The flag whose page to open: the most telling one."""
        return self.flags[0]


@cache
def policy() -> Policy:
    """The rules that the product ships."""
    return policies.shipped()


def title(rule: str) -> str:
    """What a rule is called, in the language of the page."""
    known = policy().rules.get(rule)
    return known.title.in_language(get_language() or "zh") if known else rule


def reason(flag: RiskFlag) -> str:
    """Why, in the language of the page; the bare values where the rule's words have changed since."""
    values = dict(flag.values)
    if "ties" in values:
        shared = [part.strip() for part in str(values["ties"]).split(",")]
        values["ties"] = ", ".join(str(TIES.get(part, part)) for part in shared)
    stored = facts.Flag(flag.rule, flag.version, "", flag.weight, values)
    known = policy().rules.get(flag.rule)
    if known is not None and known.version == flag.version:
        return policy().words(stored).in_language(get_language() or "zh")
    return ", ".join(f"{name} = {_value(name, value)}" for name, value in flag.values.items())


def _value(name: str, value: Any) -> str:
    return money_text(value) if name.endswith("_fen") and isinstance(value, int) else str(value)


def rule_choices() -> list[tuple[str, str]]:
    """All rules with their titles, as choices of a filter."""
    return [(name, title(name)) for name in policy().rules]


def queue(flags: QuerySet[RiskFlag]) -> Any:
    """The redemptions of these flags, most points first; among equals the bill that vouchers paid most of.

    Points: 100 less what each flag leaves in doubt, as `rules.risks.scan.points` says it.
    """
    doubt = Sum(Ln((Value(100.0) - Cast(F("weight"), FloatField())) / Value(100.0)))
    rows = flags.values("bill_id", "voucher_id", "bill__voucher_fen").annotate(
        points=Value(100.0) - Value(100.0) * Exp(doubt), found=Min("found_at")
    )
    return rows.order_by("-points", "-bill__voucher_fen", "found", "bill_id", "voucher_id")


def suspects(rows: Sequence[dict[str, Any]], flags: QuerySet[RiskFlag]) -> list[Suspect]:
    """The rows of one page with their flags, names and amounts. Five queries."""
    pairs = [(row["bill_id"], row["voucher_id"]) for row in rows]
    bill_ids, voucher_ids = {bill for bill, _v in pairs}, {voucher for _b, voucher in pairs}
    bills = Bill.objects.with_names().in_bulk(bill_ids)
    vouchers = Voucher.objects.select_related("scheme").in_bulk(voucher_ids)
    paid = paid_fen(bill_ids)
    own: dict[tuple[int, int], list[Titled]] = defaultdict(list)
    for flag in flags.filter(bill__in=bill_ids).order_by("-weight", "pk"):
        shown = Titled(flag.code, title(flag.rule), flag.is_lead, flag)
        own[flag.bill_id, flag.voucher_id].append(shown)
    return [
        Suspect(
            bills[row["bill_id"]],
            vouchers[row["voucher_id"]],
            paid.get(pair, 0),
            round(row["points"]),
            own[pair],
        )
        for row, pair in zip(rows, pairs, strict=True)
    ]


def paid_fen(bill_ids: set[int]) -> dict[tuple[int, int], int]:
    """What each voucher paid of these bills, or paid back. Two queries."""
    rows = Charge.objects.standing().filter(bill__in=bill_ids, payer=Payer.VOUCHER)
    sums = rows.values_list("bill_id", "voucher_id").annotate(fen=Sum("amount_fen")).order_by()
    back = Refund.objects.posted().filter(bill__in=bill_ids)
    return {
        (bill, voucher): fen
        for bill, voucher, fen in [*sums, *back.values_list("bill_id", "voucher_id", "amount_fen")]
    }


def asked_for(actor: Actor, *, status: str, rule: str) -> QuerySet[RiskFlag]:
    """The own bureau's flags of a status (open ones unless asked otherwise) and a rule, if any."""
    rows = RiskFlag.objects.visible_to(actor)
    if status in FlagStatus.values:
        rows = rows.filter(status=status)
    if rule:
        rows = rows.filter(rule=rule)
    return rows


def percents(low: float, high: float) -> str:
    """An interval of shares in percent, to one place."""
    return f"{low * 100:.1f} % – {high * 100:.1f} %"
