"""Widgets in a page without a kernel: slides and exported HTML."""

import html
import json
from pathlib import Path
from typing import Any

from coursekit.widgets.picture import SNAPSHOT_MIME


def widget_html(bundle: dict[str, Any], alt: str | None = None) -> str:
    """One widget as HTML: its snapshot, and the still picture for where no script runs.

    bundle: the output's data as a notebook stores it, with `SNAPSHOT_MIME`, "image/png" (base64)
    and "text/plain"; the latter is the alternative text unless `alt` is given. The page also
    needs `host_script`, once.
    """
    # "</script>" or "<!--" inside the JSON would end the element early.
    snapshot = json.dumps(bundle[SNAPSHOT_MIME]).replace("<", "\\u003c")
    words = html.escape(alt or "".join(bundle["text/plain"]))
    picture = "".join(bundle["image/png"]).strip()
    return (
        f'<div class="ck-embedded"><script type="{SNAPSHOT_MIME}">{snapshot}</script>'
        f'<img data-still alt="{words}" src="data:image/png;base64,{picture}"></div>'
    )


def host_script() -> str:
    """Script element that brings every `widget_html` of a page to life."""
    return f"<script>{Path(__file__).with_name('host.js').read_text('utf-8')}</script>"
