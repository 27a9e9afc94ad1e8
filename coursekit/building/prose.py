"""The Markdown of a lecture as HTML: formulas as MathML, code in color, no network needed."""

import base64
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

# Browsers would break the line before the full stop.
_PUNCTUATED = re.compile(r'(<span class="math inline">(?:(?!</span>).)*</span>[.,;:?!)]+)')


class BadProse(ValueError):
    """A formula or picture that cannot be shown, in one sentence."""


@dataclass(frozen=True)
class Part:
    """A stretch of prose as HTML; level 0 means without a heading."""

    level: int
    title: str
    body: str


def parts(markdown: str, folder: Path) -> Iterator[Part]:
    """Prose cut at its headings of level 1 to 3.

    folder: where local pictures are. Raises BadProse for a formula or picture that cannot be shown.
    """
    renderer = _renderer()
    tokens = renderer.parse(markdown)
    _embed(tokens, folder)
    starts = [number for number, token in enumerate(tokens) if _starts_part(token)]
    for start, end in zip([0, *starts], [*starts, len(tokens)], strict=True):
        if start == end:
            continue
        level, title = 0, ""
        if _starts_part(tokens[start]):
            level, title = int(tokens[start].tag[1]), _render(renderer, [tokens[start + 1]])
            start += 3  # opening, text, closing
        yield Part(level, title, _render(renderer, tokens[start:end]))


def to_html(markdown: str, folder: Path) -> str:
    """Prose as HTML, headings and all."""
    renderer = _renderer()
    tokens = renderer.parse(markdown)
    _embed(tokens, folder)
    return _render(renderer, tokens)


def color_code(code: str, language: str = "python") -> str:
    """Code as HTML with pygments' classes.

    >>> color_code("x = 1")
    '<span class="n">x</span> <span class="o">=</span> <span class="mi">1</span>'
    """
    try:
        lexer = get_lexer_by_name(language or "text", stripnl=False)
    except ClassNotFound:
        lexer = get_lexer_by_name("text", stripnl=False)
    return highlight(code, lexer, HtmlFormatter(nowrap=True)).rstrip("\n")


def to_mathml(formula: str, display: bool = False) -> str:
    """A LaTeX formula as MathML, which browsers draw without help.

    Raises BadProse when the formula cannot be read.
    """
    formula = formula.strip()
    try:
        made = convert(formula, display="block" if display else "inline")
    except Exception as problem:  # latex2mathml has many small exceptions without a common one
        reason = f"{type(problem).__name__} {problem}".splitlines()[0].strip()
        raise BadProse(f"the formula {formula!r} cannot be read ({reason})") from problem
    # It passes over what it does not know instead of saying so.
    unknown = re.search(r"\\[A-Za-z]+", made)
    braces = re.sub(r"\\[{}]", "", formula)
    if unknown or braces.count("{") != braces.count("}"):
        reason = unknown[0] if unknown else "unequal numbers of { and }"
        raise BadProse(f"the formula {formula!r} cannot be read ({reason}); rewrite it")
    return made


def _renderer() -> MarkdownIt:
    options = {"html": True, "highlight": lambda code, language, _: color_code(code, language)}
    markdown = MarkdownIt("commonmark", options).enable(["table", "strikethrough"])
    return markdown.use(
        dollarmath_plugin,
        allow_labels=False,
        allow_space=False,
        allow_digits=False,
        double_inline=True,
        renderer=lambda formula, how: to_mathml(formula, how["display_mode"]),
    )


def _render(renderer: MarkdownIt, tokens: list[Token]) -> str:
    made = renderer.renderer.render(tokens, renderer.options, {})
    return _PUNCTUATED.sub(r'<span class="whole">\1</span>', made)


def _starts_part(token: Token) -> bool:
    return token.type == "heading_open" and token.level == 0 and token.tag in ("h1", "h2", "h3")


def _embed(tokens: list[Token], folder: Path) -> None:
    """Make pictures part of the page, and links to lectures links to their slides."""
    for token in tokens:
        _embed(token.children or [], folder)
        if token.type == "image":
            token.attrSet("src", _data_uri(str(token.attrGet("src")), folder))
        if token.type == "link_open":
            address = str(token.attrGet("href"))
            if "://" not in address and address.endswith(".ipynb"):
                token.attrSet("href", address.removesuffix(".ipynb") + ".html")


def _data_uri(address: str, folder: Path) -> str:
    if address.startswith("data:"):
        return address
    path = folder / address
    if "://" in address or not path.is_file():
        raise BadProse(f"the picture {address!r} is not a file beside the notebooks; add it there")
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
