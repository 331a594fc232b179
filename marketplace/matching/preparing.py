"""The readiness check in words: what to do before the first use."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketplace.catalog.models import OperatedBy
from marketplace.matching.models import Match, Need
from marketplace.matching.rules import readiness

WORDS: dict[str, Promise] = {
    "collect_samples": gettext_lazy(
        "Collect two weeks of the data as they arise, and mark fifty right and fifty wrong cases."
    ),
    "start_with_dataset": gettext_lazy(
        "You have no data yet: prefer a bundle with a data set of your industry, and begin to record."
    ),
    "name_one_step": gettext_lazy("Name the one step of work that changes, and who decides on it."),
    "describe_process": gettext_lazy(
        "Write down on one page how the work is done today; without it nothing can be compared."
    ),
    "train_one": gettext_lazy("Let one person take the provider's training before the start."),
    "let_provider_operate": gettext_lazy(
        "You have nobody to run it: choose bundles that the provider operates."
    ),
    "start_small": gettext_lazy(
        "Several things are missing: start with a tenth of the volume for the first month."
    ),
    "start_now": gettext_lazy("Data, process and people are there: you can start at once."),
}


def steps_of(need: Need) -> list[str]:
    """What to do first, by the answers given with the need."""
    return [str(WORDS[step]) for step in readiness.steps(need.readiness)]


def warning_of(need: Need, match: Match) -> str:
    """What the firm's answers say against one bundle; empty when nothing."""
    if match.bundle.operated_by == OperatedBy.ENTERPRISE and readiness.needs_operator(
        need.readiness
    ):
        return _("Your own staff would run it, and you said that there is nobody.")
    return ""
