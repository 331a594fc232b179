"""Offerings by file: new ones become drafts, known ones are compared."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from providers.actions import offerings
from providers.actions.sheets import base
from providers.models import Layer, Offering, OfferingStatus
from providers.rules.tables import Row


class Offerings(base.Subject):
    """A row is an offering; without a code it is known by its name and layer."""

    name: ClassVar = "offerings"
    title: ClassVar = _("Offerings")
    columns: ClassVar = (
        base.Column("code", _("Number; leave it empty for a new one")),
        base.Column("layer", _("Layer"), is_required=True),
        base.Column("facility", _("Number of the facility")),
        base.Column("name", _("Name"), is_required=True),
        base.Column("summary", _("What it does, in one sentence")),
        base.Column("model_name", _("Model")),
        base.Column("has_domestic_chip", _("Runs on domestic chips: yes or no")),
    )

    def __init__(self, by: Actor, at: datetime) -> None:
        super().__init__(by, at)
        rows = self.provider.offerings.select_related("facility").order_by("pk")
        self.own = list(rows)
        self.facilities = {each.code: each for each in self.provider.facilities.all()}

    def take(self, rows: Sequence[Row]) -> tuple[str, bool]:
        """Draft the offering of a row, unless it is there."""
        [row] = rows
        values = self._values(row)
        known = self._known(row, values)
        if known is None:
            made = offerings.create(by=self.by, at=self.at, **values)
            self.own.append(made)
            return made.code, True
        if any(getattr(known, name) != value for name, value in values.items()):
            raise base.RowDiffers(
                _("%(name)s (%(code)s) is there already with other words. Nothing was changed.")
                % {"name": known.name, "code": known.code}
            )
        return known.code, False

    def _known(self, row: Row, values: dict[str, Any]) -> Offering | None:
        code = base.text(row, "code").upper()
        if code:
            return own_offering(self.own, code, "code")
        alike = (
            each
            for each in self.own
            if (each.name, each.layer) == (values["name"], values["layer"])
            and each.status != OfferingStatus.RETIRED
        )
        return next(alike, None)

    def _values(self, row: Row) -> dict[str, Any]:
        place = base.text(row, "facility").upper()
        if place and place not in self.facilities:
            message = _("You have no facility of this number.")
            raise base.BadCell(message, errors={"facility": message})
        chip = base.text(row, "has_domestic_chip").lower()
        return {
            "layer": base.choice(row, "layer", Layer.values),
            "facility": self.facilities[place] if place else None,
            "name": base.text(row, "name", is_required=True, longest=100),
            "summary": base.text(row, "summary"),
            "model_name": base.text(row, "model_name", longest=100),
            "has_domestic_chip": bool(chip)
            and base.choice(row, "has_domestic_chip", ("yes", "no")) == "yes",
        }

    def export(self) -> Iterator[Sequence[object]]:
        """All offerings of the provider that are not retired."""
        for each in self.own:
            if each.status != OfferingStatus.RETIRED:
                yield (
                    each.code,
                    each.layer,
                    each.facility.code if each.facility else "",
                    each.name,
                    each.summary,
                    each.model_name,
                    "yes" if each.has_domestic_chip else "no",
                )


def own_offering(own: Sequence[Offering], code: str, column: str) -> Offering:
    """The provider's offering of that number; BadCell else."""
    found = next((each for each in own if each.code == code), None)
    if found is None:
        message = _("You have no offering of this number.")
        raise base.BadCell(message, errors={column: message})
    return found
