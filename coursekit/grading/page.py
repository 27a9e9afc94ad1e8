"""The pages that grading writes: one file each, in the reader's light or dark colors."""

from html import escape

_STYLE = (
    ":root{color-scheme:light dark;--text:#202124;--paper:#fff;--soft:#5f6368;--line:#80868b;"
    "--code:#f1f3f4;--bar:#3367d6}"
    "@media(prefers-color-scheme:dark){:root{--text:#e8eaed;--paper:#17181b;--soft:#a8adb3;"
    "--line:#80868b;--code:#26282c;--bar:#8ab4f8}}"
    "body{font-family:system-ui,sans-serif;line-height:1.5;max-width:62em;margin:2em auto;"
    "padding:0 1em;color:var(--text);background:var(--paper)}h1{font-size:1.5em}"
    "th,td{text-align:left;font-weight:normal;vertical-align:top}caption{text-align:left}"
    "footer{color:var(--soft);font-size:.85em;margin-top:3em}"
)


def page(title: str, body: str, style: str = "") -> str:
    """A whole HTML page. body: HTML; style: CSS of this page alone."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}{style}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )
