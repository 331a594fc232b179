"""Small parts of a page: icons, tags, amounts, moments.

`{% load ui %}` also brings the blocks of `ui_blocks` and the form parts of `ui_forms`.
"""

import re
from datetime import date, datetime
from typing import Any

from django import template
from django.db import models
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from common import display, statuses
from common.templatetags import ui_blocks, ui_forms
from common.templatetags.ui_icon import icon

register = template.Library()
for library in (ui_blocks.register, ui_forms.register):
    register.tags.update(library.tags)
    register.filters.update(library.filters)
register.simple_tag(icon)


@register.simple_tag
def html_lang() -> str:
    """`<html lang="{% html_lang %}">`: the BCP 47 tag of the page's language."""
    return "zh-Hans" if (get_language() or "zh-hans").startswith("zh") else str(get_language())


@register.simple_tag
def tag(text: object, tone: str = "neutral", icon_name: str = "circle") -> SafeString:
    """`{% tag _("Late") "warn" "clock" %}`: a free tag of text, icon and color."""
    return format_html(
        '<span class="tag tone-{}">{}<span>{}</span></span>',
        tone,
        icon(icon_name),
        text,
    )


@register.simple_tag
def status_tag(subject: Any, field_name: str = "status") -> SafeString:
    """`{% status_tag application %}`, `{% status_tag bill "stage" %}` or a TextChoices member.

    The look comes from `common.statuses.register`; the words are the choice's label.
    """
    if isinstance(subject, models.Choices):
        look = statuses.look_of(type(subject), subject.value)
        return tag(subject.label, look.tone, look.icon)
    model: type[models.Model] = type(subject)
    choices = statuses.choices_of(model, field_name)
    look = statuses.look_of(choices, getattr(subject, field_name))
    return tag(getattr(subject, f"get_{field_name}_display")(), look.tone, look.icon)


@register.simple_tag
def money(fen: int | None) -> SafeString | str:
    """`{% money bill.amount_fen %}` → ¥1,234.56; a dash for None."""
    if fen is None:
        return "—"
    return format_html('<span class="number">{}</span>', display.money_text(fen))


@register.simple_tag
def money_wan(fen: int | None) -> SafeString | str:
    """`{% money_wan scheme.budget_fen %}` → 123.45 万元, the exact figure on hover."""
    if fen is None:
        return "—"
    text, exact = display.money_wan_text(fen), display.money_text(fen)
    if text == exact:
        return money(fen)
    return format_html('<span class="number money" title="{}">{}</span>', exact, text)


@register.simple_tag
def digits(value: int) -> str:
    """A whole number in groups of three."""
    return display.grouped(value)


@register.simple_tag
def quantity(value: int | None, unit: str) -> SafeString | str:
    """`{% quantity rollup.quantity "input_tokens" %}` → 123.45 万 Token, exact on hover."""
    if value is None:
        return "—"
    amount = display.quantity(value, unit)
    return format_html(
        '<span class="number quantity" title="{}">{} <span class="amount-unit">{}</span></span>',
        amount.exact,
        amount.text,
        amount.unit,
    )


@register.simple_tag
def dt(value: datetime | date | None, style: str = "minute") -> SafeString | str:
    """`{% dt order.created_at %}`, `{% dt scheme.ends_on "day" %}`: a <time> in local time."""
    if value is None:
        return "—"
    return format_html(
        '<time class="number" datetime="{}">{}</time>',
        value.isoformat(),
        display.moment_text(value, style),
    )


@register.simple_tag
def days_left(until: date | datetime | None, today: date) -> SafeString | str:
    """`{% days_left voucher.expires_on today %}`: a countdown tag, warm under 14 days."""
    if until is None:
        return "—"
    day = until.date() if isinstance(until, datetime) else until
    days = (day - today).days
    if days < 0:
        return tag(_("Past"), "neutral", "clock-pause")
    words = ngettext("%(days)d day left", "%(days)d days left", days) % {"days": days}
    if days < 3:
        return tag(words, "bad", "clock-exclamation")
    return tag(words, "warn" if days < 14 else "neutral", "clock")


@register.simple_tag
def code(value: object) -> SafeString:
    """`{% code voucher.public_id %}`: an id in equal-width letters."""
    return format_html('<span class="code">{}</span>', value)


@register.simple_tag
def long_code(value: object) -> SafeString:
    """`{% long_code batch.content_sha256 %}`: a hash or UUID that may break after each group."""
    groups = ((group,) for group in re.findall(r"[^-]{1,8}-?", str(value)))
    broken = format_html_join(mark_safe("<wbr>"), '<span class="code">{}</span>', groups)
    return format_html('<span title="{}">{}</span>', value, broken)
