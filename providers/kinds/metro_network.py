"""Metro network (城域毫秒用算): lines that reach compute within milliseconds."""

import dataclasses
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from providers.kinds import base


@dataclasses.dataclass(frozen=True)
class MetroNetwork(base.Spec):
    """How much it carries and how far a circle of so many milliseconds reaches."""

    kind: ClassVar = "metro_network"
    summary: ClassVar = _("Lines inside the city that reach compute within milliseconds.")
    layers: ClassVar = frozenset({"network"})
    meters: ClassVar = frozenset({"line_mbps_seconds", "transfer_bytes"})

    bandwidth_mbps: int = base.whole(_("Bandwidth"), _("Mbps"), minimum=1, is_required=True)
    circle_ms: int = base.whole(
        _("Latency circle"),
        _("ms"),
        minimum=1,
        maximum=100,
        is_required=True,
        hint=_("There and back between any two points of the network."),
    )

    def bounds(self) -> dict[str, int]:
        """A megabit is 125,000 bytes."""
        return {
            "transfer_bytes": self.bandwidth_mbps * base.BYTES_PER_MEGABIT,
            "line_mbps_seconds": self.bandwidth_mbps,
        }
