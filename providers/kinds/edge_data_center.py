"""Edge data center (边缘数据中心): cards, cores, storage and lines near the firms of one city."""

import dataclasses
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from providers.kinds import base


@dataclasses.dataclass(frozen=True)
class EdgeDataCenter(base.Spec):
    """What the hall holds; at least one of cards, cores and storage is stated."""

    kind: ClassVar = "edge_data_center"
    summary: ClassVar = _("A small data center near its users, shared by many firms.")
    layers: ClassVar = frozenset(
        {"compute", "storage", "network", "platform", "application", "dataset"}
    )
    meters: ClassVar = (
        frozenset(
            {
                "card_seconds",
                "core_seconds",
                "storage_mb_seconds",
                "transfer_bytes",
                "line_mbps_seconds",
            }
        )
        | base.TOKEN_METERS
        | base.ON_TOP
    )

    cards: int = base.whole(_("Accelerator cards"), _("cards"))
    card_model: str = base.words(_("Card model"), hint=_("For example Ascend 910B."))
    cores: int = base.whole(_("Processor cores"), _("cores"))
    storage_gb: int = base.whole(_("Storage"), _("GB"))
    bandwidth_mbps: int = base.whole(_("Line to the city network"), _("Mbps"))
    racks: int = base.whole(_("Racks"), _("racks"))
    input_tokens_per_second: int = base.whole(
        _("Input tokens per second"), _("tokens/s"), hint=_("The whole facility at full load.")
    )
    output_tokens_per_second: int = base.whole(
        _("Output tokens per second"), _("tokens/s"), hint=_("The whole facility at full load.")
    )

    def problems(self) -> dict[str, base.Text]:
        """A hall without cards, cores and storage supplies nothing."""
        if self.cards or self.cores or self.storage_gb:
            return {}
        return {"cards": _("State at least one of cards, cores and storage.")}

    def bounds(self) -> dict[str, int]:
        """One card delivers one card-second each second; a megabit is 125,000 bytes."""
        return {
            "card_seconds": self.cards,
            "core_seconds": self.cores,
            "storage_mb_seconds": self.storage_gb * base.MB_PER_GB,
            "transfer_bytes": self.bandwidth_mbps * base.BYTES_PER_MEGABIT,
            "line_mbps_seconds": self.bandwidth_mbps,
            **base.token_bounds(self.input_tokens_per_second, self.output_tokens_per_second),
        }
