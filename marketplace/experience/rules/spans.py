"""How long a bundle was used before it may be rated."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

LEAST_DAYS = 30
"""Days between the first and the latest day with metered use.

The span counts, not the number of days: a firm that works once a week knows a bundle as well as one
that works daily, and a burst of a few days is a trial whatever its volume.
"""


@dataclass(frozen=True, slots=True)
class Span:
    """Civil days of the first and the latest metered use."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """Days between the two; none on the first day itself."""
        return (self.last - self.first).days

    @property
    def is_long(self) -> bool:
        """Whether the use is long enough to be rated."""
        return self.days >= LEAST_DAYS

    @property
    def rates_from(self) -> date:
        """The day whose use makes it long enough."""
        return self.first + timedelta(days=LEAST_DAYS)


def span_of(days: Iterable[date]) -> Span | None:
    """The span of days on which something was metered; None without any."""
    found = sorted(days)
    return Span(found[0], found[-1]) if found else None
