"""A burn-down as pages and files tell it: stages, days, forecast in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.display import grouped, moment_text, money_text
from common.money import yuan_text
from vouchers.audit.actions.burndowns import STAGES, BurnDown
from vouchers.audit.rules.forecasts import Forecast, Reason
from vouchers.grants import wording
from vouchers.grants.rules import saying
from vouchers.grants.rules import wording as rule_words

SHOWN_DAYS = 60
LABELS: dict[str, Promise] = {
    "appropriated": gettext_lazy("Appropriated"),
    "issued": gettext_lazy("Issued"),
    "held": gettext_lazy("Held"),
    "redeemed": gettext_lazy("Redeemed"),
    "claimed": gettext_lazy("Claimed"),
    "settled": gettext_lazy("Settled"),
    "paid": gettext_lazy("Paid out"),
}
COLUMNS = ("day", *(f"{name}_yuan" for name in STAGES))


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage with its amount and its part of what was appropriated, in percent with one decimal, rounded down."""

    label: str | Promise
    fen: int
    part: str


def stages(burn: BurnDown) -> list[Stage]:
    """From appropriated to paid."""
    whole = burn.now["appropriated"]
    return [Stage(LABELS[name], burn.now[name], _part(burn.now[name], whole)) for name in STAGES]


def _part(fen: int, whole_fen: int) -> str:
    """Percent in words; what is there is never told as nothing."""
    tenths = fen * 1_000 // whole_fen if whole_fen else 0
    return "<0.1%" if fen > 0 and not tenths else f"{grouped(Decimal(tenths) / 10, 1)}%"


def daily(burn: BurnDown, today: date) -> list[tuple[date, list[tuple[str, str]]]]:
    """Each of the last days with text and plotted yuan of each stage; days without a change repeat the day before."""
    if not burn.days:
        return []
    begins = max(burn.days[0][0], today - timedelta(days=SHOWN_DAYS - 1))
    sums = dict.fromkeys(STAGES, 0)
    waiting = list(burn.days)
    found = []
    for number in range((today - begins).days + 1):
        day = begins + timedelta(days=number)
        while waiting and waiting[0][0] <= day:
            sums = waiting.pop(0)[1]
        found.append((day, [(money_text(sums[name]), yuan_text(sums[name])) for name in STAGES]))
    return found


def table(burn: BurnDown) -> list[list[str]]:
    """All days on which anything changed, for files: plain decimal yuan."""
    return [
        [day.isoformat(), *(yuan_text(sums[name]) for name in STAGES)] for day, sums in burn.days
    ]


def forecast_text(found: Forecast) -> str:
    """The day with its bounds, or why there is none."""
    if found.reason == Reason.FORECAST and found.runs_out and found.earliest:
        said = {
            "day": moment_text(found.runs_out),
            "early": moment_text(found.earliest),
            "late": moment_text(found.latest) if found.latest else _("open"),
        }
        return _("%(day)s (between %(early)s and %(late)s)") % said
    return str(_WHY[found.reason])


def basis_text(found: Forecast) -> str:
    """What the forecast was reckoned from; empty without one."""
    if found.reason not in {Reason.FORECAST, Reason.TOO_FAR}:
        return ""
    return _("%(spent)s in the last %(weeks)s weeks; %(left)s are left.") % {
        "spent": money_text(found.spent_fen),
        "weeks": found.weeks,
        "left": money_text(found.left_fen),
    }


_WHY = {
    Reason.EXHAUSTED: gettext_lazy("Nothing is left."),
    Reason.TOO_YOUNG: gettext_lazy("No forecast: there are no four complete weeks yet."),
    Reason.STANDS_STILL: gettext_lazy("No forecast: nothing was spent in the last weeks."),
    Reason.TOO_FAR: gettext_lazy("Not within ten years at this rate."),
    Reason.FORECAST: gettext_lazy("Forecast"),
}


@dataclass(frozen=True, slots=True)
class LevelRow:
    """One level of government with its share and its part of each stage."""

    level: str
    part: str
    cells: Sequence[tuple[str | Promise, int]]


def levels(burn: BurnDown) -> list[LevelRow]:
    """The levels that fund the scheme; empty where its rules name none."""
    return [
        LevelRow(
            wording.said(saying.one(each.level)),
            rule_words.share(each.part),
            [(LABELS[name], each.fen[name]) for name in STAGES],
        )
        for each in burn.shares
    ]
