"""Advanced storage center (先进存力中心): storage as a service."""

import dataclasses
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from providers.kinds import base


@dataclasses.dataclass(frozen=True)
class StorageCenter(base.Spec):
    """What can be kept and how fast it moves."""

    kind: ClassVar = "storage_center"
    summary: ClassVar = _("Storage shared by many firms, also for data sets.")
    layers: ClassVar = frozenset({"storage", "dataset"})
    meters: ClassVar = frozenset({"storage_mb_seconds", "transfer_bytes", "calls"})

    storage_gb: int = base.whole(_("Storage"), _("GB"), minimum=1, is_required=True)
    copies: int = base.whole(_("Copies kept"), _("copies"), maximum=10)
    bandwidth_mbps: int = base.whole(_("Line to the city network"), _("Mbps"))

    def bounds(self) -> dict[str, int]:
        """Usable storage; a megabit is 125,000 bytes."""
        return {
            "storage_mb_seconds": self.storage_gb * base.MB_PER_GB,
            "transfer_bytes": self.bandwidth_mbps * base.BYTES_PER_MEGABIT,
        }
