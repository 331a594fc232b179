"""Why a bundle is left out and what to relax, in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.rules import industries
from accounts.wording import language
from common.display import grouped, money_text
from common.money import yuan_text
from marketplace.matching.actions.answers import Step
from marketplace.matching.models import Match, Need
from marketplace.matching.rules import relaxing
from marketplace.matching.rules.limits import RELAXABLE, Exclusion, Limit
from marketplace.matching.wording import meter_name, milliseconds, place_name, units_text

LIMITS = {
    Limit.SECTION: gettext_lazy("Industry"),
    Limit.LISTING: gettext_lazy("For sale"),
    Limit.PROVIDER: gettext_lazy("Verified provider"),
    Limit.LICENSE: gettext_lazy("Valid license"),
    Limit.PRICE: gettext_lazy("Price in force"),
    Limit.REGION: gettext_lazy("Where data may live"),
    Limit.LATENCY: gettext_lazy("Latency"),
    Limit.DOMESTIC_CHIP: gettext_lazy("Domestic chip"),
    Limit.CAPACITY: gettext_lazy("Capacity left"),
    Limit.BUDGET: gettext_lazy("Budget"),
}

PLAIN: Mapping[Limit, Promise] = {
    Limit.LISTING: gettext_lazy("%(offering)s is not for sale at present."),
    Limit.PROVIDER: gettext_lazy("The provider of %(offering)s is not verified."),
    Limit.DOMESTIC_CHIP: gettext_lazy("%(offering)s does not run on domestic chips."),
}
"""Limits about which there is nothing to count."""


@dataclass(frozen=True, slots=True)
class Told:
    """A broken limit in words."""

    limit: Limit
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A limit that excludes bundles; `change` holds form values that would admit one more."""

    limit: Limit
    title: str
    excluded: str
    advice: str
    change: dict[str, str]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An offering that no chain may use, and why."""

    name: str
    provider: str
    reasons: list[Told]


@dataclass(frozen=True, slots=True)
class Nearest:
    """A bundle that several steps together would admit; `change` holds all of them."""

    name: str
    steps: list[str]
    change: dict[str, str]


def exclusions_of(match: Match) -> list[Told]:
    """Which limits a match breaks and by how much."""
    names = {part["offering"]: part["name"] for part in match.reasons["parts"]}
    return [_told(_read(row), names) for row in match.reasons["exclusions"]]


def advice_for(need: Need) -> list[Advice]:
    """What excludes how many, and what to relax, the most helpful first."""
    return [_advice(Step(**{**row, "limit": Limit(row["limit"])})) for row in _steps(need)]


def left_out_of(need: Need) -> list[LeftOut]:
    """Offerings that no chain may use, with the limits they break."""
    return [
        LeftOut(
            row["name"],
            row["provider"],
            [_told(_read(each), {row["offering"]: row["name"]}) for each in row["exclusions"]],
        )
        for row in need.advice.get("loose", ())
    ]


def nearest_of(need: Need, matches: Sequence[Match]) -> Nearest | None:
    """The bundle that needs the fewest limits relaxed together; None when one step is enough."""
    if any(row["to"] for row in _steps(need)):
        return None
    found = relaxing.nearest(_excluded(matches), need.monthly_volume)
    if found is None:
        return None
    code, steps = found
    advice = [_move(row.limit, row.to) for row in steps]
    change = {name: value for _words, values in advice for name, value in values.items()}
    name = next(match.bundle.name for match in matches if match.bundle.code == code)
    return Nearest(name, [words for words, _values in advice], change)


def _excluded(matches: Sequence[Match]) -> dict[str, list[Exclusion]]:
    return {
        match.bundle.code: [_read(row) for row in match.reasons["exclusions"]]
        for match in matches
        if match.rank is None
    }


def _read(row: dict[str, Any]) -> Exclusion:
    return Exclusion(**{**row, "limit": Limit(row["limit"])})


def _told(row: Exclusion, names: dict[str, str]) -> Told:
    name = {"offering": names.get(row.offering, row.offering)}
    told = PLAIN[row.limit] % name if row.limit in PLAIN else TELLERS[row.limit](row, name)
    return Told(row.limit, str(LIMITS[row.limit]), str(told))


def _section(row: Exclusion, name: dict[str, str]) -> str:
    return _("This scenario is made for %(wanted)s; your industry is %(found)s.") % {
        "wanted": _("or").join(_section_name(letter) for letter in str(row.wanted)),
        "found": _section_name(str(row.found)),
    }


def _section_name(letter: str) -> str:
    section = industries.SECTIONS.get(letter)
    if section is None:
        return letter
    return section.name_en if language().startswith("en") else section.name


def _license(row: Exclusion, name: dict[str, str]) -> str:
    return ngettext(
        "The license behind %(offering)s ended on %(found)s, %(days)d day ago.",
        "The license behind %(offering)s ended on %(found)s, %(days)d days ago.",
        row.short,
    ) % {**name, "found": row.found, "days": row.short}


def _price(row: Exclusion, name: dict[str, str]) -> str:
    if not row.offering:
        return _("Nothing in this bundle is sold in the units that your scenario needs.")
    return _("%(offering)s has no price for %(meter)s today.") % {
        **name,
        "meter": meter_name(row.meter),
    }


def _region(row: Exclusion, name: dict[str, str]) -> str:
    wanted = place_name(str(row.wanted))
    if not row.found:
        return _("No location is stated; you asked for %(wanted)s.") % {"wanted": wanted}
    return _("%(offering)s runs in %(found)s; you asked for %(wanted)s.") % {
        **name,
        "found": place_name(str(row.found)),
        "wanted": wanted,
    }


def _latency(row: Exclusion, name: dict[str, str]) -> str:
    wanted = milliseconds(int(row.wanted))
    if not isinstance(row.found, int):
        return _("No latency is stated; you asked for at most %(wanted)s.") % {"wanted": wanted}
    return _("The slowest part takes %(found)s, %(short)s more than the %(wanted)s you allow.") % {
        "found": milliseconds(row.found),
        "short": milliseconds(row.short),
        "wanted": wanted,
    }


def _capacity(row: Exclusion, name: dict[str, str]) -> str:
    return _(
        "%(offering)s has %(found)s (%(meter)s) left in %(month)s; you need %(wanted)s,"
        " %(short)s more."
    ) % {
        **name,
        "meter": meter_name(row.meter),
        "month": row.month[:7],
        "found": units_text(row.meter, int(row.found)),
        "wanted": units_text(row.meter, int(row.wanted)),
        "short": units_text(row.meter, row.short),
    }


def _budget(row: Exclusion, name: dict[str, str]) -> str:
    return _("Your share would be %(found)s a month, %(short)s above the budget of %(wanted)s.") % {
        "found": money_text(int(row.found)),
        "short": money_text(row.short),
        "wanted": money_text(int(row.wanted)),
    }


TELLERS: Mapping[Limit, Callable[[Exclusion, dict[str, str]], str]] = {
    Limit.SECTION: _section,
    Limit.LICENSE: _license,
    Limit.PRICE: _price,
    Limit.REGION: _region,
    Limit.LATENCY: _latency,
    Limit.CAPACITY: _capacity,
    Limit.BUDGET: _budget,
}


def _advice(row: Step) -> Advice:
    excluded = (
        ngettext("excludes %(count)d", "excludes %(count)d", row.excluded) % {"count": row.excluded}
        if row.excluded
        else _("excludes all that remain")
    )
    change: dict[str, str] = {}
    if row.limit not in RELAXABLE:
        text = _("This is up to the provider or the scenario.")
    elif not row.to:
        text = _("Relaxing this alone admits none; other limits exclude these bundles too.")
    else:
        text, change = _move(row.limit, row.to)
    return Advice(row.limit, str(LIMITS[row.limit]), excluded, text, change)


def _steps(need: Need) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = need.advice.get("steps", [])
    return found


def _move(limit: Limit, to: int) -> tuple[str, dict[str, str]]:
    """What to do about a limit, and the form values that do it."""
    if limit == Limit.REGION:
        return _("Let data live anywhere."), {"region": ""}
    if limit == Limit.DOMESTIC_CHIP:
        return _("Do without domestic chips."), {"needs_domestic_chip": ""}
    if not to:
        return _("No smaller step helps; ask the providers."), {}
    if limit == Limit.LATENCY:
        words = _("Allow %(latency)s.") % {"latency": milliseconds(to)}
        return words, {"latency": str(to)}
    if limit == Limit.CAPACITY:
        words = _("Lower the monthly volume to %(volume)s.") % {"volume": grouped(to)}
        return words, {"monthly_volume": str(to)}
    words = _("Raise the monthly budget to %(budget)s.") % {"budget": money_text(to)}
    return words, {"monthly_budget": yuan_text(to)}
