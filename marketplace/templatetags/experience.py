"""What firms say after long use: `{% load experience %}{% bundle_experience bundle %}`."""

from typing import Any

from django import template

from marketplace.catalog.models import Bundle
from marketplace.experience import sheets

register = template.Library()


@register.inclusion_tag("marketplace/bundle_experience.html")
def bundle_experience(bundle: Bundle) -> dict[str, Any]:
    """Figures and masked words of a bundle. One query."""
    return {"echo": sheets.echo_of(bundle)}
