"""Rounds in words: refusals and reasons in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.display import money_text
from marketplace.matching.rules.rounds import BadRound
from marketplace.matching.rules.rounds_repair import FloorOutOfReach

GROUPS = {
    "sections": gettext_lazy("Sections served"),
    "micro": gettext_lazy("Share of micro firms"),
    "manufacturing": gettext_lazy("Share of manufacturing"),
}


def refusal(error: Exception) -> str | Promise:
    """Why no plan was found, and what to do."""
    if isinstance(error, FloorOutOfReach):
        return _(
            "No plan was found that reaches “%(floor)s”: %(reached)s of %(wanted)s."
            " Lower this floor or offer more places or money, in a new round."
        ) % {"floor": GROUPS[error.floor], "reached": error.reached, "wanted": error.wanted}
    if isinstance(error, BadRound) and error.code == "no_needs":
        return _("No firm of your region has an open need. Start the round again later.")
    if isinstance(error, BadRound) and error.code == "too_few_sections":
        reached, _separator, wanted = error.subject.partition(" of ")
        return _(
            "The needs come from %(reached)s sections; the floor asks for %(wanted)s."
            " Lower the floor in a new round."
        ) % {"reached": reached, "wanted": wanted}
    return _("The solver found no plan (%(reason)s). Prepare a new round.") % {
        "reason": str(error)[:150]
    }


def missed_lines(rows: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> list[str]:
    """For each bundle the need would have liked better: what stood in the way, and by how much."""
    return [_missed(row, names) for row in rows]


def _missed(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    name = names.get(row["bundle"], row["bundle"])
    if row["block"] == "places":
        if row["least"] < 0:
            return _("%(bundle)s has no place.") % {"bundle": name}
        return _(
            "%(bundle)s is full: its places went to needs for which the plan gains more (least"
            " %(least)s points; this one %(value)s)."
        ) % {"bundle": name, "least": f"{row['least']:,}", "value": f"{row['value']:,}"}
    if row["block"] == "money":
        return _("%(bundle)s: %(amount)s of the budget of %(scheme)s is missing.") % {
            "bundle": name,
            "amount": money_text(row["short"]),
            "scheme": names.get(row["scheme"], row["scheme"]),
        }
    return _("%(bundle)s: the exchange would break a floor or cost the plan points.") % {
        "bundle": name
    }
