"""Import of facilities, offerings, prices and capacity from a file; each row answers for itself."""

from collections.abc import Hashable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.access import Actor
from accounts.permissions import Permission
from common.errors import DomainError
from providers.actions import sheets
from providers.rules import tables
from providers.rules.tables import CellFault, Row, TableFault

Outcome = Literal["changed", "unchanged", "refused"]

TABLE_WORDS: dict[TableFault, Promise] = {
    "table_empty": gettext_lazy("The file has no rows. Fill in the template and choose it again."),
    "table_too_large": gettext_lazy("The file is too large. Send at most 10 MB; split it."),
    "table_unreadable": gettext_lazy(
        "This is neither CSV nor an XLSX workbook. Save the table in one of these forms."
    ),
    "table_locked": gettext_lazy(
        "The workbook is protected by a password or of an old kind. Save it as XLSX without one."
    ),
    "table_merged_cells": gettext_lazy("Some cells are merged. Separate them, then send again."),
    "table_too_long": gettext_lazy("The file has more than %(detail)s rows. Split it."),
    "table_columns": gettext_lazy(
        "The first row has to name the columns of the template. Look at: %(detail)s."
    ),
}
CELL_WORDS: dict[CellFault, Promise] = {
    "cell_formula": gettext_lazy("%(column)s: a formula. Enter its value itself."),
    "cell_shortened": gettext_lazy(
        "%(column)s: the spreadsheet shortened a long number. Format the column as text and enter "
        "it again."
    ),
}


class FileNotTaken(DomainError):
    """The file as a whole is not taken; the message says why."""

    code = "file_not_taken"

    def __init__(self, error: tables.BadTable) -> None:
        message = TABLE_WORDS[error.fault] % {"detail": error.detail}
        super().__init__(message, errors={"file": message})


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a row: `about` names what it concerns; `code` and `message` say why not."""

    number: int
    outcome: Outcome
    about: str = ""
    code: str = ""
    message: str = ""


def run(
    *, by: Actor, subject: str, content: bytes, dry_run: bool = False, at: datetime
) -> list[Answer]:
    """Take a file's rows, each (or each price list) in its own transaction; in the file's order.

    What is there already is unchanged, so the same file again changes nothing. A dry run answers
    the same and keeps nothing. Raises FileNotTaken, registrations.NotRegistered.
    """
    by.require(Permission.PROVIDER_MANAGE)
    made = sheets.SUBJECTS[subject](by, at)
    try:
        rows = tables.read(content, made.names(), made.required())
    except tables.BadTable as error:
        raise FileNotTaken(error) from error
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        groups.setdefault(made.group_of(row), []).append(row)
    with transaction.atomic() if dry_run else nullcontext():
        answers = [answer for group in groups.values() for answer in _answers(made, group)]
        if dry_run:
            transaction.set_rollback(True)
    return sorted(answers, key=lambda answer: answer.number)


def _answers(subject: sheets.Subject, rows: Sequence[Row]) -> list[Answer]:
    spoiled = [row for row in rows if row.faults]
    if spoiled:
        return [_spoiled(row) if row.faults else _with_its_list(row) for row in rows]
    try:
        with transaction.atomic():
            about, is_changed = subject.take(rows)
    except DomainError as error:
        words = [f"{name}: {each}" for name, each in error.errors.items()]
        if str(error.message) not in map(str, error.errors.values()):
            words.insert(0, str(error.message))
        message = " ".join(words)
        return [Answer(row.number, "refused", "", error.code, message) for row in rows]
    outcome: Outcome = "changed" if is_changed else "unchanged"
    return [Answer(row.number, outcome, about) for row in rows]


def _spoiled(row: Row) -> Answer:
    words = (CELL_WORDS[fault] % {"column": name} for name, fault in row.faults.items())
    return Answer(row.number, "refused", "", next(iter(row.faults.values())), " ".join(words))


def _with_its_list(row: Row) -> Answer:
    message = _("Another row of the same price list is refused.")
    return Answer(row.number, "refused", "", "price_list_incomplete", message)
