"""What can be moved by file: one module for each subject, and the files themselves."""

from providers.actions.sheets.base import Subject
from providers.actions.sheets.capacities import Capacities
from providers.actions.sheets.facilities import Facilities
from providers.actions.sheets.offerings import Offerings
from providers.actions.sheets.prices import Prices

SUBJECTS: dict[str, type[Subject]] = {
    subject.name: subject for subject in (Facilities, Offerings, Prices, Capacities)
}
"""In the order in which a new provider sends them."""

__all__ = ["SUBJECTS", "Subject"]
