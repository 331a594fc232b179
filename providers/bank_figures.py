"""The compute bank's balance as pages show it."""

from django.utils.translation import gettext as _

from common.components import Tile
from providers import wording
from providers.actions.bank_deposits import Balance


def tiles_of(balance: Balance) -> list[Tile]:
    """Left, drawn, expired and waiting, in card-hours."""
    return [
        Tile(_("Left to draw"), _hours(balance.left), _("Not transferable, never for sale")),
        Tile(_("Drawn so far"), _hours(balance.drawn), _("Elsewhere, free of charge")),
        Tile(_("Expired hours"), _hours(balance.expired), _("Not drawn within twelve months")),
        Tile(_("Waiting for approval"), _hours(balance.waiting), _("With the keepers")),
    ]


def bar_text(balance: Balance) -> str:
    """What the bar says in words."""
    return _("%(left)s of %(deposited)s deposited are left") % {
        "left": _hours(balance.left),
        "deposited": _hours(balance.deposited),
    }


def _hours(seconds: int) -> str:
    return wording.quantity_text(seconds, "card_seconds")
