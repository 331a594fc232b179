"""Writes a scheme file as the next version of its scheme."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions import actors
from accounts.models import Organization, OrganizationKind, User
from vouchers.grants import wording
from vouchers.grants.actions import schemes
from vouchers.grants.actions.schemes import SchemeInvalid
from vouchers.grants.models import Scheme
from vouchers.grants.rules import facts, quantities
from vouchers.grants.rules.declared import voucher_kinds
from vouchers.grants.rules.quantities import Fault
from vouchers.grants.rules.schemes import RulesInvalid, SchemeRules, from_json


def load(
    *,
    bureau: str,
    officer: str,
    data: dict[str, Any],
    stated: Mapping[str, str | None],
    at: datetime,
    text: str = "",
) -> Scheme:
    """Write the data of a file for a bureau, by the officer with that email. Raises SchemeInvalid, Forbidden.

    `stated` gives budget (yuan) and the first and last day where the file states none.
    """
    office = Organization.objects.filter(code=bureau, kind=OrganizationKind.BUREAU).first()
    person = User.objects.filter(email=officer).first()
    if office is None or person is None:
        words = _("There is no such bureau, or no such officer. Check the code and the email.")
        raise SchemeInvalid(words, errors={"bureau" if office is None else "officer": words})
    actor = actors.for_member(user=person, organization=office)
    return write(by=actor, data=data, stated=stated, at=at, text=text)


def write(
    *,
    by: Actor,
    data: dict[str, Any],
    stated: Mapping[str, str | None],
    at: datetime,
    text: str = "",
) -> Scheme:
    """Write the data of a file as a draft. Raises SchemeInvalid naming every fault by its path."""
    try:
        rules = from_json(data)
    except RulesInvalid as error:
        faults = {
            fault.path or ".": wording.fault(fault.code, fault.hint) for fault in error.faults
        }
        raise SchemeInvalid(
            _("Some rules of the scheme cannot stand. Correct them."), errors=faults
        ) from error
    first = next(iter(rules.documents.values()))
    return schemes.create(
        by=by,
        slug=rules.id,
        name=rules.name.zh[:100],
        name_en=rules.name.en[:150],
        voucher_kinds=voucher_kinds(rules.kinds.value) if rules.kinds else ["compute"],
        region=rules.region or by.own().region,
        rules=data,
        budget_fen=_budget_fen(rules, stated.get("budget")),
        opens_on=_day(rules, "opens", stated.get("opens")),
        closes_on=_day(rules, "closes", stated.get("closes")),
        text=text,
        source=" ".join(part for part in (first.title, first.url) if part)[:400],
        at=at,
    )


def _budget_fen(rules: SchemeRules, stated: str | None) -> int:
    found = rules.budget.value.run({}) if rules.budget else None
    if stated:
        try:
            found = quantities.fen(stated)
        except Fault as fault:
            raise _missing("budget", fault.code) from fault
    if found is None:
        raise _missing("budget", "missing_budget")
    return int(found)


def _day(rules: SchemeRules, name: str, stated: str | None) -> date:
    if stated:
        try:
            return facts.day(stated)
        except Fault as fault:
            raise _missing(name, fault.code) from fault
    if rules.windows is None:
        raise _missing(name, "missing_window")
    spans = rules.windows.value
    if name == "opens":
        return min(each.opens for each in spans)
    return max(each.closes for each in spans)


def _missing(name: str, code: str) -> SchemeInvalid:
    words = wording.FAULTS[code]
    return SchemeInvalid(words, errors={name: words})
