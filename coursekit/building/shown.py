"""Code as a slide shows it: what the room should read, and no more."""

import ast
import io
import re
import tokenize

LONGEST = 96  # characters of one line


def shown_code(source: str) -> str:
    """Code without alternative texts and predictions, or nothing if it only imports.

    A call that fits into one line without its alternative text becomes one line. A prediction
    would tell the room its answer: `reveal(guess, 28 * 28)`.

    >>> shown_code("show(\\n    [1, 2],\\n    alt='Two bars.',\\n)")
    'show([1, 2])'
    >>> shown_code("guess = None\\nx = 1\\nreveal(guess, x)")
    'x = 1'
    >>> shown_code("import math")
    ''
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic command
        return source
    if all(isinstance(node, ast.Import | ast.ImportFrom) for node in tree.body):
        return ""
    lines = source.splitlines()
    for statement in reversed(tree.body):
        start, end = statement.lineno - 1, statement.end_lineno
        cut = _without_alt(lines, statement)
        simple = not hasattr(statement, "body")
        kept = _joined(cut) if simple and len(cut) < end - start else cut
        lines[start:end] = [] if _is_prediction(statement) else kept
    return "\n".join(lines).strip("\n")


def _is_prediction(statement: ast.stmt) -> bool:
    return ast.unparse(statement).startswith(("guess = None", "reveal(guess, "))


def _without_alt(lines: list[str], statement: ast.stmt) -> list[str]:
    """The statement's lines without those that an argument ``alt`` fills."""
    nodes = (node for node in ast.walk(statement) if isinstance(node, ast.keyword))
    cut = [_own_lines(lines, node) for node in nodes if node.arg == "alt"]
    numbers = range(statement.lineno, statement.end_lineno + 1)
    return [lines[n - 1] for n in numbers if not any(n in gone for gone in cut)]


def _own_lines(lines: list[str], node: ast.keyword) -> range:
    """Numbers of the lines that hold this argument and nothing else."""
    before = lines[node.lineno - 1].encode()[: node.col_offset]
    after = lines[node.end_lineno - 1].encode()[node.end_col_offset :]
    alone = not before.strip() and after.strip() in (b"", b",")
    return range(node.lineno, node.end_lineno + 1) if alone else range(0)


def _joined(lines: list[str]) -> list[str]:
    """The lines as one, if that is short and changes no text and no comment."""
    text = "\n".join(lines)
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    if any(token.type == tokenize.COMMENT or "\n" in token.string.strip("\n") for token in tokens):
        return lines
    flat = " ".join(line.strip() for line in lines)
    flat = re.sub(r"([(\[{]) ", r"\1", flat)
    flat = re.sub(r",? ([)\]}])", r"\1", flat)
    indent = lines[0][: len(lines[0]) - len(lines[0].lstrip())]
    return [indent + flat] if len(indent + flat) <= LONGEST else lines
