"""One statement in the form asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import OrganizationKind
from common.errors import Forbidden
from vouchers.billing.exports import focus, paper, scope, sheets
from vouchers.billing.models import Bill

FORMS: Final = ("pdf", "xlsx", "csv", "focus")


@dataclass(frozen=True, slots=True)
class File:
    """A finished file; kept by nobody."""

    name: str
    content_type: str
    content: bytes

    def response(self) -> HttpResponse:
        """The file as a download."""
        headers = {
            "Content-Disposition": content_disposition_header(True, self.name) or "attachment",
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }
        return HttpResponse(self.content, content_type=self.content_type, headers=headers)


def of_bill(*, by: Actor, code: str, form: str) -> File:
    """One bill that the actor may see. Raises Http404 for others and unknown forms."""
    found = list(scope.bills_of(by).filter(code=code))
    if not found:
        raise Http404(_("There is no such bill."))
    return _make(found, by, form, found[0].code)


def of_month(*, by: Actor, month: date, form: str) -> File:
    """All bills of a month that the actor may see, none too. Raises Http404 for unknown forms."""
    return _make(list(scope.bills_of(by, month)), by, form, f"{month:%Y-%m}")


def of_bureau_month(*, by: Actor, month: date, form: str) -> File:
    """All bills of a month that the bureau's vouchers paid a part of. Raises Forbidden for others, Http404."""
    if not by.is_kind(OrganizationKind.BUREAU):
        raise Forbidden(_("Only a bureau has this file. Take the month's file of your own bills."))
    return of_month(by=by, month=month, form=form)


def _make(bills: Sequence[Bill], by: Actor, form: str, title: str) -> File:
    reader = scope.Reader(by)
    makers: dict[str, tuple[str, str, Callable[[], bytes]]] = {
        "pdf": ("pdf", "application/pdf", lambda: paper.of_bills(bills, reader, title)),
        "xlsx": (
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            lambda: sheets.as_xlsx(bills, reader),
        ),
        "csv": ("csv", "text/csv; charset=utf-8", lambda: sheets.as_csv(bills, reader)),
        "focus": ("focus.csv", "text/csv; charset=utf-8", lambda: focus.as_csv(bills, reader)),
    }
    if form not in makers:
        raise Http404(_("There is no such file."))
    ending, content_type, make = makers[form]
    return File(f"{title}.{ending}", content_type, make())
