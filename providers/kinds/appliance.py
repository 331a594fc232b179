"""Train-inference appliance (训推一体机): one machine on the customer's premises."""

import dataclasses
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from providers.kinds import base


@dataclasses.dataclass(frozen=True)
class Appliance(base.Spec):
    """Identical machines; figures are for one machine and multiplied by their number."""

    kind: ClassVar = "appliance"
    summary: ClassVar = _("A machine in the park, the company or the production line itself.")
    layers: ClassVar = frozenset({"compute", "storage", "platform", "application"})
    meters: ClassVar = (
        frozenset({"card_seconds", "core_seconds", "storage_mb_seconds"})
        | base.TOKEN_METERS
        | base.ON_TOP
    )

    machines: int = base.whole(_("Machines"), _("machines"), minimum=1, is_required=True)
    machine_model: str = base.words(_("Machine model"))
    cards_per_machine: int = base.whole(
        _("Cards in one machine"), _("cards"), minimum=1, maximum=64, is_required=True
    )
    cores_per_machine: int = base.whole(_("Processor cores in one machine"), _("cores"))
    storage_gb_per_machine: int = base.whole(_("Storage in one machine"), _("GB"))
    memory_gb_per_card: int = base.whole(_("Memory of one card"), _("GB"))
    input_tokens_per_second: int = base.whole(
        _("Input tokens per second of one machine"), _("tokens/s")
    )
    output_tokens_per_second: int = base.whole(
        _("Output tokens per second of one machine"), _("tokens/s")
    )

    def bounds(self) -> dict[str, int]:
        """All machines together."""
        one = {
            "card_seconds": self.cards_per_machine,
            "core_seconds": self.cores_per_machine,
            "storage_mb_seconds": self.storage_gb_per_machine * base.MB_PER_GB,
            **base.token_bounds(self.input_tokens_per_second, self.output_tokens_per_second),
        }
        return {meter: bound * self.machines for meter, bound in one.items()}
