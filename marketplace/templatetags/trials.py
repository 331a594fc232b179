"""What can be tried of a bundle: `{% load trials %}{% bundle_trials bundle %}`."""

from typing import Any

from django import template

from marketplace.catalog.models import Bundle
from marketplace.trials import sheets
from marketplace.trials.models import TermsStatus, TrialTerms

register = template.Library()


@register.inclusion_tag("marketplace/bundle_trials.html")
def bundle_trials(bundle: Bundle) -> dict[str, Any]:
    """The parts that can be tried, with their terms. One query."""
    rows = TrialTerms.objects.filter(
        offering__bundles=bundle, status=TermsStatus.OPEN
    ).select_related("offering")
    return {
        "bundle": bundle,
        "rows": [(row.offering.name, sheets.terms_text(row)) for row in rows.order_by("pk")],
    }
