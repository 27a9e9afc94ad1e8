"""Which statements of a cell only name something. Self-contained: the worker runs this file too."""

import ast

DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def defines(statement: ast.stmt) -> bool:
    """Whether a statement only names something: an import, a def, a class, a plain value."""
    if isinstance(statement, DEFINITIONS):
        return True
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
        return False
    if isinstance(statement.value, (ast.Lambda, ast.Name)):
        return True
    try:
        ast.literal_eval(statement.value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
