"""One icon out of the sprite that the front-end build makes."""

import json
from functools import cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_vite.core.asset_loader import DjangoViteAssetLoader

LIST = Path(__file__).resolve().parents[2] / "frontend" / "icons.json"
SPRITE = "src/icons.svg"


@cache
def known() -> frozenset[str]:
    """Names of the icons in the sprite."""
    return frozenset(json.loads(LIST.read_text(encoding="utf-8")))


def icon(name: str, label: str = "") -> SafeString:
    """`{% icon "check" %}`: decorative; with a label it speaks: `{% icon "x" label=_("No") %}`.

    Raises KeyError for a name that frontend/icons.json does not list.
    """
    if name not in known():
        raise KeyError(f"icon {name!r} is not listed in frontend/icons.json")
    sprite = DjangoViteAssetLoader.instance().generate_vite_asset_url(SPRITE)
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>',
            label,
            sprite,
            name,
        )
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>',
        sprite,
        name,
    )
