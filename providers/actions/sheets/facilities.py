"""Facilities by file: new ones are added, known ones compared."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.rules import regions
from providers import kinds
from providers.actions import facilities
from providers.actions.sheets import base
from providers.models import Facility
from providers.rules.tables import Row


def _figures() -> dict[str, kinds.Entry]:
    """The fields of all kinds, each once."""
    found: dict[str, kinds.Entry] = {}
    for kind in kinds.KINDS.values():
        for name, entry in kind.entries().items():
            found.setdefault(name, entry)
    return found


FIGURES = _figures()


class Facilities(base.Subject):
    """A row is a facility; without a code it is known by its name."""

    name: ClassVar = "facilities"
    title: ClassVar = _("Facilities")
    columns: ClassVar = (
        base.Column("code", _("Number; leave it empty for a new one")),
        base.Column("kind", _("Kind of facility"), is_required=True),
        base.Column("name", _("Name"), is_required=True),
        base.Column("region", _("Place, six digits of GB/T 2260"), is_required=True),
        base.Column("latency_ms", _("Latency within the city (ms)"), is_required=True),
        *(base.Column(name, entry.label) for name, entry in FIGURES.items()),
    )

    def __init__(self, by: Actor, at: datetime) -> None:
        super().__init__(by, at)
        own = list(self.provider.facilities.order_by("pk"))
        self.by_code = {facility.code: facility for facility in own}
        self.by_name = {facility.name: facility for facility in reversed(own)}

    def take(self, rows: Sequence[Row]) -> tuple[str, bool]:
        """Add the facility of a row, unless it is there."""
        [row] = rows
        values = self._values(row)
        code = base.text(row, "code").upper()
        known = self.by_code.get(code) if code else self.by_name.get(values["name"])
        if code and known is None:
            message = _("You have no facility of this number. Leave it empty for a new one.")
            raise base.BadCell(message, errors={"code": message})
        if known is not None:
            self._require_same(known, values)
            return known.code, False
        made = facilities.add(by=self.by, at=self.at, **values)
        self.by_code[made.code] = self.by_name[made.name] = made
        return made.code, True

    def _values(self, row: Row) -> dict[str, Any]:
        kind = base.choice(row, "kind", list(kinds.KINDS))
        return {
            "kind": kind,
            "name": base.text(row, "name", is_required=True, longest=100),
            "region": base.text(row, "region", is_required=True, longest=12),
            "latency_us": base.scaled(row, "latency_ms", 1000),
            "spec": {
                name: _figure(row, name, entry)
                for name, entry in FIGURES.items()
                if row.cells.get(name)
            },
        }

    def _require_same(self, known: Facility, values: dict[str, Any]) -> None:
        spec = kinds.get(values["kind"]).parse(values["spec"]).plain()
        stated = values["kind"], values["name"], values["latency_us"], spec
        same = stated == (known.kind, known.name, known.latency_us, known.spec)
        if not same or regions.normalize(values["region"]) != known.region:
            raise base.RowDiffers(
                _("%(name)s (%(code)s) is there already with other figures. Nothing was changed.")
                % {"name": known.name, "code": known.code}
            )

    def export(self) -> Iterator[Sequence[object]]:
        """All facilities of the provider."""
        for facility in self.provider.facilities.order_by("name", "pk"):
            latency = f"{facility.latency_us / 1000:.3f}"
            figures = (facility.spec.get(name, "") for name in FIGURES)
            head = facility.code, facility.kind, facility.name, facility.region, latency
            yield (*head, *figures)


def _figure(row: Row, name: str, entry: kinds.Entry) -> Any:
    if entry.shape == "whole":
        return base.whole(row, name)
    return row.cells[name]
