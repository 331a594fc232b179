"""What an application states, laid out for pages: summary lists by section, and the task list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.wording import region_name
from common.components import Fact, Task
from common.display import money_text
from common.money import parse_yuan
from common.periods import local_day
from common.statuses import Tone
from vouchers.grants import wording
from vouchers.grants.actions import answers
from vouchers.grants.models import Application, VoucherKind
from vouchers.grants.rules import facts as rules
from vouchers.grants.rules import sections
from vouchers.grants.rules.appeals import Appeal, appeal_against

NOT_GIVEN = "—"
LOOKS: Mapping[str, tuple[Tone, str]] = {
    "done": ("good", "circle-check"),
    "started": ("info", "progress"),
    "todo": ("neutral", "circle-dashed"),
    "optional": ("neutral", "circle-dashed"),
    "later": ("neutral", "lock"),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One section with its answers."""

    name: str
    title: str
    rows: list[Fact]
    url: str


def parts(application: Application, *, change: bool = False) -> list[Part]:
    """The answers section by section; with `change` each row leads to its page."""
    values = answers.values_of(application)
    found = []
    for section in answers.sections_of(application.scheme):
        if section.name == sections.EVIDENCE:
            continue
        url = section_url(application, section.name) if change else ""
        rows = [
            Fact(
                wording.said(fact.title),
                value_text(fact, values.get(sections.key(fact))),
                f"{url}#id_{sections.key(fact)}" if url else "",
            )
            for fact in section.facts
            if sections.is_given(values.get(sections.key(fact)))
            or sections.is_required(fact, values)
        ]
        found.append(Part(section.name, str(wording.SECTIONS[section.name]), rows, url))
    return found


def value_text(fact: rules.Fact, value: Any) -> str:
    """A kept value in words."""
    if not sections.is_given(value):
        return NOT_GIVEN
    match fact.type:
        case "money":
            return money_text(value if fact.column else parse_yuan(str(value)))
        case "flag":
            return _("Yes") if value else _("No")
        case "choice" | "choices":
            many = value if isinstance(value, list) else [value]
            return wording.listed([_choice(fact, each) for each in many])
        case "texts":
            return wording.listed(list(value))
        case "region":
            return region_name(value)
        case "records":
            rows = [f"{number}. {_row(fact, row)}" for number, row in enumerate(value, 1)]
            return ("；" if wording.is_chinese() else "; ").join(rows)
        case _:
            return str(value)


def field_value(application: Application, field: str, value: Any) -> str:
    """A value of a remarked field in words; a dash for evidence."""
    known = sections.facts_by_key(answers.sections_of(application.scheme))
    return value_text(known[field], value) if field in known else NOT_GIVEN


def tasks(application: Application) -> list[Task]:
    """The task list of a draft: each section with how far it is, then checking and signing."""
    values = answers.values_of(application)
    kinds = set(application.evidence.values_list("kind", flat=True))
    states = {
        section.name: sections.state(section, values, kinds)
        for section in answers.sections_of(application.scheme)
    }
    lines = [
        _line(str(wording.SECTIONS[name]), state, section_url(application, name))
        for name, state in states.items()
    ]
    is_complete = set(states.values()) <= {"done", "optional"}
    prepared = application.status == "prepared"
    check = "done" if prepared else "todo" if is_complete else "later"
    url = reverse("vouchers:application_check", args=[application.code])
    lines.append(_line(_("Check the answers and hand over"), check, url if is_complete else ""))
    hint = _("A second person with the right to sign does this.")
    sign = "todo" if prepared else "later"
    lines.append(_line(_("Declaration and signature"), sign, "", hint))
    return lines


@dataclass(frozen=True, slots=True)
class Outcome:
    """A refusal: its reason, the officer's remark, the day, and how it can be contested."""

    reason: str
    remark: str
    decided_on: date
    appeal: Appeal


def outcome(application: Application) -> Outcome | None:
    """The refusal of an application; None when it is not refused."""
    if application.status != "rejected":
        return None
    review = application.reviews.filter(outcome="refuse").order_by("-pk").first()
    if review is not None:
        reason, remark, at = review.reason, review.remark, review.decided_at
    else:
        lapsed = application.supplements.filter(lapsed_at__isnull=False).latest("lapsed_at")
        reason, remark, at = "supplement_overdue", "", lapsed.due_at
    day = local_day(at)
    return Outcome(wording.refusal(reason), remark, day, appeal_against(day))


def section_url(application: Application, name: str) -> str:
    """Address of a section's page."""
    if name == sections.EVIDENCE:
        return reverse("vouchers:evidence_list", args=[application.code])
    return reverse("vouchers:application_section", args=[application.code, name])


def _line(label: str, state: str, url: str, hint: str = "") -> Task:
    words = {
        "done": _("Done"),
        "started": _("In progress"),
        "todo": _("Not started"),
        "optional": _("Optional"),
        "later": _("Cannot start yet"),
    }
    tone, icon = LOOKS[state]
    return Task(label, words[state], tone, icon, url, hint)


def _row(fact: rules.Fact, row: Mapping[str, Any]) -> str:
    """One entry of a list: each column that holds something, by its name."""
    cells = [
        f"{wording.said(column.title)} {value_text(column, row[column.name])}"
        for column in fact.fields
        if sections.is_given(row.get(column.name))
    ]
    return wording.listed(cells)


def _choice(fact: rules.Fact, value: str) -> str:
    if fact.column == "kind":
        return str(VoucherKind(value).label)
    words = dict(fact.choices).get(value)
    return wording.said(words) if words else value
