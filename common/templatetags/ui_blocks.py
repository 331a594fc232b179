"""Larger parts of a page: lists, tables, progress, charts. Loaded through `{% load ui %}`."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.core.paginator import Page
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from common import components, display
from common.templatetags.ui_icon import icon

register = template.Library()
ROOM = "common/components/"


@register.simple_block_tag
def sheet(content: str, title: object = "", level: int = 2) -> SafeString:
    """`{% sheet _("Budget") %}…{% endsheet %}`: a white panel with a heading."""
    head = format_html("<h{0}>{1}</h{0}>", level, title) if title else ""
    return format_html('<section class="sheet">{}{}</section>', head, content)


@register.simple_block_tag
def notice(content: str, tone: str = "info", title: object = "") -> SafeString:
    """`{% notice "warn" _("Closing soon") %}<p>…</p>{% endnotice %}`: one message in the page."""
    name = {"good": "circle-check", "warn": "alert-triangle", "bad": "alert-circle"}
    head = format_html('<p class="notice-title">{}</p>', title) if title else ""
    return format_html(
        '<div class="notice tone-{}">{}<div>{}{}</div></div>',
        tone,
        icon(name.get(tone, "info-circle")),
        head,
        content,
    )


@register.simple_block_tag
def facts(content: str) -> SafeString:
    """`{% facts %}{% fact _("Region") %}…{% endfact %}{% endfacts %}`: a summary list."""
    return format_html('<dl class="facts">{}</dl>', content)


@register.simple_block_tag
def fact(content: str, key: object, url: str = "", action: object = "") -> SafeString:
    """One row of `facts`; with `url` and `action` it ends in a link that names its row."""
    link: str | SafeString = ""
    if url:
        link = format_html(
            '<dd class="fact-action"><a href="{}">{}<span class="spoken"> {}</span></a></dd>',
            url,
            action or _("Change"),
            key,
        )
    return format_html("<div><dt>{}</dt><dd>{}</dd>{}</div>", key, content, link)


@register.inclusion_tag(ROOM + "summary_list.html")
def summary_list(rows: Sequence[components.Fact]) -> dict[str, Any]:
    """`{% summary_list facts %}`: the same from a list of `components.Fact`."""
    return {"rows": rows}


@register.simple_block_tag
def table_box(content: str, caption: object, stacked: bool = False) -> SafeString:
    """`{% table_box _("Bills") %}<thead>…</thead><tbody>…</tbody>{% endtable_box %}`.

    Numbers get class="right". Scrolls inside its own box on a phone, or with stacked=True turns
    each row into a card; then every td carries data-label="{% translate "…" %}".
    """
    return format_html(
        '<div class="table-box{}" role="region" tabindex="0" aria-label="{}">'
        "<table><caption>{}</caption>{}</table></div>",
        " stacked" if stacked else "",
        caption,
        caption,
        content,
    )


@register.inclusion_tag(ROOM + "pager.html", takes_context=True)
def pager(context: Context, page: Page[Any]) -> dict[str, Any]:
    """`{% pager page_obj %}`: numbered pages, keeping the other query parameters."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {
        "page": page,
        "numbers": list(page.paginator.get_elided_page_range(page.number, on_each_side=1)),
        "gap": page.paginator.ELLIPSIS,
        "query": query.urlencode(),
    }


@register.inclusion_tag(ROOM + "empty_state.html")
def empty_state(
    title: object,
    text: object = "",
    icon_name: str = "inbox",
    url: str = "",
    action: object = "",
) -> dict[str, Any]:
    """`{% empty_state _("No bills yet") _("A bill appears…") "receipt" url _("See usage") %}`."""
    return {
        "title": title,
        "text": text,
        "icon": icon_name,
        "url": url,
        "action": action,
    }


@register.inclusion_tag(ROOM + "task_list.html")
def task_list(tasks: Sequence[components.Task]) -> dict[str, Any]:
    """`{% task_list tasks %}`: lines of `components.Task` with their status."""
    return {"tasks": tasks}


@register.inclusion_tag(ROOM + "timeline.html")
def timeline(moments: Sequence[components.Moment]) -> dict[str, Any]:
    """`{% timeline moments %}`: `components.Moment` in order; who has it and until when."""
    return {"moments": moments}


@register.inclusion_tag(ROOM + "stepper.html")
def stepper(steps: Sequence[object], current: int) -> dict[str, Any]:
    """`{% stepper steps 2 %}`: labels of all steps, the current one counted from 1."""
    return {"steps": list(enumerate(steps, start=1)), "current": current}


@register.inclusion_tag(ROOM + "reasons.html")
def reason_list(reasons: Sequence[components.Reason]) -> dict[str, Any]:
    """`{% reason_list reasons %}`: `components.Reason` with met / not met / needs a person."""
    return {"reasons": reasons}


@register.inclusion_tag(ROOM + "tiles.html")
def tiles(items: Sequence[components.Tile]) -> dict[str, Any]:
    """`{% tiles items %}`: headline figures as `components.Tile`."""
    return {"tiles": items}


@register.inclusion_tag(ROOM + "comparison.html")
def comparison(table: components.Comparison) -> dict[str, Any]:
    """`{% comparison table %}`: things side by side, from `components.Comparison`."""
    return {"table": table}


@register.inclusion_tag(ROOM + "progress_bar.html")
def progress_bar(value: int, maximum: int, label: object, text: object = "") -> dict[str, Any]:
    """`{% progress_bar spent total _("Budget used") %}`: a bar whose numbers are also words."""
    share = Decimal(0) if maximum <= 0 else min(Decimal(100), Decimal(value) * 100 / maximum)
    return {
        "value": value,
        "maximum": max(maximum, 1),
        "label": label,
        "text": text or f"{display.grouped(share, 1 if 0 < share < 10 else 0)}%",
    }


@register.inclusion_tag(ROOM + "job_progress.html")
def job_progress(
    done: int,
    total: int,
    label: object,
    url: str,
    *,
    finished: bool = False,
    result_url: str = "",
    failed: bool = False,
    name: str = "job",
) -> dict[str, Any]:
    """`{% job_progress job.done job.total _("Import") url finished=job.is_finished %}`.

    `url` is the page (or fragment) that holds this same tag; htmx picks the part out by its id,
    so two on one page need different names. Without JavaScript the link reloads.
    """
    return {
        "name": name,
        "done": done,
        "total": max(total, 1),
        "words": f"{display.grouped(done)} / {display.grouped(total)}",
        "label": label,
        "url": url,
        "finished": finished,
        "failed": failed,
        "result_url": result_url,
    }


SHARES = ("redeemed", "held", "available", "expired", "revoked")
WIDTH = 1000


@register.inclusion_tag(ROOM + "voucher_bar.html")
def voucher_bar(shares: components.VoucherShares) -> dict[str, Any]:
    """`{% voucher_bar shares %}`: where the face stands, from `components.VoucherShares` (fen)."""
    names = {
        "available": _("Available"),
        "held": _("Held"),
        "redeemed": _("Redeemed"),
        "expired": _("Expired"),
        "revoked": pgettext("voucher", "Revoked"),
    }
    parts, before = [], 0
    for name in SHARES:
        fen = getattr(shares, f"{name}_fen")
        start, end = (at * WIDTH // max(shares.face_fen, 1) for at in (before, before + fen))
        before += fen
        part = {
            "name": name,
            "label": names[name],
            "fen": fen,
            "x": start,
            "width": end - start,
        }
        if fen or name not in ("revoked", "expired"):
            parts.append(part)
    words = ", ".join(f"{part['label']} {display.money_text(part['fen'])}" for part in parts)
    return {"parts": parts, "face_fen": shares.face_fen, "words": words, "width": WIDTH}


@register.simple_block_tag
def chart(
    content: str,
    caption: object,
    kind: str = "bar",
    unit: object = "",
    stacked: bool = False,
    titled: bool = False,
) -> SafeString:
    """`{% chart _("Usage by day") "bar" unit=_("tokens") %}<thead>…<tbody>…{% endchart %}`.

    The content is the table twin: first column the category, every further column one series;
    a td may carry data-value="exact number". Without JavaScript the table is all there is. Where the
    heading above it is the same as its caption, it is `titled`, and the caption is only spoken.
    """
    return render_to_string(
        ROOM + "chart.html",
        {
            "content": content,
            "caption": caption,
            "kind": kind,
            "unit": unit,
            "stacked": stacked,
            "titled": titled,
        },
    )
