"""How the preview of a round is laid out: each applicant's line, and what is left of each cap."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.statuses import Tone
from vouchers.grants import wording
from vouchers.grants.actions.rounds import Line, Preview
from vouchers.grants.models import Application
from vouchers.grants.rules import saying
from vouchers.grants.rules.answers import CapLine

LOOKS: dict[str, tuple[Tone, str]] = {
    "yes": ("good", "circle-check"),
    "no": ("bad", "circle-x"),
    "perhaps": ("warn", "user-question"),
}


@dataclass(frozen=True, slots=True)
class CapStand:
    """A cap as it would stand after the round, in words."""

    title: str
    limit: str
    used: str
    left: str


@dataclass(frozen=True, slots=True)
class RoundLine:
    """What one applicant would get, why not more, and what is left of the caps of its own."""

    number: int
    application: Application
    verdict: str
    tone: Tone
    icon: str
    amount: str
    why: str
    left: str


def lines(found: Preview) -> list[RoundLine]:
    """One line for each application, in the order in which they were handed in."""
    return [_line(number, each) for number, each in enumerate(found.lines, 1)]


def caps(found: Preview) -> list[CapStand]:
    """The caps that several applicants share."""
    return [
        CapStand(
            wording.said(cap.title),
            _amount(cap, cap.limit_fen),
            _amount(cap, cap.used_fen),
            _amount(cap, cap.left_fen),
        )
        for cap in found.shared
    ]


def _line(number: int, line: Line) -> RoundLine:
    words = {"yes": _("Yes"), "no": _("No"), "perhaps": _("Perhaps: a person must look")}
    answer = line.answer
    tone, icon = LOOKS[answer.verdict]
    return RoundLine(
        number=number,
        application=line.application,
        verdict=words[answer.verdict],
        tone=tone,
        icon=icon,
        amount=wording.said(saying.value(answer.unit, answer.amount_fen)),
        why=_why(line),
        left=_amount(line.own, line.own.left_fen) if line.own else "—",
    )


def _why(line: Line) -> str:
    if line.answer.refusals:
        return " ".join(wording.refusal(code) for code in line.answer.refusals)
    if line.binding is None:
        return ""
    return _("Limited by: %(cap)s") % {"cap": wording.said(line.binding.title)}


def _amount(cap: CapLine, value: int) -> str:
    return str(value) if cap.is_count else wording.said(saying.value(cap.unit, value))
