"""What long use changed in the order of matches, in words."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marketplace.matching.models import Match

LEAST_FIRMS = 3
"""Of fewer firms no figures are told: they could be told apart."""


@dataclass(frozen=True, slots=True)
class Moved:
    """The ranks without and with what firms found, and why; `is_moved` when they differ."""

    words: str
    why: str
    is_moved: bool


def moved(match: Match) -> Moved | None:
    """What use changed for a ranked match; None for an excluded one."""
    use = match.reasons.get("use") or {}
    if match.rank is None or not use:
        return None
    rank, before = match.rank, use["rank_unused"]
    if before is None:
        words = _(
            "Without what firms found it would not be among the first; with it place %(rank)s."
        )
    elif before == rank:
        words = _("Place %(rank)s, with and without what firms found in long use.")
    else:
        words = _("Without what firms found in long use place %(before)s; with it place %(rank)s.")
    return Moved(words % {"rank": rank, "before": before}, _why(use), before != rank)


def _why(use: dict[str, int | str]) -> str:
    """The figures of the least proven part; every chain stands by it."""
    firms, name = int(use["firms"]), {"name": use["name"]}
    if not firms and not use["measured"]:
        return (
            _("Nobody has rated “%(name)s” after long use yet, so it stands in the middle.") % name
        )
    if firms < LEAST_FIRMS:
        told = _("Fewer than three firms have rated “%(name)s” after long use.") % name
        return f"{told} {_prior()}"
    tenths = 10 * int(use["stars"]) // firms
    told = ngettext(
        "“%(name)s” decides: %(firms)s firm with 30 days of use gave %(mean)s of 5, %(reached)s "
        "reached what was promised.",
        "“%(name)s” decides: %(firms)s firms with 30 days of use gave %(mean)s of 5 on average, "
        "%(reached)s reached what was promised.",
        firms,
    ) % {**name, "firms": firms, "mean": f"{tenths // 10}.{tenths % 10}", "reached": use["reached"]}
    return " ".join([told, *_cost(use), _prior()])


def _cost(use: dict[str, int | str]) -> list[str]:
    promised = int(use["promised_fen"])
    if int(use["measured"]) < LEAST_FIRMS or not promised:
        return []
    percent = (200 * int(use["billed_fen"]) + promised) // (2 * promised)
    return [_("Real cost was %(percent)s%% of what was promised.") % {"percent": percent}]


def _prior() -> str:
    return _("Few firms move little: ten made-up ones in the middle are counted with them.")
