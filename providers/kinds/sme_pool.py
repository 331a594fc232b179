"""SME compute pool (中小企业专属算力池): several contributors, one seller."""

import dataclasses
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from providers.kinds import base


@dataclasses.dataclass(frozen=True)
class SmePool(base.Spec):
    """What the contributors put in together; only what is reserved for small firms counts."""

    kind: ClassVar = "sme_pool"
    summary: ClassVar = _("Capacity of several contributors kept for small and medium firms.")
    layers: ClassVar = frozenset({"compute", "storage", "platform", "application"})
    meters: ClassVar = (
        frozenset({"card_seconds", "core_seconds", "storage_mb_seconds"})
        | base.TOKEN_METERS
        | base.ON_TOP
    )

    contributors: int = base.whole(
        _("Contributors"), _("organizations"), minimum=2, maximum=1000, is_required=True
    )
    cards: int = base.whole(_("Accelerator cards"), _("cards"))
    cores: int = base.whole(_("Processor cores"), _("cores"))
    storage_gb: int = base.whole(_("Storage"), _("GB"))
    reserved_percent: int = base.whole(
        _("Share kept for small and medium firms"),
        "%",
        maximum=100,
        hint=_("Leave it empty when the whole pool is kept for them."),
    )
    input_tokens_per_second: int = base.whole(_("Input tokens per second"), _("tokens/s"))
    output_tokens_per_second: int = base.whole(_("Output tokens per second"), _("tokens/s"))

    def problems(self) -> dict[str, base.Text]:
        """A pool without cards, cores and storage supplies nothing."""
        if self.cards or self.cores or self.storage_gb:
            return {}
        return {"cards": _("State at least one of cards, cores and storage.")}

    def bounds(self) -> dict[str, int]:
        """The share kept for small and medium firms, rounded down; all of it when not stated."""
        share = self.reserved_percent or 100
        whole = {
            "card_seconds": self.cards,
            "core_seconds": self.cores,
            "storage_mb_seconds": self.storage_gb * base.MB_PER_GB,
            **base.token_bounds(self.input_tokens_per_second, self.output_tokens_per_second),
        }
        return {meter: bound * share // 100 for meter, bound in whole.items()}
