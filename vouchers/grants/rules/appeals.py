"""How long a decision of an administrative body may be contested."""

from dataclasses import dataclass
from datetime import date, timedelta

from common.periods import add_months

RECONSIDERATION_DAYS = 60
"""行政复议法（2023年修订）第二十条: within sixty days of learning of the act."""

LAWSUIT_MONTHS = 6
"""行政诉讼法第四十六条: within six months of learning of the act."""


@dataclass(frozen=True, slots=True)
class Appeal:
    """The last days of both ways, for somebody who learned of the decision on its own day."""

    reconsideration_until: date
    lawsuit_until: date


def appeal_against(decided_on: date) -> Appeal:
    """The last days, from the day after the decision was known."""
    return Appeal(
        decided_on + timedelta(days=RECONSIDERATION_DAYS), add_months(decided_on, LAWSUIT_MONTHS)
    )
