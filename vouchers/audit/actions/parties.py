"""Firms and providers as the rules read them, with whatever ties them to others."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Sum

from accounts.actions import ties as shared
from accounts.models import Organization, OrganizationKind
from providers.models import Provider
from vouchers.audit.models import Refund
from vouchers.audit.rules.risks import facts
from vouchers.billing.models import Bill
from vouchers.grants.models import Application

UNKNOWN_PEOPLE = 10**6
UNKNOWN_FEN = 10**15
"""What is not known makes nobody a shell."""

ANSWERS: Mapping[str, str] = {
    "phone": facts.PHONE,
    "mobile": facts.PHONE,
    "address": facts.ADDRESS,
    "account": facts.ACCOUNT,
    "shareholder": facts.SHAREHOLDER,
}
"""Parts of the names of declared facts that tie: a scheme that asks for a bank account ties by it."""

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})(?!\d)")
_PRIVATE = " \t\n-—()（）"


def read(*, first: date) -> dict[str, facts.Party]:
    """All firms and providers; sales without a voucher count from that month on. Six queries."""
    firms = list(Organization.objects.exclude(kind=OrganizationKind.BUREAU).order_by("pk"))
    numbers = [firm.pk for firm in firms]
    answers = _answers()
    contacts = dict(Provider.objects.values_list("organization_id", "contact"))
    people = shared.people(organization_ids=numbers)
    addresses = shared.sign_in_addresses(organization_ids=numbers)
    income = _sold_without_voucher(first)
    return {
        firm.code: _party(
            firm,
            answers.get(firm.pk, {}),
            {
                *_ties(firm, answers.get(firm.pk, {}), contacts.get(firm.pk, "")),
                *((facts.ACCOUNT, f"user {each}") for each in people.get(firm.pk, ())),
                *((facts.IP, each) for each in addresses.get(firm.pk, ())),
            },
            income.get(firm.pk, 0),
        )
        for firm in firms
    }


def _party(
    firm: Organization, answers: Mapping[str, Any], ties: Iterable[tuple[str, str]], income: int
) -> facts.Party:
    return facts.Party(
        code=firm.code,
        section=firm.section,
        founded_on=_day(answers.get("established_on")),
        insured_people=UNKNOWN_PEOPLE if firm.employees is None else firm.employees,
        revenue_fen=UNKNOWN_FEN if firm.revenue_fen is None else firm.revenue_fen,
        ties=tuple(sorted(ties)),
        other_income_fen=income,
    )


def _ties(
    firm: Organization, answers: Mapping[str, Any], contact: str
) -> Iterator[tuple[str, str]]:
    """The credit code joins a firm with its own registration as a provider, and with those who name it."""
    yield facts.SHAREHOLDER, firm.uscc
    if firm.legal_person:
        yield facts.LEGAL_PERSON, _plain(firm.legal_person)
    for number in _PHONE.findall(_half_width(contact)):
        yield facts.PHONE, _plain(number)
    for name, value in answers.items():
        kind = next((kind for part, kind in ANSWERS.items() if part in name), "")
        for text in _texts(value) if kind else ():
            yield kind, _plain(text)


def _texts(value: Any) -> Iterator[str]:
    """The words of an answer: a text, several, or the cells of a table."""
    if isinstance(value, str) and value.strip():
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _texts(list(each.values()) if isinstance(each, dict) else each)


def _answers() -> dict[int, Mapping[str, Any]]:
    """The newest handed-in application's answers of each enterprise. One query."""
    rows = Application.objects.filter(submitted_at__isnull=False)
    newest = rows.order_by("enterprise_id", "-submitted_at", "-pk").distinct("enterprise_id")
    return dict(newest.values_list("enterprise_id", "answers"))


def _sold_without_voucher(first: date) -> dict[int, int]:
    """Sales of which no voucher paid, or paid back, anything."""
    back = Refund.objects.posted().filter(bill=OuterRef("pk"))
    sold = Bill.objects.filter(~Exists(back), month__gte=first, voucher_fen=0)
    rows = sold.values("provider__organization")
    sums = rows.annotate(fen=Sum(F("own_fen") + F("receivable_fen"))).order_by()
    return {row["provider__organization"]: row["fen"] for row in sums}


def _day(raw: Any) -> date:
    """A civil day as answers spell it; long ago when it is not known."""
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        return date.min


def _half_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _plain(text: str) -> str:
    return "".join(each for each in _half_width(text) if each not in _PRIVATE).upper()
