"""Facility kinds: one slice each, with its figures, meters and physical bounds."""

from providers.kinds.appliance import Appliance
from providers.kinds.base import Entry, InvalidSpec, Spec
from providers.kinds.edge_data_center import EdgeDataCenter
from providers.kinds.idle_capacity import IdleCapacity
from providers.kinds.metro_network import MetroNetwork
from providers.kinds.sme_pool import SmePool
from providers.kinds.storage_center import StorageCenter

KINDS: dict[str, type[Spec]] = {
    slice_.kind: slice_
    for slice_ in (EdgeDataCenter, Appliance, SmePool, IdleCapacity, StorageCenter, MetroNetwork)
}
"""Every kind by its name; a new kind is one module and one entry here."""


def get(kind: str) -> type[Spec]:
    """The slice of a kind; KeyError for a kind that does not exist."""
    return KINDS[kind]


__all__ = ["KINDS", "Entry", "IdleCapacity", "InvalidSpec", "Spec", "get"]
