"""Names of scenarios and needs in the reader's language: `{% load scenarios %}`."""

from django import template

from marketplace.matching import wording

register = template.Library()
register.simple_tag(wording.scenario_name, name="scenario_name")
register.simple_tag(wording.scenario_summary, name="scenario_summary")
register.simple_tag(wording.volume_text, name="need_volume")
register.simple_tag(wording.purpose_of, name="need_purpose")
